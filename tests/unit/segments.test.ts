import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, expect, it } from "vitest";

/** `includes/segments.js`, over a `segments.json` with a mistake in it. */

const INCLUDES = resolve(import.meta.dirname, "../../includes");
let folder = "";
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function queryWith(condition: object): string {
  folder = mkdtempSync(join(tmpdir(), "rollcall-segments-"));
  for (const file of ["segments.js", "package.json"]) cpSync(join(INCLUDES, file), join(folder, file));
  const segment = { conditions: [condition], member_from: { column: "last_at" }, member_until: null, reason: "so" };
  writeFileSync(join(folder, "segments.json"), JSON.stringify({ segments: { keen: segment } }));
  const { query } = createRequire(import.meta.url)(join(folder, "segments.js")) as { query(features: string): string };
  return query("gold.features");
}

const PLACE = 'segments.json: segment "keen", condition on "visit_count"';

it.each([
  [{ operator: "at_lest", value: 3 }, 'the operator "at_lest" is none of in, at_least, is_known'],
  [{ operator: "in", value: "active" }, '"in" wants a list of values, as in "value": ["active"]'],
  [{ operator: "in", value: [] }, '"in" wants a list of values, as in "value": ["active"]'],
  [{ operator: "at_least", value: "3" }, '"at_least" wants a number, as in "value": 3'],
])("tells what is wrong with %j", (condition, problem) => {
  expect(() => queryWith({ column: "visit_count", ...condition })).toThrow(`${PLACE}: ${problem}`);
});

it("takes what is right", () => {
  expect(queryWith({ column: "visit_count", operator: "at_least", value: 3 })).toContain(
    "IFNULL(f.visit_count, 0) >= 3",
  );
});
