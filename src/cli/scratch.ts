import { parseScript } from "../warehouse/googlesql/blocks.js";
import { type SourceStatement, splitStatements } from "../warehouse/googlesql/lexer.js";

/** What of a scratch text is run first, and what then gives the rows. Lines and columns stay those of the text. */
export interface ScratchParts {
  readonly script: string | null;
  readonly query: string | null;
  /** Queries whose rows nobody sees: all but that last one, as far as they are no part of another statement. */
  readonly unseen: number;
}

const QUERY = /^(?:SELECT|WITH|FROM)\b|^\(/i;
const KEPT_FOR_QUERY = /^(?:DECLARE|SET)\b|^CREATE\s+(?:OR\s+REPLACE\s+)?TEMP(?:ORARY)?\s+FUNCTION\b/i;
const DECLARED = /^DECLARE\b/i;
const VARIABLE = /^(?:DECLARE|SET)\b/i;
const TEMP_TABLE = /^(CREATE\s+(?:OR\s+REPLACE\s+)?)(TEMP(?:ORARY)?\s+)(?=TABLE\b)/i;

/** Where a script leaves its variables for the query after it. */
const VARIABLES = "rollcall_variables";

/**
 * A scratch warehouse lives as long as one command, so a temporary table is made a plain one: it then outlives the script and
 * the last query can read it. Variables and functions go with the query as well, because they end with their script; variables with
 * the values that the script left them.
 */
export function splitScratch(text: string): ScratchParts {
  const statements = splitStatements(text);
  const last = statements.at(-1);
  if (last === undefined) return { script: null, query: null, unseen: 0 };
  const isQuery = QUERY.test(last.text);
  const before = isQuery ? statements.slice(0, -1) : statements;
  const unseen = before.filter(({ text: each }) => QUERY.test(each)).length;
  const script = placed(before.map(withPlainTable));
  if (!isQuery) return { script, query: null, unseen };
  const kept = before.filter(({ text: each }) => KEPT_FOR_QUERY.test(each));
  if (kept.length === before.length) return { script, query: placed([...kept, last]), unseen };
  const names = variablesOf(text);
  const functions = kept.filter(({ text: each }) => !VARIABLE.test(each));
  if (names.length === 0) return { script, query: placed([...functions, last]), unseen };
  // Declarations come first in a script; others stand in a block of their own.
  const declared = before.slice(
    0,
    before.findIndex(({ text: each }) => !DECLARED.test(each)),
  );
  const handed = names.map((name) => `${name} AS ${name}`).join(", ");
  return {
    script: `${script} CREATE TABLE ${VARIABLES} AS SELECT ${handed};`,
    query: placed([...declared.map(withValues(names)), ...functions, last]),
    unseen,
  };
}

function variablesOf(text: string): readonly string[] {
  return parseScript(text).flatMap((node) => (node.kind === "declare" ? node.names : []));
}

/** The last declaration is followed by the values. */
function withValues(
  names: readonly string[],
): (statement: SourceStatement, at: number, all: readonly SourceStatement[]) => SourceStatement {
  const values = names.map((name) => `SET ${name} = (SELECT v.${name} FROM ${VARIABLES} AS v)`).join("; ");
  return (statement, at, all) =>
    at < all.length - 1 ? statement : { ...statement, text: `${statement.text}; ${values}` };
}

/** Whether a text has no statement: it is empty, or comments and semicolons are all there is. */
export function isEmpty(text: string): boolean {
  return splitStatements(text).length === 0;
}

/** Whether a text is one query, with nothing before it but variables and functions. */
export function isOneQuery(text: string): boolean {
  const statements = splitStatements(text);
  const last = statements.at(-1);
  return (
    last !== undefined &&
    QUERY.test(last.text) &&
    statements.slice(0, -1).every(({ text: each }) => KEPT_FOR_QUERY.test(each))
  );
}

function withPlainTable(statement: SourceStatement): SourceStatement {
  const text = statement.text.replace(
    TEMP_TABLE,
    (_, create: string, temp: string) => create + " ".repeat(temp.length),
  );
  return { ...statement, text };
}

/** The statements alone, each where it stood. */
function placed(statements: readonly SourceStatement[]): string | null {
  if (statements.length === 0) return null;
  let script = "";
  let line = 1;
  let column = 1;
  for (const { text, position } of statements) {
    if (position.line > line) {
      script += "\n".repeat(position.line - line);
      column = 1;
    }
    script += `${" ".repeat(Math.max(0, position.column - column))}${text};`;
    const lines = text.split("\n");
    line = position.line + lines.length - 1;
    column = (lines.length === 1 ? position.column : 1) + (lines.at(-1)?.length ?? 0) + 1;
  }
  return script;
}
