import { describe, expect, it } from "vitest";
import { selectTests } from "./select-tests.js";
import type { ListedTest } from "./test-suite.js";

function listed(name: string, file: string, line: number, models: string[], tables = models): ListedTest {
  return { kind: "broken", name, file, line, models, tables, error: "" };
}

const tests = [
  listed("late data is taken", "definitions/silver/events.test.yaml", 2, ["silver.events"]),
  listed("a re-send counts once", "definitions/silver/events.test.yaml", 40, ["silver.events"]),
  listed("gold", "definitions/silver/other.test.yaml", 2, ["silver.other"]),
  listed("a merge", "definitions/identity/resolve.test.yaml", 2, ["identity.resolve"], ["identity.aliases"]),
  listed("the strictest counts", "definitions/gold/consents.test.yaml", 2, ["gold.consents"]),
];
const names = (...patterns: string[]): string[] => selectTests(tests, patterns).map(({ name }) => name);

describe("selectTests", () => {
  it.each([
    ["all without a pattern", [], tests.map(({ name }) => name)],
    ["a whole name, before a dataset of that name", ["GOLD"], ["gold"]],
    ["a part of a name", ["counts"], ["a re-send counts once", "the strictest counts"]],
    ["a name with a star", ["late*taken"], ["late data is taken"]],
    ["a model", ["gold.consents"], ["the strictest counts"]],
    ["a model by its name", ["events"], ["late data is taken", "a re-send counts once"]],
    ["a table that another model makes", ["identity.aliases"], ["a merge"]],
    ["a dataset", ["silver"], ["late data is taken", "a re-send counts once", "gold"]],
    ["a file", ["./definitions/silver/other.test.yaml"], ["gold"]],
    ["a file by its last part", ["other.test.yaml"], ["gold"]],
    ["a line of a file", ["definitions/silver/events.test.yaml:39"], ["late data is taken"]],
    ["a folder", ["definitions/gold/"], ["the strictest counts"]],
    ["several, in the order of the list", ["a merge", "silver.other"], ["gold", "a merge"]],
  ])("takes %s", (_, patterns, expected) => {
    expect(names(...patterns)).toEqual(expected);
  });

  it("refuses what matches nothing, with what was meant", () => {
    expect(() => names("gold.cosnents")).toThrow(
      'no test matches "gold.cosnents". Did you mean "gold.consents"? rollcall test --list shows all',
    );
    expect(() => names("late date is taken")).toThrow('Did you mean "late data is taken"?');
    expect(() => names("zzzzzzz")).toThrow('no test matches "zzzzzzz"; rollcall test --list shows all');
  });
});
