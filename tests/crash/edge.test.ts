import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readConfig } from "../../src/cli/config.js";
import { createDemoData } from "../../src/cli/demo/data.js";
import type { SegmentMessage } from "../../src/cli/demo/journeys.js";
import type { Secrets } from "../../src/cli/secrets.js";
import { createFileKeys } from "../../src/platform/keys/file.js";
import { createSeededRandom } from "../../src/platform/random.js";
import { removeHome, temporaryHome } from "../support/product.js";
import { readLog } from "./input.js";
import { createResender, delivered, type ProductProcess, startUp } from "./product-process.js";
import { differencesOf } from "./published.js";
import { createTable } from "./table.js";
import { type Verdict, verifyHome } from "./verify.js";

const SEED = 26;
const POWER_LOSSES = 6;
/** From starting to listen until power is lost, at most. */
const LONGEST_LIFE_MS = 4000;
/** Differs from run to run: a message is received anew each time. */
const OF_RECEIPT = ["received_at"];

/** Without those whose clock is ahead: their time becomes the time of receipt. */
function withOwnTime(messages: readonly SegmentMessage[], nowMs: number): SegmentMessage[] {
  return messages.filter(({ timestamp }) => Date.parse(String(timestamp)) < nowMs);
}

interface Outcome {
  readonly verdict: Verdict;
  readonly failedPosts: number;
  readonly differences: readonly string[];
  /** What the last product said on standard error. */
  readonly said: string;
}

describe("rollcall up, with senders that repeat what was not acknowledged", () => {
  const table = createTable(["killed", "failed posts", "batches", "rows", "duplicates", "outcome"]);
  const nowMs = Date.now();
  const data = createDemoData({ people: 200, seed: SEED, nowMs });
  const website = withOwnTime(data.website, nowMs);
  const mobile = withOwnTime(data.mobile, nowMs);
  const sentIds = [...new Set([...website, ...mobile].map(({ messageId }) => messageId))].sort();
  const keysHome = temporaryHome();
  let undisturbed: Verdict | null = null;

  /** Sends everything while `live` starts products and sees them die; the last one has to be left running. */
  async function run(killed: string, live: (start: (crashAt?: string) => ProductProcess) => Promise<void>) {
    const home = temporaryHome();
    for (const file of ["keys.json", "secrets.json"]) copyFileSync(join(keysHome, file), join(home, file));
    const { writeKeys } = JSON.parse(readFileSync(join(home, "secrets.json"), "utf8")) as Secrets;
    const started: ProductProcess[] = [];
    const start = (crashAt?: string): ProductProcess => {
      const product = startUp(home, crashAt);
      started.push(product);
      return product;
    };
    const address = async (): Promise<string> => (started.at(-1) as ProductProcess).url;
    const sender = createResender(writeKeys, address);
    const living = live(start);
    const failedPosts = await Promise.all([sender.send("website", website), sender.send("mobile", mobile)]);
    await living;
    const last = started.at(-1) as ProductProcess;
    await delivered(home, async () => (await readLog(home)).length).catch((error: unknown) => {
      throw new Error(`The product in ${home} said:\n${last.said()}`, { cause: error });
    });
    expect(await last.stop(), last.said()).toBe(0);

    const verdict = await verifyHome(home, OF_RECEIPT);
    // Everything was acknowledged in the end. That each accepted event is in silver once, `verifyHome` has seen.
    const { eventIds, deadLetterIds } = verdict.content;
    expect([...new Set([...eventIds.values(), deadLetterIds].flat())].sort()).toEqual(sentIds);
    const differences = undisturbed === null ? [] : differencesOf(undisturbed.published, verdict.published);
    const outcome: Outcome = {
      verdict,
      failedPosts: failedPosts.reduce((sum, count) => sum + count, 0),
      differences,
      said: last.said(),
    };
    table.add([
      killed,
      outcome.failedPosts,
      verdict.batches.length,
      verdict.content.records,
      verdict.duplicates,
      undisturbed === null ? "reference" : differences.length === 0 ? "equal" : "DIFFERENT",
    ]);
    removeHome(home);
    return outcome;
  }

  beforeAll(async () => {
    const { home } = readConfig({}, { home: keysHome, port: 0 });
    await createFileKeys({ file: home.keys }).pepper();
    const outcome = await run("nothing", async (start) => void start());
    expect(outcome.failedPosts).toBe(0);
    undisturbed = outcome.verdict;
  });

  afterAll(() => {
    table.print();
    removeHome(keysHome);
  });

  it("loses nothing and doubles nothing when the edge dies between append and answer", async () => {
    const { verdict, failedPosts, differences } = await run("edge at append 2, 9, 23", async (start) => {
      for (const crashAt of ["append:2", "append:9", "append:23"]) {
        expect(await start(crashAt).ended).toBe("SIGKILL");
      }
      start();
    });
    expect(differences).toEqual([]);
    expect(failedPosts).toBeGreaterThan(0);
    // Each death left an append that was durable and not acknowledged, so that it was sent again.
    expect(verdict.duplicates).toBeGreaterThanOrEqual((undisturbed?.duplicates ?? 0) + 3);
  });

  it.each(["rows:3", "cycle_after:2", "push:2"])("goes on accepting when its engine dies at %s", async (crashAt) => {
    const { failedPosts, differences, said } = await run(`engine at ${crashAt}`, async (start) => void start(crashAt));
    expect(differences).toEqual([]);
    expect(failedPosts).toBe(0);
    expect(said.match(/The engine ended \(SIGKILL\); starting it again\./g)).toHaveLength(1);
  });

  it(`survives ${POWER_LOSSES} power losses`, async () => {
    const random = createSeededRandom(SEED);
    const { differences } = await run(`both, ${POWER_LOSSES} random moments`, async (start) => {
      for (let loss = 0; loss < POWER_LOSSES; loss++) {
        const product = start();
        await product.url;
        await sleep(random() * LONGEST_LIFE_MS);
        await product.losePower();
      }
      start();
    });
    expect(differences).toEqual([]);
  });
});
