import { describe, expect, it } from "vitest";
import { createManualClock } from "../../platform/clock.js";
import { RollcallError } from "../../platform/errors.js";
import type { RunReport } from "../../warehouse/run/run.js";
import { createRuns, type RunsDeps } from "./runs.js";

const done: RunReport = {
  runId: "r1",
  kind: "full",
  status: "succeeded",
  hold: null,
  windowTo: 7,
  ms: 1,
  scripts: [],
  models: [],
  isUnsettled: false,
};

/** Runs whose parts only say what they were asked for; a plan with a selection of "nope" is refused. */
function createTold(): { readonly runs: ReturnType<typeof createRuns>; readonly told: string[] } {
  const told: string[] = [];
  const plan = async (name: string, { select }: { readonly select?: readonly string[] | undefined }): Promise<void> => {
    told.push(name);
    if (select?.includes("nope")) throw new RollcallError("INPUT_INVALID", "no action", { isRetriable: false });
  };
  const ran = async (name: string): Promise<RunReport> => {
    told.push(name);
    return done;
  };
  const runner: Partial<RunsDeps["runner"]> = {
    plan: (kind, options) => plan(`plan ${kind}`, options) as never,
    planBackfill: (options) => plan("plan backfill", options) as never,
    runCycle: () => ran("cycle"),
    runFull: () => ran("full"),
    runBackfill: () => ran("backfill"),
    orphans: async () => [{ id: "gold.old", drop: "DROP TABLE gold.old" }],
  };
  const deps = {
    engine: {
      fresh: (work: (windowTo: number, stopping: AbortSignal) => unknown) => work(7, new AbortController().signal),
      redeliver: () => told.push("redeliver"),
    },
    runner,
    sync: { forget: async () => told.push("forget") },
    warehouse: {},
    config: { openlineage: null },
    project: {},
    clock: createManualClock(0),
    hasNewerFiles: () => false,
  } as unknown as RunsDeps;
  return { runs: createRuns(deps), told };
}

describe("a run", () => {
  const window = { from: 1, to: 2 };

  it.each([
    ["a full refresh", { full: true }, ["plan full", "forget", "redeliver", "full"]],
    ["a backfill", { full: false, backfill: window }, ["plan backfill", "forget", "redeliver", "backfill"]],
    ["a cycle", { full: false }, ["cycle"]],
  ])("plans before the syncs forget what they delivered: %s", async (_, options, expected) => {
    const { runs, told } = createTold();
    expect(await runs.run(options)).toMatchObject({ status: "done", runId: "r1", orphans: ["gold.old"] });
    expect(told).toEqual(expected);
  });

  it.each([
    ["a full refresh", { full: true }, ["plan full"]],
    ["a backfill", { full: false, backfill: window }, ["plan backfill"]],
  ])("that cannot be leaves the syncs as they are: %s", async (_, options, expected) => {
    const { runs, told } = createTold();
    await expect(runs.run({ ...options, select: ["nope"] })).rejects.toMatchObject({ code: "INPUT_INVALID" });
    expect(told).toEqual(expected);
  });
});
