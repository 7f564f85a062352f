import fc from "fast-check";
import { expect, it } from "vitest";
import { snakeCaseName } from "./event-name.js";

it.each([
  ["lesson_completed", "lesson_completed"],
  ["Lesson Completed", "lesson_completed"],
  ["lessonCompleted", "lesson_completed"],
  ["LessonCompleted", "lesson_completed"],
  ["LESSON_COMPLETED", "lesson_completed"],
  ["  lesson - completed! ", "lesson_completed"],
  ["ᎠᎡ𝐀", "ꭰꭱ𝐀"],
  ["पाठ पूरा हुआ", "पाठ_पूरा_हुआ"],
  ["İzlendi", "i̇zlendi"],
  ["", ""],
])("%j is %j", (name, expected) => {
  expect(snakeCaseName(name)).toBe(expected);
});

it("leaves what it made as it is", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (name) => {
      expect(snakeCaseName(snakeCaseName(name))).toBe(snakeCaseName(name));
    }),
  );
});
