import pc from "picocolors";
import type { DiffView } from "../data-diff.js";
import { diffText } from "../diff-text.js";
import { withControl } from "../engine-access.js";

export interface DiffCommand {
  readonly home: string;
  readonly against?: string;
  readonly save?: string;
  readonly key?: readonly string[];
  readonly sample: number;
  readonly json: boolean;
  readonly unmask: boolean;
  readonly exitCode: boolean;
}

/** Prints the difference; true when it is one that the exit code should tell. */
export async function diff(table: string, options: DiffCommand): Promise<boolean> {
  const { home, save, against, key, sample, unmask } = options;
  if (save !== undefined) {
    await withControl({ home }, (control) => control.snapshot({ table, name: save }));
    process.stdout.write(
      `Kept ${table} as "${save}" for a day: compare with  rollcall diff ${table} --against ${save}\n`,
    );
    return false;
  }
  const request = {
    table,
    sample,
    unmask,
    ...(against === undefined ? {} : { against }),
    ...(key === undefined ? {} : { key }),
  };
  const view = await withControl({ home }, (control) => control.diff(request));
  process.stdout.write(options.json ? `${JSON.stringify(view, asJson, 2)}\n` : diffText(view, pc));
  return options.exitCode && isDifferent(view);
}

function asJson(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}

function isDifferent({ added, removed, changed, columns }: DiffView): boolean {
  return added + removed + changed > 0 || columns.some(({ typeBefore, typeAfter }) => typeBefore !== typeAfter);
}
