import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CheckpointName } from "../../src/cli/checkpoint.js";
import { removeHome, rollcall } from "../support/product.js";
import { createInput, feed, homeFor, type Input, portionsOf, removeInput } from "./input.js";
import { startEngine } from "./processes.js";
import { differencesOf } from "./published.js";
import { createTable } from "./table.js";
import { openBatches, type Verdict, verifyHome, verifyWhole } from "./verify.js";

interface Point {
  readonly point: CheckpointName;
  /** At which the engine ends itself, with each portion of the input. */
  readonly occurrences: readonly number[];
  /** Batches that are cut and not through when it has ended there, where that is certain. */
  readonly openCount?: number;
}

const POINTS: readonly Point[] = [
  { point: "manifest", occurrences: [1, 7, 4], openCount: 1 },
  { point: "rows", occurrences: [1, 6, 12], openCount: 1 },
  { point: "offsets", occurrences: [2, 1, 9], openCount: 0 },
  { point: "cycle_before", occurrences: [1, 3, 2] },
  // In the transactions of silver, identity, gold.
  { point: "statement", occurrences: [30, 70, 115] },
  { point: "cycle_after", occurrences: [1, 2, 3] },
  { point: "plan", occurrences: [1, 2, 3] },
  { point: "push", occurrences: [1, 4, 2] },
  { point: "acknowledge", occurrences: [3, 1, 4] },
];

describe("an engine killed at a named point", () => {
  const table = createTable(["point", "killed at", "batches", "rows", "duplicates", "outcome"]);
  let input: Input;
  let undisturbed: Verdict;

  beforeAll(async () => {
    input = await createInput();
    const home = homeFor(input);
    // The whole input at once, by the commands: one cycle, one sync.
    await feed(home, portionsOf(input.records, 1).flat());
    for (const command of ["run", "sync"]) {
      const result = await rollcall([command, "--home", home]);
      expect(result.code, result.stderr).toBe(0);
    }
    undisturbed = await verifyHome(home);
    // Otherwise the gates would have nothing to tell apart.
    expect(undisturbed.duplicates).toBeGreaterThan(0);
    expect(undisturbed.content.deadLetters).toBeGreaterThan(0);
    table.add([
      "none",
      "",
      undisturbed.batches.length,
      undisturbed.content.records,
      undisturbed.duplicates,
      "reference",
    ]);
    removeHome(home);
  });

  afterAll(() => {
    table.print();
    removeInput(input);
  });

  it.each(POINTS)("$point: $occurrences", async ({ point, occurrences, openCount }) => {
    const home = homeFor(input);
    const portions = portionsOf(input.records, occurrences.length);
    const open: string[] = [];
    for (const [n, occurrence] of occurrences.entries()) {
      await feed(home, portions[n] ?? []);
      await startEngine(home, `${point}:${occurrence}`).crashed();
      const left = await openBatches(home);
      if (openCount !== undefined) expect(left).toHaveLength(openCount);
      open.push(...left);
      if (point === "statement") await verifyWhole(home);
    }
    await startEngine(home).finish();
    const verdict = await verifyHome(home);
    expect(verdict.batches).toEqual(expect.arrayContaining(open));
    const differences = differencesOf(undisturbed.published, verdict.published);
    const outcome = differences.length === 0 ? "equal" : "DIFFERENT";
    table.add([
      point,
      occurrences.join(", "),
      verdict.batches.length,
      verdict.content.records,
      verdict.duplicates,
      outcome,
    ]);
    expect(differences).toEqual([]);
    removeHome(home);
  });
});
