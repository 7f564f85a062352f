import { describe, expect, it } from "vitest";
import { NICKNAME_ROWS } from "./nickname-rows.js";
import { canonicalGivenNames } from "./nicknames.js";

const rows = NICKNAME_ROWS.map((row) => row.split(" "));
const canonical = rows.map(([first]) => first as string);

describe("the table of nicknames", () => {
  it("holds some 300 names, folded as names are", () => {
    expect(rows.length).toBeGreaterThan(300);
    expect(rows.flat().filter((form) => !/^[a-z]{2,}$/.test(form))).toEqual([]);
  });

  it("has each name in one row, with other forms, each once", () => {
    expect(canonical.filter((name, place) => canonical.indexOf(name) !== place)).toEqual([]);
    expect(rows.filter((row) => row.length < 2 || new Set(row).size < row.length)).toEqual([]);
  });

  it("knows of no name that stands for others that it is another's form, but where it is both", () => {
    const forms = new Set(rows.flatMap(([, ...others]) => others));
    expect(canonical.filter((name) => forms.has(name)).sort()).toEqual(["ali", "nathan", "ravi"]);
  });

  it("has no form that would make one name of a fifth of all", () => {
    const counts = new Map<string, number>();
    for (const form of rows.flat()) counts.set(form, (counts.get(form) ?? 0) + 1);
    expect([...counts].filter(([, count]) => count > 4)).toEqual([]);
  });
});

describe("canonicalGivenNames", () => {
  it.each([
    [["kate"], ["katherine", "kathleen"]],
    [["katherine"], ["katherine"]],
    [["bob"], ["robert"]],
    [["gosia"], ["margaret"]],
    [["paco"], ["francis"]],
    [["mehmet"], ["mohammed"]],
    [["laxmi"], ["lakshmi"]],
    [["xiaoming"], []],
    // A second name leaves the first what it is; not where the first is half of many names.
    [["katherine", "anne"], ["katherine"]],
    [["jose", "antonio"], []],
    [["mohammed", "ali"], []],
    [["maria", "jose"], ["mariajose"]],
    [["m", "bob"], ["robert"]],
    [[], []],
  ])("of %j are %j", (words, names) => {
    expect(canonicalGivenNames(words)).toEqual(names);
  });
});
