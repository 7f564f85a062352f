import { messageOf, RollcallError } from "../../platform/errors.js";
import { located } from "../googlesql/analyzer.js";
import type { SourcePosition } from "../googlesql/lexer.js";

/** What RE2 says is wrong with a pattern; what it quotes of the pattern comes behind it, bare. */
const BAD_PATTERN =
  /((?:missing|unexpected) [\])]|(?:bad|invalid|no argument for)[\w -]* (?:sequence|class|range|size|operator|group|UTF-8)|trailing \\):.*$/;

/**
 * DuckDB's words without data: it quotes the value that did not convert or was a duplicate, and rows are personal. It escapes
 * nothing, so whatever lies between the first quote and the last goes, and all that follows a quote that is never closed.
 */
function withoutData(message: string): string {
  const [line = ""] = message.split("\n");
  return line
    .replace(BAD_PATTERN, "$1: ...")
    .replace(/\B'(?:.*'|.*$)/, "'...'")
    .replace(/\B"(?:.*"|.*$)/, '"..."')
    .replace(/\S+@\S+/g, "...")
    .replace(/-?\d[\d.]{6,}/g, "...")
    .replace(/((?:Bad|Invalid|Malformed|Duplicate)[\w ]*(?:value|key|text|string|JSON)\b[^:]*:).*$/i, "$1 ...");
}

export interface StatementPlace {
  readonly origin?: string | undefined;
  readonly position: SourcePosition;
}

/** What a statement ran into, as an error of ours. Only a clash with another transaction is worth a second try. */
export function statementFailure(error: unknown, place: StatementPlace): RollcallError {
  if (error instanceof RollcallError) return error;
  const message = messageOf(error);
  if (isDiskFull(message)) return diskFull(located(place.origin, place.position, "the statement stopped"), error);
  const isConflict = /TransactionContext Error: (?:Conflict|Failed to commit)|write-write conflict/i.test(message);
  return new RollcallError("WAREHOUSE_FAILED", located(place.origin, place.position, withoutData(message)), {
    isRetriable: isConflict,
    details: { origin: place.origin ?? null, ...place.position },
  });
}

/** An error as `@@error.message` gives it: without the place that `located` put before it. */
export function errorText(error: RollcallError): string {
  return error.message.replace(/^\S*?:\d+:\d+: /, "");
}

/** What opening the file ran into. */
export function openFailure(error: unknown, file: string): RollcallError {
  const message = messageOf(error);
  if (/lock|already open|being used/i.test(message)) return busy(file, error);
  if (isDiskFull(message)) return diskFull(`the warehouse file ${file} cannot be opened`, error);
  return new RollcallError(
    "WAREHOUSE_FAILED",
    `The warehouse file ${file} cannot be opened: ${message.split("\n")[0]}`,
    {
      isRetriable: false,
      cause: error,
    },
  );
}

/** The operating system's ENOSPC and EDQUOT as DuckDB passes them on, and its own limit on what it spills. */
function isDiskFull(message: string): boolean {
  return /No space left on device|Disk quota exceeded|max_temp_directory_size/i.test(message);
}

function diskFull(what: string, cause: unknown): RollcallError {
  return new RollcallError(
    "WAREHOUSE_FAILED",
    `${what}: no space is left on the disk. What had committed stays. Free some, then run it again.`,
    { isRetriable: true, cause },
  );
}

/** A DuckDB file has one owner at a time, readers included. DuckDB says which process it is where the system tells. */
export function busy(file: string, cause?: unknown): RollcallError {
  const [, program, pid] = /held in (\S+)(?: \(PID (\d+)\))/.exec(messageOf(cause ?? "")) ?? [];
  const owner = pid === undefined ? "another process" : `process ${pid} (${program?.split("/").at(-1)})`;
  return new RollcallError(
    "WAREHOUSE_BUSY",
    `The warehouse file ${file} is in use by ${owner}. If that is a command, wait until it is done. If it is an engine that ` +
      "does not answer, end the `rollcall up` that started it: while it answers, every command asks it instead.",
    { isRetriable: true, cause, details: { file, pid: pid === undefined ? null : Number(pid) } },
  );
}
