import { type CatalogTable, DEFAULT_PROJECT } from "../../googlesql/catalog.js";
import type { ResolvedNode } from "../../googlesql/resolved.js";
import type { Generator } from "./generator.js";
import { quoteName } from "./sql.js";

/** The database file is attached under this name whatever the file is called, so that stored views keep working. */
export const DATABASE = "rollcall";

export type ObjectName = Pick<CatalogTable, "dataset" | "table">;

/** Where a table lives in DuckDB. Temporary tables belong to the connection of the script. */
export function duckdbName(name: ObjectName): string {
  if (name.dataset === null) return `temp.main.${quoteName(name.table.toLowerCase())}`;
  return `${DATABASE}.${quoteName(name.dataset.toLowerCase())}.${quoteName(name.table)}`;
}

export function datasetSql(dataset: string): string {
  return `${DATABASE}.${quoteName(dataset.toLowerCase())}`;
}

function parts(generator: Generator, path: readonly string[], node: ResolvedNode): readonly string[] {
  const split = path.flatMap((part) => part.split("."));
  if (split[0]?.toLowerCase() === DEFAULT_PROJECT && split.length > 1) return split.slice(1);
  return split.length > 2 ? generator.unsupported(`the project ${split[0]}`, node) : split;
}

/** The table a path names: "dataset.table", with or without the project, or a bare temporary name. */
export function tableName(
  generator: Generator,
  path: readonly string[],
  node: ResolvedNode,
  defaultDataset: string | undefined,
  isTemporary: boolean,
): ObjectName {
  const [first = "", second] = parts(generator, path, node);
  if (second !== undefined) return { dataset: first, table: second };
  if (isTemporary) return { dataset: null, table: first };
  if (defaultDataset !== undefined) return { dataset: defaultDataset, table: first };
  return generator.unsupported(`the table ${first} without its dataset`, node);
}

export function datasetName(generator: Generator, path: readonly string[], node: ResolvedNode): string {
  const [first = "", ...rest] = parts(generator, path, node);
  return rest.length === 0 ? first : generator.unsupported(`the dataset ${path.join(".")}`, node);
}
