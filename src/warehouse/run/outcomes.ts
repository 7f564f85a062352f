import type { ExecuteResult, StatementResult } from "../port.js";
import type { Script } from "../project/script.js";

/** What an action of a script cost and changed. Null where the warehouse does not say. */
export interface ActionOutcome {
  readonly id: string;
  /** Rows changed. */
  readonly rows: number | null;
  readonly rowsRead: number | null;
  readonly bytesRead: number | null;
  readonly ms: number | null;
}

/** Outcomes by action: of the statements that stand in its part of the script. */
export function outcomesOf(script: Script, { statements }: ExecuteResult): ActionOutcome[] {
  return script.parts.flatMap(({ action, fromLine, toLine }) => {
    const isOwn = ({ line }: StatementResult): boolean => fromLine <= line && line <= toLine;
    return action === null ? [] : [outcomeOf(action.id, statements.filter(isOwn))];
  });
}

/** The sum over an action's statements. */
export function outcomeOf(id: string, statements: readonly StatementResult[]): ActionOutcome {
  const total = (pick: (statement: StatementResult) => number | null): number | null =>
    statements.reduce<number | null>((sum, statement) => {
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
