import { describe, expect, it } from "vitest";
import { monthOfName } from "./month-names.js";

describe("monthOfName", () => {
  it.each([
    ["January", 1],
    ["FEB", 2],
    ["März", 3],
    ["mrz", null],
    ["avril", 4],
    ["Mai", 5],
    ["jun", 6],
    ["juillet", 7],
    ["août", 8],
    ["Sept", 9],
    ["października", 10],
    ["Kasım", 11],
    ["dez", 12],
    // Of June or July in French.
    ["jui", null],
    ["monday", null],
  ])("%s is %s", (name, month) => {
    expect(monthOfName(name)).toBe(month);
  });

  it("knows the first three letters of every English month", () => {
    const names = "jan feb mar apr may jun jul aug sep oct nov dec".split(" ");
    expect(names.map(monthOfName)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  });
});
