import type { Warehouse } from "../port.js";
import type { Action, CompiledProject } from "../project/action.js";
import { readModelStates } from "./state.js";

/** A table or view that a model made which the project no longer has. Nobody brings it up to date. */
export interface Orphan {
  readonly id: string;
  /** What takes it away, for whoever decides that nobody needs its rows. No run does. */
  readonly drop: string;
}

/**
 * By the runner's own notes: what somebody else made is none, nor is what a statement of the project still names. In the order of their
 * ids.
 */
export async function readOrphans(warehouse: Warehouse, project: CompiledProject): Promise<Orphan[]> {
  const gone = [...(await readModelStates(warehouse)).keys()].filter((id) => !project.byId.has(id));
  const unnamed = gone.filter((id) => !project.actions.some((action) => names(action, id)));
  if (unnamed.length === 0) return [];
  const tables = await warehouse.tables();
  return tables
    .map(({ dataset, table, kind }) => ({ id: `${dataset}.${table}`, kind }))
    .filter(({ id }) => unnamed.includes(id))
    .map(({ id, kind }) => ({ id, drop: `DROP ${kind.toUpperCase()} ${id}` }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Whether its SQL says that name: operations may write a table that once was a model's. */
function names(action: Action, id: string): boolean {
  const { sql, incrementalSql, statements, preOps, postOps, incrementalPreOps, incrementalPostOps } = action;
  const texts = [
    sql,
    incrementalSql,
    ...statements,
    ...preOps,
    ...postOps,
    ...incrementalPreOps,
    ...incrementalPostOps,
  ];
  const word = new RegExp(`\\b${id.replace(".", "\\.")}\\b`, "i");
  return texts.some((text) => word.test(text.replaceAll("`", "")));
}
