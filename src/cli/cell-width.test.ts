import { describe, expect, it } from "vitest";
import { cellWidth, cutToWidth } from "./cell-width.js";

describe("cellWidth", () => {
  it.each([
    ["", 0],
    ["plain text", 10],
    ["Zoë", 3],
    ["Zoe\u0308", 3],
    ["漢字", 4],
    ["ｱｲｳ ＡＢＣ", 10],
    ["한국어", 6],
    ["\u1112\u1161\u11ab", 2],
    ["😀", 2],
    ["👩‍👩‍👧 🇬🇧 ❤️", 8],
    ["❤", 1],
    ["می‌روم", 5],
    ["नमस्ते", 4],
    ["…─✓", 3],
  ])("of %j is %i", (text, width) => expect(cellWidth(text)).toBe(width));
});

describe("cutToWidth", () => {
  it.each([
    ["abcd", 4, "abcd"],
    ["abcde", 4, "abc…"],
    ["漢字漢字", 8, "漢字漢字"],
    ["漢字漢字", 7, "漢字漢…"],
    ["漢字漢字", 6, "漢字…"],
    ["👩‍👩‍👧👩‍👩‍👧", 3, "👩‍👩‍👧…"],
  ])("of %j at %i is %j", (text, widest, cut) => expect(cutToWidth(text, widest)).toBe(cut));
});
