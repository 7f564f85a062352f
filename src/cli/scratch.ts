import { type SourceStatement, splitStatements } from "../warehouse/googlesql/lexer.js";

/** What of a scratch text is run first, and what then gives the rows. Lines and columns stay those of the text. */
export interface ScratchParts {
  readonly script: string | null;
  readonly query: string | null;
}

const QUERY = /^(?:SELECT|WITH|FROM)\b|^\(/i;
const KEPT_FOR_QUERY = /^(?:DECLARE|SET)\b|^CREATE\s+(?:OR\s+REPLACE\s+)?TEMP(?:ORARY)?\s+FUNCTION\b/i;
const TEMP_TABLE = /^(CREATE\s+(?:OR\s+REPLACE\s+)?)(TEMP(?:ORARY)?\s+)(?=TABLE\b)/i;

/**
 * A scratch warehouse lives as long as one command, so a temporary table is made a plain one: it then outlives the script and
 * the last query can read it. Variables and functions go with the query as well, because they end with their script.
 */
export function splitScratch(text: string): ScratchParts {
  const statements = splitStatements(text);
  const last = statements.at(-1);
  if (last === undefined) return { script: null, query: null };
  const isQuery = QUERY.test(last.text);
  const before = isQuery ? statements.slice(0, -1) : statements;
  const script = placed(before.map(withPlainTable));
  if (!isQuery) return { script, query: null };
  return { script, query: placed([...before.filter(({ text: each }) => KEPT_FOR_QUERY.test(each)), last]) };
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
