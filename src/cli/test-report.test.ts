import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import type { ListedTest } from "../warehouse/model-tests/test-suite.js";
import { createTestReport, type TestResult, toJson } from "./test-report.js";

const listed: ListedTest = {
  kind: "broken",
  name: "late data is taken",
  file: "definitions/gold/days.test.yaml",
  line: 12,
  models: ["gold.days"],
  tables: ["gold.days"],
  error: "",
};
const passed: TestResult = { listed, status: "passed", ms: 12.4, ways: ["arrivals"], failures: [], error: null };
const failed: TestResult = {
  ...passed,
  status: "failed",
  ways: ["arrivals", "full refresh"],
  failures: [
    {
      ways: ["full refresh"],
      table: "gold.days",
      diff: {
        columns: [],
        labels: ["day"],
        changed: [{ label: ["2026-03-02"], cells: [{ column: "n", type: "INT64", expected: "2", actual: "1" }] }],
        missing: [],
        unexpected: [],
      },
    },
  ],
};

function written(result: TestResult, options: { isSilent?: boolean; isTerminal?: boolean } = {}): string {
  const output = Object.assign(new PassThrough(), { isTTY: options.isTerminal === true });
  const report = createTestReport({ output, isSilent: options.isSilent === true, count: 3 });
  report.begin(result.listed);
  report.end(result);
  return String(output.read() ?? "");
}

describe("the report of tests", () => {
  it("has a line for a test that passed", () => {
    expect(written(passed)).toBe("✓ gold.days: late data is taken  12 ms\n");
  });

  it("has the place, the ways and the cells of one that failed", () => {
    expect(written(failed)).toBe(
      [
        "✗ gold.days: late data is taken  12 ms",
        "    definitions/gold/days.test.yaml:12",
        "    full refresh: gold.days differs",
        "      day         column  type   expected  got",
        "      2026-03-02  n       INT64  2         1",
        "",
      ].join("\n"),
    );
  });

  it("says why a test could not run", () => {
    expect(written({ ...passed, status: "failed", error: "a.yaml:3: one\na.yaml:4: two" })).toContain(
      "    a.yaml:3: one\n    a.yaml:4: two\n",
    );
  });

  it("shows what is running on a terminal only, and nothing beside JSON", () => {
    expect(written(passed, { isTerminal: true })).toContain("1/3 gold.days: late data is taken");
    expect(written(passed)).not.toContain("1/3");
    expect(written(failed, { isSilent: true, isTerminal: true })).toBe("");
  });

  it("gives all of it as JSON", () => {
    const json: unknown = JSON.parse(toJson([passed, failed], { ms: 24.8, skipped: 1 }));
    expect(json).toMatchObject({
      passed: 1,
      failed: 1,
      skipped: 1,
      ms: 25,
      tests: [
        { name: "late data is taken", line: 12, status: "passed", failures: [] },
        { status: "failed", failures: failed.failures },
      ],
    });
  });
});
