import type { Writable } from "node:stream";
import pc from "picocolors";
import { formatCount, formatDuration } from "./print.js";
import type { RunProgress, ScriptProgress } from "./run-progress.js";

/**
 * Shows a run as it goes. On a terminal: a line per script that committed, and one below that moves, written in one
 * piece so that nothing flickers. Elsewhere: a plain line per script when it is over.
 */
export interface RunView {
  draw(progress: RunProgress | null): void;
  /** Shows what is left to show and takes the moving line away. */
  finish(progress: RunProgress | null): void;
}

export interface RunViewOutput extends Pick<Writable, "write"> {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
/** Of a terminal that does not tell its own, or says 0. */
const UNKNOWN_WIDTH = 80;
const CLEAR_LINE = "\r\x1b[2K";
const MARKS = { running: "·", committed: pc.green("✓"), failed: pc.red("✗") } as const;

export function createRunView(output: RunViewOutput): RunView {
  const isTerminal = output.isTTY === true;
  let shown = 0;
  let frame = 0;
  let hasMovingLine = false;

  function update(progress: RunProgress | null, isOver: boolean): void {
    const scripts = progress?.scripts ?? [];
    const over = scripts.slice(shown).filter(({ status }) => status !== "running");
    shown += over.length;
    let text = over.map((script) => `${lineOf(script, MARKS[script.status])}\n`).join("");
    if (isTerminal) {
      const running = scripts.find(({ status }) => status === "running");
      const moving = isOver ? "" : movingLine(running, progress);
      text = `${hasMovingLine ? CLEAR_LINE : ""}${text}${moving}`;
      hasMovingLine = moving !== "";
    }
    if (text !== "") output.write(text);
  }

  function movingLine(running: ScriptProgress | undefined, progress: RunProgress | null): string {
    frame = (frame + 1) % FRAMES.length;
    const mark = FRAMES[frame] ?? "";
    if (running === undefined)
      return cut(`${mark} ${progress === null ? "landing what the log holds" : "between scripts"}`);
    const left = (progress?.scriptCount ?? 0) - shown - 1;
    return cut(`${lineOf(running, mark)}${left > 0 ? `  ${left} more to come` : ""}`);
  }

  /** A line that wraps could not be taken back. Colours are left out of it, so that its length is its width. */
  const cut = (line: string): string => line.slice(0, Math.max(20, (output.columns || UNKNOWN_WIDTH) - 1));

  return { draw: (progress) => update(progress, false), finish: (progress) => update(progress, true) };
}

function lineOf({ layer, reason, models, rows, ms }: ScriptProgress, mark: string): string {
  const [only] = models;
  const what = models.length === 1 && only !== undefined ? only : `${layer}, ${formatCount(models.length)} models`;
  const amount = rows === null ? "" : `${formatCount(rows)} rows`;
  return `${mark} ${what.padEnd(36)} ${reason.replace("_", " ").padEnd(11)} ${amount.padStart(16)} ${formatDuration(ms).padStart(8)}`;
}
