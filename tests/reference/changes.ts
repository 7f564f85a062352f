import { formatType, typeFromMessage } from "../../src/warehouse/googlesql/types.js";
import type { ReferenceTable } from "./evaluator.js";
import type { MergeClause, MergeStatement } from "./statements.js";

/** INSERT and MERGE as queries, for an evaluator of queries. */

/** The rows of a query in the types of the columns they go to, by the coercions of UNION ALL, which are those of INSERT. */
export function typedSelect(table: ReferenceTable, columns: readonly string[], sql: string): string {
  const header = columns.map((column) => {
    const found = table.columns.find(({ name }) => name.toLowerCase() === column.toLowerCase());
    if (found === undefined) throw new Error(`There is no column ${column}`);
    return `CAST(NULL AS ${formatType(typeFromMessage(found.type))}) AS \`${column}\``;
  });
  return `SELECT ${header.join(", ")} FROM UNNEST([1]) WHERE FALSE UNION ALL (\n${sql}\n)`;
}

const HIT = "is_hit_by_the_merge";

/**
 * `kept`: the table's rows as the MERGE leaves them, with whether they stay as a last column. It has more rows than the table when
 * one of them is matched twice. `added`: its new rows, by clause.
 */
export function writeMerge(
  merge: MergeStatement,
  table: ReferenceTable,
): { readonly kept: string; readonly added: readonly { readonly columns: readonly string[]; readonly sql: string }[] } {
  const { alias, sourceAlias, source, on, clauses } = merge;
  const matched = clauses.filter((clause) => clause.kind !== "add");
  const applies = (clause: MergeClause): string =>
    `(${sourceAlias}.${HIT} IS NOT NULL AND ${firstOf(matched, clause)})`;
  const values = table.columns.map(({ name }) => {
    const cases = matched.flatMap((clause) => {
      const value = clause.kind === "update" ? clause.set[name] : undefined;
      return value === undefined ? [] : [`WHEN ${applies(clause)} THEN (${value}\n)`];
    });
    const own = `${alias}.\`${name}\``;
    return `${cases.length === 0 ? own : `CASE ${cases.join(" ")} ELSE ${own} END`} AS \`${name}\``;
  });
  const leaves = matched.filter(({ kind }) => kind === "remove").map(applies);
  const stays = leaves.length === 0 ? "TRUE" : `IFNULL(NOT (${leaves.join(" OR ")}), TRUE)`;
  const kept = `SELECT ${values.join(", ")}, ${stays}
FROM ${merge.table} AS ${alias}
LEFT JOIN (SELECT *, TRUE AS ${HIT} FROM ${source}) AS ${sourceAlias} ON ${on}`;

  const missing = clauses.filter((clause) => clause.kind === "add");
  const added = missing.map((clause) => ({
    columns: clause.columns,
    sql: typedSelect(
      table,
      clause.columns,
      `SELECT ${unwrapped(clause.values)}
FROM ${source} AS ${sourceAlias}
WHERE NOT EXISTS (SELECT 1 FROM ${merge.table} AS ${alias} WHERE ${on}
) AND ${firstOf(missing, clause)}`,
    ),
  }));
  return { kept, added };
}

/** The first clause whose condition holds is the one that acts. */
function firstOf(clauses: readonly MergeClause[], clause: MergeClause): string {
  const earlier = clauses.slice(0, clauses.indexOf(clause)).map(({ condition }) => `(${condition}\n) IS NOT TRUE`);
  return [...earlier, `(${clause.condition}\n) IS TRUE`].join(" AND ");
}

/** Without the parentheses around it. */
function unwrapped(list: string): string {
  return list.trim().slice(1, -1);
}
