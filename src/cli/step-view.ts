import type { Writable } from "node:stream";
import pc from "picocolors";
import { formatCount, formatDuration } from "./print.js";
import type { StepProgress } from "./step-tracker.js";

/** Shows steps as they go: a line for each that is over, and on a terminal one below that moves. */
export interface StepView {
  draw(steps: readonly StepProgress[] | null): void;
  /** Shows what is left to show and takes the moving line away. */
  finish(steps: readonly StepProgress[] | null): void;
}

const CLEAR_LINE = "\r\x1b[2K";
const MARKS = { running: pc.cyan("·"), done: pc.green("✓"), failed: pc.red("✗") } as const;

export function createStepView(output: Pick<Writable, "write"> & { readonly isTTY?: boolean }): StepView {
  let shown = 0;
  let hasMovingLine = false;

  function update(steps: readonly StepProgress[], isOver: boolean): void {
    const over = steps.slice(shown).filter(({ status }) => status !== "running");
    shown += over.length;
    const running = isOver ? undefined : steps.find(({ status }) => status === "running");
    const lines = over.map((step) => `${lineOf(step)}\n`).join("");
    if (output.isTTY !== true) {
      if (lines !== "") output.write(lines);
      return;
    }
    const moving = running === undefined ? "" : lineOf(running);
    output.write(`${hasMovingLine ? CLEAR_LINE : ""}${lines}${moving}`);
    hasMovingLine = moving !== "";
  }

  return { draw: (steps) => update(steps ?? [], false), finish: (steps) => update(steps ?? [], true) };
}

function lineOf({ name, status, done, ms }: StepProgress): string {
  const amount = done > 0 ? formatCount(done) : "";
  return `${MARKS[status]} ${name.padEnd(38)} ${amount.padStart(12)} ${pc.dim(formatDuration(ms).padStart(8))}`;
}
