import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import type { RunProgress, ScriptProgress } from "./run-progress.js";
import { createRunView } from "./run-view.js";

const script = (layer: string, fields: Partial<ScriptProgress> = {}): ScriptProgress => ({
  layer,
  reason: "cycle",
  status: "committed",
  models: [`${layer}.a`, `${layer}.b`],
  ms: 1200,
  rows: 3400,
  ...fields,
});
const progress = (...scripts: ScriptProgress[]): RunProgress => ({ kind: "cycle", scriptCount: 3, scripts });

function shown(isTTY: boolean, columns = 100) {
  const writes: string[] = [];
  const output = { isTTY, columns, write: (text: string) => writes.push(text) > 0 };
  return { view: createRunView(output), writes };
}

/** What a terminal shows after these writes: a carriage return begins the line anew. Colours and widths are left out. */
function screen(writes: readonly string[]): string[] {
  const lines = [""];
  for (const piece of stripVTControlCharacters(writes.join("")).split(/(\r|\n)/)) {
    if (piece === "\n") lines.push("");
    else if (piece === "\r") lines[lines.length - 1] = "";
    else lines[lines.length - 1] += piece;
  }
  return lines.map((line) => line.replaceAll(/\s+/g, " ").trim());
}

describe("a run's view on a terminal", () => {
  it("keeps a line per script that committed and moves one below, in one write each", () => {
    const { view, writes } = shown(true);
    view.draw(null);
    expect(screen(writes)).toEqual(["⠙ landing what the log holds"]);
    view.draw(progress(script("silver", { status: "running", rows: null, ms: 80 })));
    expect(screen(writes)).toEqual(["⠹ silver, 2 models cycle 80 ms 2 more to come"]);
    view.draw(progress(script("silver"), script("identity", { status: "running", rows: null })));
    expect(writes).toHaveLength(3);
    expect(screen(writes)).toEqual([
      "✓ silver, 2 models cycle 3,400 rows 1.2 s",
      "⠸ identity, 2 models cycle 1.2 s 1 more to come",
    ]);
    view.finish(
      progress(script("silver"), script("identity", { status: "failed", rows: null, models: ["identity.x"] })),
    );
    expect(screen(writes)).toEqual(["✓ silver, 2 models cycle 3,400 rows 1.2 s", "✗ identity.x cycle 1.2 s", ""]);
  });

  it("never wraps the moving line", () => {
    const { view, writes } = shown(true, 30);
    view.draw(progress(script("silver", { status: "running" })));
    expect(writes.join("")).toHaveLength(29);
    const unknown = shown(true, 0);
    unknown.view.draw(progress(script("silver", { status: "running" })));
    expect(unknown.writes.join("")).toHaveLength(79);
  });
});

describe("a run's view elsewhere", () => {
  it("says each script once, when it is over, without control characters", () => {
    const { view, writes } = shown(false);
    view.draw(null);
    view.draw(progress(script("silver", { status: "running" })));
    expect(writes).toEqual([]);
    view.draw(progress(script("silver")));
    view.draw(progress(script("silver")));
    view.finish(progress(script("silver"), script("identity", { rows: null })));
    expect(writes).toHaveLength(2);
    expect(screen(writes)).toEqual([
      "✓ silver, 2 models cycle 3,400 rows 1.2 s",
      "✓ identity, 2 models cycle 1.2 s",
      "",
    ]);
    expect(writes.join("")).not.toContain("\r");
  });

  it("says nothing of a run that had nothing to do", () => {
    const { view, writes } = shown(false);
    view.finish(null);
    expect(writes).toEqual([]);
  });
});
