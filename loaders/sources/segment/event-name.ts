/** Not before a capital that has no small letter (𝐀): it would still be there the next time. */
const CAMEL_BOUNDARY = /([\p{Ll}\p{N}])(\p{Changes_When_Lowercased})/gu;
const BETWEEN_WORDS = /[^\p{L}\p{M}\p{N}]+/gu;

/**
 * A track event's name in snake_case: "Lesson Completed" (which Segment's spec recommends) and "lessonCompleted" are
 * `lesson_completed`. A name that is in snake_case stays as it is.
 */
export function snakeCaseName(name: string): string {
  return name.replace(CAMEL_BOUNDARY, "$1_$2").replace(BETWEEN_WORDS, " ").trim().replaceAll(" ", "_").toLowerCase();
}
