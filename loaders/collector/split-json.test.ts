import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ArraySpan, splitArray, splitMember } from "./split-json.js";

function texts(bytes: Buffer, array: ArraySpan | null): string[] | null {
  return array?.elements.map(({ start, end }) => bytes.subarray(start, end).toString()) ?? null;
}

const indents = fc.constantFrom<string | number>("", 1, "\t", " \n");

describe("splitArray", () => {
  it("finds the same elements as a parser, whatever they hold", () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), indents, (values, indent) => {
        const bytes = Buffer.from(JSON.stringify(values, null, indent));
        expect(texts(bytes, splitArray(bytes))?.map((text) => JSON.parse(text))).toEqual(JSON.parse(bytes.toString()));
      }),
    );
  });

  it.each([
    ["keeps an element's own bytes", '[{"a": 1.50}, 2]', ['{"a": 1.50}', "2"]],
    ["is not misled by brackets and escapes in strings", '["]", "\\"],", [","]]', ['"]"', '"\\"],"', '[","]']],
    ["an empty array", " [ ] ", []],
    ["cut short", '[{"a": 1}', null],
    ["a string that never ends", '["a]', null],
    ["a missing element", "[1,,2]", null],
    ["a trailing comma", "[1,]", null],
    ["something behind it", "[1] x", null],
    ["an object", '{"a": [1]}', null],
    ["nothing", "", null],
  ])("%s", (_, text, expected) => {
    const bytes = Buffer.from(text);
    expect(texts(bytes, splitArray(bytes))).toEqual(expected);
  });

  it("does not mind depth", () => {
    const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
    const bytes = Buffer.from(`[${deep}, 1]`);
    expect(splitArray(bytes)?.elements).toEqual([
      { start: 1, end: 200_001 },
      { start: 200_003, end: 200_004 },
    ]);
  });
});

describe("splitMember", () => {
  it.each([
    ["among others", '{"sentAt": "x,]}", "batch": [{"batch": [9]}, 2], "z": {"batch": [3]}}', ['{"batch": [9]}', "2"]],
    ["the last of two", '{"batch": [1], "batch": [2]}', ["2"]],
    ["absent", '{"a": [1]}', null],
    ["not an array", '{"batch": {"a": 1}}', null],
    ["cut short", '{"batch": [1]', null],
    ["no object", "[1]", null],
    ["something behind it", '{"batch": [1]} 1', null],
  ])("%s", (_, text, expected) => {
    const bytes = Buffer.from(text);
    expect(texts(bytes, splitMember(bytes, "batch"))).toEqual(expected);
  });
});
