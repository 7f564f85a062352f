import type { ResolvedNode } from "../../googlesql/resolved.js";
import { aggregateOfArray, existsInArray } from "./array-subqueries.js";
import { castSql } from "./casts.js";
import { computedAlone } from "./computed-alone.js";
import { callSql } from "./functions/call.js";
import type { Generator } from "./generator.js";
import { literalSql } from "./literals.js";
import { orderBySql } from "./ordering.js";
import { quoteText } from "./sql.js";
import { duckdbType, fieldName } from "./types.js";

export function expressionSql(generator: Generator, node: ResolvedNode): string {
  switch (node.kind) {
    case "Literal":
      return literalSql(node.literal(), node.type) ?? generator.unsupported("this literal", node);
    case "ColumnRef":
    case "":
      node.ignore("isCorrelated");
      return generator.column(node.column("column"));
    case "FunctionCall":
      return callSql(generator, node);
    case "Cast":
      return castSql(generator, node);
    case "Parameter":
      return parameterSql(generator, node);
    case "MakeStruct":
      return makeStructSql(generator, node);
    case "GetStructField":
      return structFieldSql(generator, node);
    case "GetJsonField":
      return `json_extract(${generator.expression(node.node("expr"))}, ${quoteText(`$."${node.text("fieldName")}"`)})`;
    case "SubqueryExpr":
      return subquerySql(generator, node);
    case "WithExpr":
      return withExpressionSql(generator, node);
    case "ArgumentRef":
      return argumentSql(generator, node);
    case "Constant":
      return variableSql(node);
    case "SystemVariable":
      return `CAST(getvariable(${quoteText(`@@${node.texts("namePath").join(".")}`)}) AS ${duckdbType(node.type)})`;
    default:
      return generator.unsupported(`the expression ${node.kind}`, node);
  }
}

function parameterSql(generator: Generator, node: ResolvedNode): string {
  const name = node.text("name").toLowerCase();
  if (name === "") return generator.unsupported("a positional parameter (?)", node);
  generator.parameters.add(name);
  return `CAST($${name} AS ${duckdbType(node.type)})`;
}

function makeStructSql(generator: Generator, node: ResolvedNode): string {
  const type = node.type;
  if (type.kind !== "STRUCT") return generator.unsupported("this constructor", node);
  const fields = node.nodes("fieldList").map((field, i) => {
    return `${quoteText(fieldName(type.fields, i))}: ${generator.expression(field)}`;
  });
  return `{${fields.join(", ")}}`;
}

function structFieldSql(generator: Generator, node: ResolvedNode): string {
  const struct = node.node("expr");
  const type = struct.type;
  if (type.kind !== "STRUCT") return generator.unsupported("this field access", node);
  // The optimizer's note that the field need not be computed for NULL structs: DuckDB gives NULL either way.
  node.ignore("fieldExprIsPositional");
  const name = fieldName(type.fields, Number(node.text("fieldIdx")));
  return `struct_extract(${generator.expression(struct)}, ${quoteText(name)})`;
}

function subquerySql(generator: Generator, node: ResolvedNode): string {
  const scan = node.node("subquery");
  switch (node.text("subqueryType")) {
    case "SCALAR":
      return computedAlone(generator, scan) ?? aggregateOfArray(generator, node) ?? `(${generator.scan(scan)})`;
    case "EXISTS":
      return existsInArray(generator, node) ?? `EXISTS (${generator.scan(scan)})`;
    case "IN":
      return `(${generator.expression(node.node("inExpr"))} IN (${generator.scan(scan)}))`;
    case "ARRAY":
      return arraySubquerySql(generator, node, scan);
    default:
      return generator.unsupported(`a subquery of kind ${node.text("subqueryType")}`, node);
  }
}

/** ARRAY(SELECT ...): never NULL, and in the order of ORDER BY or, over one UNNEST, in the order of its array. */
function arraySubquerySql(generator: Generator, node: ResolvedNode, scan: ResolvedNode): string {
  const column = scan.columns("columnList")[0];
  if (column === undefined) return generator.unsupported("an ARRAY subquery of no columns", node);
  const name = generator.column(column);
  if (readsOneArray(scan)) {
    const inner = generator.scan(scan, { keepOrdinal: true });
    return `coalesce((SELECT list(${name} ORDER BY ord) FROM (${inner})), [])`;
  }
  if (scan.kind === "OrderByScan") {
    const inner = generator.scan(scan.node("inputScan"));
    const order = orderBySql(generator, scan.nodes("orderByItemList"));
    return `coalesce((SELECT list(${name} ORDER BY ${order}) FROM (${inner})), [])`;
  }
  return `coalesce((SELECT list(${name}) FROM (${generator.scan(scan)})), [])`;
}

function readsOneArray(scan: ResolvedNode): boolean {
  if (scan.kind === "ProjectScan" || scan.kind === "FilterScan") return readsOneArray(scan.node("inputScan"));
  return scan.kind === "ArrayScan" && scan.optionalNode("inputScan") === null;
}

function withExpressionSql(generator: Generator, node: ResolvedNode): string {
  let from = "SELECT 1 AS _";
  for (const assignment of node.nodes("assignmentList")) {
    const value = generator.expression(assignment.node("expr"));
    from = `SELECT *, ${value} AS ${generator.column(assignment.column("column"))} FROM (${from})`;
  }
  return `(SELECT ${generator.expression(node.node("expr"))} FROM (${from}))`;
}

function argumentSql(generator: Generator, node: ResolvedNode): string {
  node.ignore("argumentKind");
  const name = node.text("name").toLowerCase();
  return generator.functionArguments.at(-1)?.get(name) ?? generator.unsupported(`the argument ${name}`, node);
}

/** A script variable: DuckDB keeps it with the connection. */
function variableSql(node: ResolvedNode): string {
  const name = node.referenceName("constant").split(".").at(-1) ?? "";
  return `CAST(getvariable(${quoteText(name.toLowerCase())}) AS ${duckdbType(node.type)})`;
}
