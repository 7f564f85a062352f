import { describe, expect, it } from "vitest";
import { handleOf, parseSubject, titleOf } from "./subject.js";

describe("parseSubject", () => {
  it.each([
    ["p_3f2a9c01d4e58b7766aa10", { kind: "profile", id: "p_3f2a9c01d4e58b7766aa10" }],
    ["3f2a9c01d4e5", { kind: "node", prefix: "3f2a9c01d4e5" }],
    ["i_x7Tq0-BcDe", { kind: "handle", prefix: "x7Tq0-BcDe" }],
    ["email:ada@example.org", { kind: "identifier", type: "email", value: "ada@example.org" }],
    ["user_id:a:b", { kind: "identifier", type: "user_id", value: "a:b" }],
  ])("reads %s", (text, subject) => {
    expect(parseSubject(text)).toEqual(subject);
  });

  it.each(["", "ada", "email:", ":ada@example.org", "p_short", "3f2a9c0"])(
    "refuses %j and does not repeat it",
    (text) => {
      expect(() => parseSubject(text)).toThrow(
        expect.objectContaining({ code: "INPUT_INVALID", message: expect.stringMatching(/^Expected a profile id/) }),
      );
    },
  );

  it("tells no value in a title, and a handle leads back", () => {
    expect(titleOf(parseSubject("user_id:u-17"))).toBe("this user id");
    expect(parseSubject(handleOf("x7Tq0-BcDefGhIjKlMnOpQ"))).toEqual({ kind: "handle", prefix: "x7Tq0-BcDe" });
  });
});
