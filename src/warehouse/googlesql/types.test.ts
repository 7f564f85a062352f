import fc from "fast-check";
import { expect, test } from "vitest";
import { formatType, type GoogleType, parseType, SCALAR_KINDS, typeFromMessage, typeToMessage } from "./types.js";

const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/);
const { type: anyType } = fc.letrec<{ type: GoogleType; element: GoogleType }>((tie) => ({
  element: fc.constantFrom(...SCALAR_KINDS).map((kind): GoogleType => ({ kind })),
  type: fc.oneof(
    { depthSize: "small" },
    tie("element"),
    tie("type").map((element): GoogleType => ({ kind: "ARRAY", element })),
    fc
      .array(fc.record({ name, type: tie("type") }), { maxLength: 4 })
      .map((fields): GoogleType => ({ kind: "STRUCT", fields })),
  ),
}));

test("text and back is the same type", () => {
  fc.assert(
    fc.property(anyType, (type) => {
      expect(parseType(formatType(type))).toEqual(type);
    }),
  );
});

test("the analyzer's message and back is the same type", () => {
  fc.assert(
    fc.property(anyType, (type) => {
      expect(typeFromMessage(typeToMessage(type))).toEqual(type);
    }),
  );
});

test.each([
  ["string(20)", "STRING"],
  ["NUMERIC(10, 2)", "NUMERIC"],
  ["integer", "INT64"],
  ["array < struct < a int64 , b array<float64> > >", "ARRAY<STRUCT<a INT64, b ARRAY<FLOAT64>>>"],
  ["STRUCT<INT64, b STRING>", "STRUCT<INT64, b STRING>"],
  ["STRUCT<`select` DATE>", "STRUCT<select DATE>"],
])("%s is %s", (text, expected) => {
  expect(formatType(parseType(text))).toBe(expected);
});

test.each(["", "STRIN", "ARRAY<STRING", "ARRAY", "STRUCT<a>", "STRING STRING", "GEOGRAPHY"])(
  "%s is refused",
  (text) => {
    expect(() => parseType(text)).toThrow(/is not a GoogleSQL type/);
  },
);
