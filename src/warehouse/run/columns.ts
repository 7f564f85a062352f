import type { Column, Warehouse } from "../port.js";
import type { Action } from "../project/action.js";
import type { Step } from "../project/script.js";
import { failureOfScript } from "../project/script-failure.js";

/**
 * How the columns of a query differ from those of the table it writes, and what to do about it; empty when they agree.
 * With `isTolerant` a query that cannot be asked says nothing: it may read what the script at hand is to create.
 */
export async function columnProblems(
  warehouse: Warehouse,
  step: Step,
  stored: readonly Column[],
  isTolerant: boolean,
): Promise<string[]> {
  let queried: readonly Column[];
  try {
    queried = await queryColumns(warehouse, step);
  } catch (error) {
    if (isTolerant) return [];
    throw error;
  }
  return differences(step.action, stored, queried);
}

/** Asked over an empty window: nothing is read where the table is partitioned by arrival. */
async function queryColumns(warehouse: Warehouse, { action, mode }: Step): Promise<readonly Column[]> {
  const sql = mode === "replace" ? action.sql : action.incrementalSql;
  const bound = { type: "TIMESTAMP", value: 0 };
  const query = `SELECT * FROM (\n${sql.trim()}\n) LIMIT 0`;
  const result = await warehouse
    .query(query, { window_from: bound, window_to: bound }, { origin: action.fileName })
    .catch((error: unknown) => {
      throw failureOfScript(error, null, action.fileName);
    });
  return result.columns;
}

function differences(action: Action, stored: readonly Column[], queried: readonly Column[]): string[] {
  const describe = (columns: readonly Column[]): Map<string, string> =>
    new Map(
      columns.map(({ name, type }) => [name.toLowerCase(), type.toUpperCase().replace(/\s*\(\d+(,\s*\d+)?\)/g, "")]),
    );
  const before = describe(stored);
  const after = describe(queried);
  const found = [
    ...[...after.keys()].filter((name) => !before.has(name)).map((name) => `adds ${name}`),
    ...[...before.keys()].filter((name) => !after.has(name)).map((name) => `lacks ${name}`),
    ...[...after]
      .filter(([name, type]) => before.has(name) && before.get(name) !== type)
      .map(([name, type]) => `makes ${name} ${type} where the table has ${before.get(name)}`),
  ];
  if (found.length === 0) return [];
  const remedy = action.isProtected
    ? "the table is protected: alter its columns by hand"
    : `rebuild it with a full refresh of ${action.id}+`;
  return [`${action.fileName}: the query of ${action.id} ${found.join(", ")}; ${remedy}`];
}
