import { readFileSync } from "node:fs";
import { text as readAll } from "node:stream/consumers";
import { messageOf, RollcallError } from "../../platform/errors.js";
import { boundedQuery } from "../bounded-query.js";
import { withControl } from "../engine-access.js";
import { type Format, formatRows, type Printable } from "../print.js";
import { isOneQuery, splitScratch } from "../scratch.js";

export interface QueryCommand {
  readonly home: string;
  readonly file?: string;
  readonly format: Format;
  readonly unmask: boolean;
  readonly scratch: boolean;
}

/** One query against the warehouse, or with `scratch` a script against an empty one. */
export async function query(argument: string | undefined, options: QueryCommand): Promise<void> {
  const sql = await readSql(argument, options.file);
  if (!options.scratch) refuseScript(sql);
  const result = options.scratch
    ? await runScratch(sql, options.home)
    : await withControl(options, (control) => control.query({ sql, unmask: options.unmask }));
  if (result === null) process.stderr.write("Done. The last statement is no query, so there are no rows to show.\n");
  else process.stdout.write(`${formatRows(result, options.format)}\n`);
}

function refuseScript(sql: string): void {
  if (isOneQuery(sql)) return;
  throw misused(
    "query answers one SELECT, after DECLARE, SET and CREATE TEMP FUNCTION if need be, and changes nothing: models make " +
      "tables (rollcall run), and --scratch runs a whole script in an empty warehouse.",
  );
}

async function readSql(argument: string | undefined, file: string | undefined): Promise<string> {
  if (argument !== undefined && file !== undefined)
    throw misused("Give the SQL as an argument or with --file, not both.");
  if (file !== undefined) return readFile(file);
  if (argument !== undefined && argument !== "-") return argument;
  if (process.stdin.isTTY)
    throw misused('Give the SQL: as an argument ("SELECT 1"), with --file, or on standard input.');
  return readAll(process.stdin);
}

function readFile(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new RollcallError("CONFIG_INVALID", `${file} cannot be read: ${messageOf(cause)}`, {
      isRetriable: false,
      cause,
    });
  }
}

function misused(message: string): RollcallError {
  return new RollcallError("CONFIG_INVALID", message, { isRetriable: false });
}

async function runScratch(sql: string, home: string): Promise<Printable | null> {
  const { script, query: last } = splitScratch(sql);
  const { openScratch } = await import("../wiring/scratch.js");
  const warehouse = await openScratch(home);
  try {
    if (script !== null) await warehouse.execute(script);
    return last === null ? null : await boundedQuery(warehouse, last);
  } finally {
    await warehouse.close();
  }
}
