import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSeededRandom } from "../../src/platform/random.js";
import { removeHome } from "../support/product.js";
import { createInput, feed, homeFor, type Input, portionsOf, removeInput } from "./input.js";
import { startEngine } from "./processes.js";
import { differencesOf } from "./published.js";
import { createTable } from "./table.js";
import { type Verdict, verifyHome } from "./verify.js";

const SEEDS = [20, 26];
const KILLS = 7;

describe("an engine killed at random moments", () => {
  const table = createTable(["seed", "killed after, ms", "batches", "rows", "duplicates", "outcome"]);
  let input: Input;
  let undisturbed: Verdict;
  let portionMs: number;

  beforeAll(async () => {
    input = await createInput();
    const home = homeFor(input);
    const [first = [], second = [], ...rest] = portionsOf(input.records, KILLS);
    await feed(home, first);
    await startEngine(home).finish();
    // How long one portion takes here: the moments are spread over that.
    await feed(home, second);
    const engine = startEngine(home);
    await engine.ready();
    const readyAt = performance.now();
    await engine.finish();
    portionMs = performance.now() - readyAt;
    await feed(home, rest.flat());
    await startEngine(home).finish();
    undisturbed = await verifyHome(home);
    table.add(["-", "", undisturbed.batches.length, undisturbed.content.records, undisturbed.duplicates, "reference"]);
    removeHome(home);
  });

  afterAll(() => {
    table.print();
    removeInput(input);
  });

  it.each(SEEDS)("seed %i", async (seed) => {
    const random = createSeededRandom(seed);
    const home = homeFor(input);
    const moments: number[] = [];
    for (const portion of portionsOf(input.records, KILLS)) {
      await feed(home, portion);
      const engine = startEngine(home);
      await engine.ready();
      const moment = Math.round(random() * portionMs);
      moments.push(moment);
      await sleep(moment);
      await engine.kill();
    }
    await startEngine(home).finish();
    const verdict = await verifyHome(home);
    const differences = differencesOf(undisturbed.published, verdict.published);
    const outcome = differences.length === 0 ? "equal" : "DIFFERENT";
    table.add([seed, moments.join(" "), verdict.batches.length, verdict.content.records, verdict.duplicates, outcome]);
    expect(differences).toEqual([]);
    removeHome(home);
  });
});
