import { RollcallError } from "../../platform/errors.js";
import { located } from "../googlesql/analyzer.js";
import { splitStatements } from "../googlesql/lexer.js";

const LONGEST_OPENING = 80;

/**
 * What a script ran into that was made of models' texts, told without its line and column there: nobody can look those up. SQL that
 * does not hold is shown in its file by a check; of anything else the statement of `script` is named by how it begins. `file` is put
 * before it. Null for a script of one statement, and for a file that the caller puts there.
 */
export function failureOfScript(error: unknown, script: string | null, file: string | null): unknown {
  if (!(error instanceof RollcallError)) return error;
  const { line, column, ...details } = error.details;
  if (typeof line !== "number" || typeof column !== "number") return error;
  const origin = typeof details.origin === "string" ? details.origin : undefined;
  const place = located(origin, { line, column }, "");
  const words = error.message.startsWith(place) ? error.message.slice(place.length) : error.message;
  const told = `${words}${whereToLook(error, script, line)}`;
  return new RollcallError(error.code, file === null ? told : `${file}: ${told}`, {
    isRetriable: error.isRetriable,
    cause: error,
    details,
  });
}

function whereToLook({ code }: RollcallError, script: string | null, line: number): string {
  if (code === "SQL_INVALID" || code === "SQL_UNSUPPORTED") return "; rollcall check says where";
  if (script === null) return "";
  const begin = splitStatements(script).findLast(({ position }) => position.line <= line)?.position;
  if (begin === undefined) return "";
  const opening = script.split("\n")[begin.line - 1]?.slice(begin.column - 1) ?? "";
  const shown = opening.length <= LONGEST_OPENING ? opening : `${opening.slice(0, LONGEST_OPENING)}...`;
  return ` (in the statement that begins: ${shown})`;
}
