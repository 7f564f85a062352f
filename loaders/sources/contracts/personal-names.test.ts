import { describe, expect, it } from "vitest";
import { looksPersonal } from "./personal-names.js";

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
