import { RollcallError } from "../../platform/errors.js";
import type { ColumnSource } from "../googlesql/lineage.js";
import { didYouMean } from "../project/suggest.js";
import type { LineageGraph, LineageTable } from "./lineage.js";

export interface NamedPart {
  readonly table: LineageTable;
  /** Null where the name is a table's. */
  readonly part: ColumnSource | null;
}

/**
 * The table, column or part that "gold.profiles", "gold.profiles.email" or "silver.events.properties.items[].price" names. Throws
 * INPUT_INVALID for an unknown name, with the nearest known one.
 */
export function findPart(graph: LineageGraph, text: string): NamedPart {
  const [dataset = "", name = "", column, ...path] = text.replaceAll("[]", ".[]").split(".");
  if (name === "") throw notATable(graph, text);
  const key = `${dataset}.${name}`.toLowerCase();
  const table = graph.tables.get(key);
  if (table === undefined) throw unknown(`there is no table ${dataset}.${name}`, key, [...graph.tables.keys()]);
  if (column === undefined) return { table, part: null };
  const known = table.columns.find((one) => one.toLowerCase() === column.toLowerCase());
  if (known === undefined) throw unknown(`${key} has no column ${column}`, column, table.columns);
  return { table, part: { table: key, column: known, path } };
}

/** A dataset is told with its tables, anything else with how a name is written. */
function notATable(graph: LineageGraph, text: string): RollcallError {
  const tables = [...graph.tables.keys()].filter((key) => key.startsWith(`${text.toLowerCase()}.`));
  const message =
    tables.length === 0
      ? `"${text}" is no table: write dataset.table or dataset.table.column`
      : `${text} is a dataset: name one of its tables, ${tables.sort().join(", ")}`;
  return new RollcallError("INPUT_INVALID", message, { isRetriable: false });
}

function unknown(message: string, name: string, known: readonly string[]): RollcallError {
  return new RollcallError("INPUT_INVALID", message + didYouMean(name, known), { isRetriable: false });
}
