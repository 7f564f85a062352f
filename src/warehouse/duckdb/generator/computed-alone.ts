import type { ResolvedNode } from "../../googlesql/resolved.js";
import type { Generator } from "./generator.js";

/**
 * `(SELECT a + 1 FROM (SELECT f(x) AS a))`: a subquery that reads no table, as the analyzer makes them of ARRAY_FIRST, NULLIFZERO
 * and the like. It becomes an expression, each value under its name by a list of one element and a lambda: a subquery would
 * be computed whether or not its branch of a CASE is reached, and may not stand in TRY. Null for any other subquery, and
 * where a subquery would stand in a lambda, which DuckDB does not allow.
 */
export function computedAlone(generator: Generator, scan: ResolvedNode): string | null {
  const steps: ResolvedNode[] = [];
  let at = scan;
  for (; at.kind === "ProjectScan"; at = at.node("inputScan")) steps.unshift(...at.nodes("exprList").toReversed());
  const result = scan.columns("columnList")[0];
  if (at.kind !== "SingleRowScan" || result === undefined) return null;
  const values = steps.map((step) => ({ id: step.column("column").id, node: step.node("expr") }));
  const last = values.pop();
  if (last === undefined || last.id !== result.id) return null;
  const bound = values.map(({ id, node }) => {
    const name = `alone_${id}`;
    const value = generator.expression(node);
    generator.columnSql.set(id, name);
    return { id, name, value };
  });
  const body = generator.expression(last.node);
  for (const { id } of bound) generator.columnSql.delete(id);
  // The first value stands before all lambdas; with no value there is none.
  const inLambdas = bound.length === 0 ? [] : [body, ...bound.slice(1).map(({ value }) => value)];
  if (inLambdas.some((sql) => /\bSELECT\b/.test(sql))) return null;
  return bound.reduceRight((sql, { name, value }) => `(list_transform([${value}], lambda ${name}: ${sql})[1])`, body);
}
