import { describe, expect, it } from "vitest";
import { looksPersonal, looksWritten } from "./personal-names.js";

describe("looksPersonal", () => {
  it.each(["email", "firstName", "first_name", "Student_Number__c", "contact_phone", "a@b"])("sees %s", (name) => {
    expect(looksPersonal(name)).toBe(true);
  });

  it.each(["course_name", "programme", "page_number", ""])("leaves %s", (name) => {
    expect(looksPersonal(name)).toBe(false);
  });

  it.each(["constructor", "toString", "__proto__", "hasOwnProperty", "valueOf"])("takes the field %s", (name) => {
    expect(looksPersonal(name)).toBe(false);
  });
});

describe("looksWritten", () => {
  it.each(["comment", "studentMessage", "feedback", "question_2", "note", "body", "text", "description"])(
    "sees %s",
    (name) => {
      expect(looksWritten(name)).toBe(true);
    },
  );

  it.each(["message_id", "noteCount", "text_color", "course_description", "error_message", "title", ""])(
    "leaves %s",
    (name) => {
      expect(looksWritten(name)).toBe(false);
    },
  );
});
