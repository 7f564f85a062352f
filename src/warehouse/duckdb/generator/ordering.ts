import type { ResolvedNode } from "../../googlesql/resolved.js";
import type { Generator } from "./generator.js";

export interface OrderOptions {
  /** Exactly one sort key per item: a RANGE frame with an offset wants it, and then NaN sorts as DuckDB has it. */
  readonly isSingleKey?: boolean;
}

/**
 * The items of an ORDER BY. NULLs come first where ascending and last where descending, unless the text says else. NaN is
 * below every number, where DuckDB has it above.
 */
export function orderBySql(generator: Generator, items: readonly ResolvedNode[], options: OrderOptions = {}): string {
  return items
    .flatMap((item) => {
      const reference = item.node("columnRef");
      reference.ignore("isCorrelated");
      const column = reference.column("column");
      const sql = generator.column(column);
      const isDescending = item.flag("isDescending");
      const nullOrder = item.text("nullOrder");
      const isNullsFirst = nullOrder === "NULLS_FIRST" || (nullOrder !== "NULLS_LAST" && !isDescending);
      const nulls = isNullsFirst ? "NULLS FIRST" : "NULLS LAST";
      const key = `${sql}${collation(generator, item)} ${isDescending ? "DESC" : "ASC"} ${nulls}`;
      if (column.type.kind !== "DOUBLE" || options.isSingleKey === true) return [key];
      return [`isnan(${sql}) ${isDescending ? "ASC" : "DESC"} ${nulls}`, key];
    })
    .join(", ");
}

function collation(generator: Generator, item: ResolvedNode): string {
  const named = item.optionalNode("collationName");
  const name = named === null ? item.node("collation").text("collationName") : String(named.literal());
  if (name === "") return "";
  return name === "und:ci" ? " COLLATE NOCASE" : generator.unsupported(`the collation ${name}`, item);
}
