import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runTasks, type TaskOutcome } from "./tasks.js";

interface Plan {
  readonly after: readonly number[];
  readonly fails: boolean;
  /** How many turns of the event loop it takes. */
  readonly turns: number;
}

/** Each task may come after any of those before it in the list; the list is then shuffled by `order`. */
const graphs = fc
  .array(fc.record({ after: fc.array(fc.nat(12), { maxLength: 3 }), fails: fc.boolean(), turns: fc.nat(3) }), {
    minLength: 1,
    maxLength: 12,
  })
  .map((plans) => plans.map((plan, at): Plan => ({ ...plan, after: plan.after.filter((upstream) => upstream < at) })))
  .chain((plans) =>
    fc.record({
      plans: fc.constant(plans),
      order: fc.shuffledSubarray([...plans.keys()], { minLength: plans.length }),
      concurrency: fc.integer({ min: 1, max: 5 }),
    }),
  );

async function run(plans: readonly Plan[], order: readonly number[], concurrency: number) {
  const done = new Set<number>();
  let running = 0;
  let most = 0;
  const tasks = order.map((at) => ({
    id: `t${at}`,
    after: (plans[at]?.after ?? []).map((upstream) => `t${upstream}`),
    run: async () => {
      const { after, fails, turns } = plans[at] as Plan;
      for (const upstream of after) expect(done.has(upstream)).toBe(true);
      running += 1;
      most = Math.max(most, running);
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      running -= 1;
      if (fails) throw new Error(`t${at} failed`);
      done.add(at);
    },
  }));
  const outcomes = await runTasks(tasks, { concurrency });
  return { outcomes, most, byId: new Map(outcomes.map((outcome) => [outcome.id, outcome])) };
}

describe("runTasks", () => {
  it("never runs more than allowed, keeps the order, and gives each task the outcome its graph says", async () => {
    await fc.assert(
      fc.asyncProperty(graphs, async ({ plans, order, concurrency }) => {
        const { outcomes, most, byId } = await run(plans, order, concurrency);
        expect(most).toBeLessThanOrEqual(concurrency);
        expect(outcomes.map(({ id }) => id)).toEqual(order.map((at) => `t${at}`));
        const isWell = (at: number): boolean => byId.get(`t${at}`)?.status === "done";
        for (const [at, { after, fails }] of plans.entries()) {
          const expected = after.every(isWell) ? (fails ? "failed" : "done") : "blocked";
          expect(byId.get(`t${at}`)?.status).toBe(expected);
        }
        for (const outcome of outcomes) {
          if (outcome.status === "blocked") expect(byId.get(outcome.by)?.status).toBe("failed");
        }
      }),
      { numRuns: 300 },
    );
  });

  it("runs as many as allowed when nothing holds them back", async () => {
    const free = Array.from({ length: 6 }, () => ({ after: [], fails: false, turns: 3 }));
    expect((await run(free, [0, 1, 2, 3, 4, 5], 3)).most).toBe(3);
  });

  it("starts nothing more once cancelled, and lets what runs finish", async () => {
    const stop = new AbortController();
    const task = (id: string, after: string[], work: () => void) => ({ id, after, run: async () => work() });
    const outcomes = await runTasks([task("a", [], () => stop.abort()), task("b", ["a"], () => undefined)], {
      concurrency: 1,
      signal: stop.signal,
    });
    expect(outcomes).toEqual<TaskOutcome[]>([
      { id: "a", status: "done" },
      { id: "b", status: "cancelled" },
    ]);
  });

  it("throws when tasks wait for each other, instead of waiting too", async () => {
    const task = (id: string, after: string[]) => ({ id, after, run: async () => undefined });
    await expect(runTasks([task("a", ["b"]), task("b", ["a"])], { concurrency: 2 })).rejects.toThrow(
      "wait for each other",
    );
  });
});
