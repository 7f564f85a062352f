import { describe, expect, it } from "vitest";
import { type ComparisonShape, type Description, type MatchModel, waterfall } from "./waterfall.js";

const MODEL: MatchModel = {
  version: "2026-01",
  prior: -10,
  comparisons: {
    name: [
      { level: "same", m: 0.5, u: 0.125 },
      { level: "else", m: 0.25, u: 0.5 },
    ],
    birth_date: [
      { level: "same", m: 0.5, u: 0.0625 },
      { level: "else", m: 0.125, u: 0.5 },
    ],
  },
};
const SHAPES: readonly ComparisonShape[] = [
  { name: "name", fields: ["given_name", "family_name"], levels: [{ name: "same", frequency: "full_name" }] },
  { name: "birth_date", fields: ["birth_date"], levels: [{ name: "same" }] },
  { name: "untrained", fields: ["gender"], levels: [{ name: "same" }] },
];

function description(id: string, frequency: number | null = null): Description {
  return { id, values: { given_name: "ada", birth_date: "1999-12-09" }, frequencies: { full_name: frequency } };
}

const told = (levels: string, left: Description = description("l"), right: Description = description("r")) =>
  waterfall(levels, { model: MODEL, shapes: SHAPES }, left, right);

describe("waterfall", () => {
  it("adds up the prior and what each comparison weighs; an untrained one is left out", () => {
    const { total, prior, fields, modelVersion } = told("ab-");
    expect({ total, prior, modelVersion }).toEqual({ total: -10, prior: -10, modelVersion: "2026-01" });
    expect(fields.map(({ comparison, level, weight }) => [comparison, level, weight])).toEqual([
      ["name", "same", 2],
      ["birth_date", "else", -2],
    ]);
    expect(fields[0]).toMatchObject({ left: { given_name: "ada", family_name: null }, frequencyPart: 0 });
  });

  it("says nothing where one side knows nothing", () => {
    expect(told("--a").fields.map(({ level, weight }) => [level, weight])).toEqual([
      [null, 0],
      [null, 0],
    ]);
  });

  it("counts a rare value for more and a common one for less, by the commoner of both", () => {
    const rare = told("a-a", description("l", 1 / 64), description("r", null)).fields[0];
    expect(rare).toMatchObject({ weight: 5, frequencyPart: 3 });
    const common = told("a-a", description("l", 1 / 64), description("r", 0.5)).fields[0];
    expect(common).toMatchObject({ weight: 0, frequencyPart: -2 });
  });
});
