const CAMEL_BOUNDARY = /([\p{Ll}\p{N}])(\p{Lu})/gu;
const BETWEEN_WORDS = /[^\p{L}\p{N}]+/gu;

/**
 * A track event's name in snake_case: "Lesson Completed" (which Segment's spec recommends) and "lessonCompleted" are
 * `lesson_completed`. A name that is in snake_case stays as it is.
 */
export function snakeCaseName(name: string): string {
  return name.replace(CAMEL_BOUNDARY, "$1_$2").replace(BETWEEN_WORDS, " ").trim().replaceAll(" ", "_").toLowerCase();
}
