import type { ExecuteResult, StatementResult } from "../port.js";
import type { Script } from "./script.js";

/** What an action of a script cost and changed. Null where the warehouse does not say. */
export interface ActionOutcome {
  readonly id: string;
  /** Rows changed. */
  readonly rows: number | null;
  readonly rowsRead: number | null;
  readonly bytesRead: number | null;
  readonly ms: number | null;
}

/** Outcomes by action. All null where the warehouse reported other statements than the script has. */
export function outcomesOf(script: Script, result: ExecuteResult): ActionOutcome[] {
  const isComparable = result.statements.length === script.parts.reduce((sum, part) => sum + part.statementCount, 0);
  let at = 0;
  return script.parts.flatMap((part) => {
    const own = isComparable ? result.statements.slice(at, at + part.statementCount) : null;
    at += part.statementCount;
    return part.action === null ? [] : [outcomeOf(part.action.id, own)];
  });
}

/** The sum over an action's statements. */
export function outcomeOf(id: string, statements: readonly StatementResult[] | null): ActionOutcome {
  const total = (pick: (statement: StatementResult) => number | null): number | null =>
    statements === null
      ? null
      : statements.reduce<number | null>((sum, statement) => {
          const value = pick(statement);
          return sum === null || value === null ? null : sum + value;
        }, 0);
  return {
    id,
    rows: total(({ rows }) => rows),
    rowsRead: total(({ rowsRead }) => rowsRead),
    bytesRead: total(({ bytesRead }) => bytesRead),
    ms: total(({ ms }) => ms),
  };
}
