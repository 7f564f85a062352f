import pc from "picocolors";
import { expect, test } from "vitest";
import type { RunView } from "../control.js";
import { formatRun } from "./run.js";

const NOTHING: RunView = {
  status: "nothing_to_do",
  hold: null,
  kind: "cycle",
  runId: "r1",
  ms: 20,
  actions: [],
  models: [],
  orphans: [],
  hasNewerFiles: false,
};

test.each<[Partial<RunView>, string[]]>([
  [{}, ["Nothing to do: no new rows since the last run."]],
  [
    { hasNewerFiles: true },
    [
      "Nothing to do: no new rows since the last run.",
      pc.yellow(
        "Files of the project changed since the engine that is up started, and it did not see that: end rollcall up and start it again.",
      ),
    ],
  ],
  [
    { orphans: ["gold.old"] },
    [
      "Nothing to do: no new rows since the last run.",
      pc.yellow("No model makes gold.old any more; it stays as it was (rollcall run --plan: how to drop)."),
    ],
  ],
  [
    { status: "done", orphans: ["gold.old", "silver.old"] },
    [
      "0 models run.",
      pc.yellow(
        "No model makes gold.old, silver.old any more; they stay as they were (rollcall run --plan: how to drop).",
      ),
      "Done in 20 ms: run r1.",
    ],
  ],
])("a run says what it did not do, and why: %j", (view, lines) => {
  expect(formatRun({ ...NOTHING, ...view })).toBe(`${lines.join("\n")}\n`);
});
