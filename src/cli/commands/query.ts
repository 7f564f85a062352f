import { readFileSync, statSync } from "node:fs";
import { text as readAll } from "node:stream/consumers";
import { messageOf, RollcallError } from "../../platform/errors.js";
import { boundedQuery } from "../bounded-query.js";
import { withControl } from "../engine-access.js";
import { type Format, formatRows, type Printable } from "../print.js";
import { isEmpty, isOneQuery, type ScratchParts, splitScratch } from "../scratch.js";

export interface QueryCommand {
  readonly home: string;
  readonly file?: string;
  readonly format: Format;
  readonly unmask: boolean;
  readonly scratch: boolean;
}

/** One query against the warehouse, or with `scratch` a script against an empty one: the rows of its last statement are shown. */
export async function query(argument: string | undefined, options: QueryCommand): Promise<void> {
  const sql = await readSql(argument, options.file);
  if (isEmpty(sql))
    throw misused(`${sourceOf(argument, options.file)} holds no statement. Give one, as in "SELECT 1".`);
  if (options.scratch) {
    await scratch(sql, options);
    return;
  }
  refuseScript(sql);
  const result = await withControl(options, (control) => control.query({ sql, unmask: options.unmask }));
  process.stdout.write(`${formatRows(result, options.format)}\n`);
}

async function scratch(sql: string, { home, format }: QueryCommand): Promise<void> {
  const parts = splitScratch(sql);
  const result = await runScratch(parts, home);
  if (result !== null) process.stdout.write(`${formatRows(result, format)}\n`);
  process.stderr.write(scratchNote(parts));
}

/** What of a script's queries is not shown: nothing to say where it has one, and that is the last. */
export function scratchNote({ query: last, unseen }: ScratchParts): string {
  if (last !== null) return unseen === 0 ? "" : `${unseen + 1} results; only that of the last query is shown.\n`;
  const rest = unseen === 0 ? "" : "; put the query whose rows you want at the end";
  return `Done. The last statement is no query, so there are no rows to show${rest}.\n`;
}

function sourceOf(argument: string | undefined, file: string | undefined): string {
  if (file !== undefined) return file;
  return argument === undefined || argument === "-" ? "Standard input" : "The text";
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
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory()) {
    throw misused(`${file} is a folder: give --file one file with SQL in it.`);
  }
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

async function runScratch({ script, query: last }: ScratchParts, home: string): Promise<Printable | null> {
  const { openScratch } = await import("../wiring/scratch.js");
  const warehouse = await openScratch(home);
  try {
    if (script !== null) await warehouse.execute(script);
    return last === null ? null : await boundedQuery(warehouse, last);
  } finally {
    await warehouse.close();
  }
}
