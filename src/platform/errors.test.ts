import { expect, test } from "vitest";
import { ERROR_CODES, messageOf, RollcallError } from "./errors.js";

test("an error keeps its code, whether to try again, its cause and its facts", () => {
  const cause = new Error("disk");
  const error = new RollcallError("LOG_FULL", "The log is full", { isRetriable: true, cause, details: { bytes: 5 } });
  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({ name: "RollcallError", code: "LOG_FULL", isRetriable: true, details: { bytes: 5 } });
  expect(error.cause).toBe(cause);
  expect(String(error)).toBe("RollcallError: The log is full");
});

test("without a cause or facts there are none", () => {
  const error = new RollcallError("INTERNAL", "broken", { isRetriable: false });
  expect("cause" in error).toBe(false);
  expect(error.details).toEqual({});
});

test("every code is there once", () => {
  expect(new Set(ERROR_CODES).size).toBe(ERROR_CODES.length);
});

test("whatever was thrown has a message", () => {
  expect([new Error("one"), "two", null, undefined, 5].map(messageOf)).toEqual([
    "one",
    "two",
    "null",
    "undefined",
    "5",
  ]);
});
