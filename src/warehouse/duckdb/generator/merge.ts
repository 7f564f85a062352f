import { functionName, type ResolvedNode } from "../../googlesql/resolved.js";
import { assignments, rowSql, SEVERAL_MATCHES, severalMatchesGuard, target } from "./dml.js";
import type { Generator } from "./generator.js";
import { quoteName, quoteText } from "./sql.js";

const MATCH_TYPES: Readonly<Record<string, string>> = {
  MATCHED: "MATCHED",
  NOT_MATCHED_BY_TARGET: "NOT MATCHED BY TARGET",
  NOT_MATCHED_BY_SOURCE: "NOT MATCHED BY SOURCE",
};

/**
 * MERGE. Where several rows of the source match one of the target, BigQuery refuses and DuckDB takes any: the source gets a
 * count per key, and a first clause that raises. A condition that is more than equal keys is checked by a query before.
 */
export function mergeSql(generator: Generator, node: ResolvedNode): readonly string[] {
  const table = target(generator, node);
  const source = generator.scan(node.node("fromScan"));
  const on = node.node("mergeExpr");
  const condition = generator.expression(on);
  const clauses = node.nodes("whenClauseList");
  const actions = clauses.map((clause) => whenClause(generator, clause));
  const merge = (using: string, all: readonly string[]): string =>
    `MERGE INTO ${table} AS target USING (${using}) AS source ON (${condition}) ${all.join(" ")}`;

  const changesMatched = clauses.some((clause) => clause.text("matchType") === "MATCHED");
  if (!changesMatched || isFalse(on)) return [merge(source, actions)];
  const keys = sourceKeys(generator, on);
  if (keys === null) {
    return [severalMatchesGuard(table, `(${source}) AS source`, condition), merge(source, actions)];
  }
  const counted = `SELECT *, count(*) OVER (PARTITION BY ${keys.join(", ")}) AS matches_of_key FROM (${source})`;
  const refusal = `WHEN MATCHED AND matches_of_key > 1 THEN ERROR ${quoteText(SEVERAL_MATCHES)}`;
  return [merge(counted, [refusal, ...actions])];
}

function isFalse(node: ResolvedNode): boolean {
  return node.kind === "Literal" && node.literal() === false;
}

const TARGET_COLUMN = /\btarget\."/;
const SOURCE_COLUMN = /\b_c\d+\b/;

/** The source's side of `ON target.a = source.x AND target.b = source.y`; null when the condition is of another form. */
function sourceKeys(generator: Generator, on: ResolvedNode): readonly string[] | null {
  const keys: string[] = [];
  for (const conjunct of conjuncts(on)) {
    const sides = conjunct.kind === "FunctionCall" ? conjunct.nodes("argumentList") : [];
    const [left, right] = sides.map((side) => generator.expression(side));
    const isEquality = conjunct.kind === "FunctionCall" && functionName(conjunct) === "$equal";
    if (isEquality && left !== undefined && right !== undefined) {
      const [ofTarget, ofSource] = TARGET_COLUMN.test(left) ? [left, right] : [right, left];
      if (!SOURCE_COLUMN.test(ofTarget) && !TARGET_COLUMN.test(ofSource)) {
        keys.push(ofSource);
        continue;
      }
    }
    // A condition on the target alone holds for all the rows that match it, or for none.
    if (SOURCE_COLUMN.test(generator.expression(conjunct))) return null;
  }
  return keys.length === 0 ? null : keys;
}

function conjuncts(node: ResolvedNode): readonly ResolvedNode[] {
  if (node.kind !== "FunctionCall" || functionName(node) !== "$and") return [node];
  return node.nodes("argumentList").flatMap(conjuncts);
}

function whenClause(generator: Generator, clause: ResolvedNode): string {
  const match = MATCH_TYPES[clause.text("matchType")] ?? generator.unsupported("this kind of WHEN", clause);
  const condition = clause.optionalNode("matchExpr");
  const when = `WHEN ${match}${condition === null ? "" : ` AND ${generator.expression(condition)}`}`;
  return `${when} THEN ${mergeAction(generator, clause)}`;
}

function mergeAction(generator: Generator, clause: ResolvedNode): string {
  const action = clause.text("actionType");
  switch (action) {
    case "INSERT": {
      const columns = clause.columns("insertColumnList").map((column) => quoteName(column.name));
      return `INSERT (${columns.join(", ")}) VALUES (${rowSql(generator, clause.node("insertRow"))})`;
    }
    case "UPDATE":
      return `UPDATE SET ${assignments(generator, clause.nodes("updateItemList"))}`;
    case "DELETE":
      return "DELETE";
    default:
      return generator.unsupported(`MERGE with ${action}`, clause);
  }
}
