import type { Writable } from "node:stream";
import pc from "picocolors";
import { formatCount, formatDuration } from "./print.js";

/** Tells a person what is going on: one line that moves on a terminal, one line per finished step elsewhere. */
export interface Progress {
  /** Runs a step and tells how it went. `report` shows how much of it is done. */
  step<T>(label: string, work: (report: (done: number) => void) => Promise<T>): Promise<T>;
}

const REDRAW_MS = 80;

export function createProgress(output: Writable & { readonly isTTY?: boolean }, now: () => number): Progress {
  const isTerminal = output.isTTY === true;
  return {
    step: async (label, work) => {
      const startedAt = now();
      let drawnAt = 0;
      let done = 0;
      const draw = (mark: string, ending: string): void => {
        const amount = done > 0 ? formatCount(done).padStart(9) : "".padStart(9);
        const line = `${mark} ${label.padEnd(46)} ${amount}  ${pc.dim(formatDuration(now() - startedAt).padStart(8))}`;
        output.write(isTerminal ? `\r\x1b[2K${line}${ending}` : `${line}${ending}`);
      };
      if (isTerminal) draw(pc.cyan("·"), "");
      try {
        const result = await work((count) => {
          done = count;
          if (!isTerminal || now() - drawnAt < REDRAW_MS) return;
          drawnAt = now();
          draw(pc.cyan("·"), "");
        });
        draw(pc.green("✓"), "\n");
        return result;
      } catch (error) {
        draw(pc.red("✗"), "\n");
        throw error;
      }
    },
  };
}
