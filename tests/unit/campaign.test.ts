import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RollcallError } from "../../src/platform/errors.js";
import { type Engines, openEngines } from "../campaign/campaign.js";
import { type CampaignColumn, canonicalResult, difference, type Result } from "../campaign/compare.js";
import { generateQuery } from "../campaign/queries.js";
import { render } from "../campaign/tree.js";

/** The campaign's seed for every build, and how many of its queries are run. */
const SEED = 2026;
const COUNT = 500;

/** What generated queries found once, with the result of Google's reference evaluator. */
interface FoundCase {
  readonly group: string;
  readonly sql: string;
  readonly columns?: readonly (readonly [string, string])[];
  readonly rows?: Result["rows"];
  /** Set where GoogleSQL itself fails. */
  readonly error?: string;
}

const FOUND = JSON.parse(
  readFileSync(new URL("../data/googlesql/generated.json", import.meta.url), "utf8"),
) as readonly FoundCase[];

let engines: Engines;

beforeAll(async () => {
  engines = await openEngines(SEED);
});

afterAll(async () => {
  await engines.close();
});

test("generated queries give what Google's reference evaluator gives", { timeout: 120_000 }, async () => {
  const wrong: string[] = [];
  const counts = new Map<string, number>();
  for (let number = 0; number < COUNT; number += 1) {
    const { node, reference, isOrdered } = generateQuery(SEED, number, engines.fixtures);
    const sql = render(node);
    const question = reference === undefined ? { sql, isOrdered } : { sql, reference: render(reference), isOrdered };
    const outcome = await engines.compare(question);
    counts.set(outcome.kind, (counts.get(outcome.kind) ?? 0) + 1);
    if ("detail" in outcome) wrong.push(`${outcome.kind}: ${outcome.detail}\n  ${sql}`);
  }
  expect(wrong).toEqual([]);
  // Most of them must have said something.
  expect((counts.get("same") ?? 0) + (counts.get("both raise") ?? 0)).toBeGreaterThan(COUNT * 0.9);
});

test.each(FOUND)("$group: $sql", async ({ sql, columns, rows, error }) => {
  if (columns === undefined || rows === undefined) {
    expect(error).toBeTypeOf("string");
    await expect(engines.warehouse.query(sql)).rejects.toBeInstanceOf(RollcallError);
    return;
  }
  const expected = { columns: columns.map(([name, type]): CampaignColumn => ({ name, type })), rows };
  const found = canonicalResult(await engines.warehouse.query(sql));
  expect(difference(expected, found, /ORDER BY/.test(sql))).toBeNull();
});
