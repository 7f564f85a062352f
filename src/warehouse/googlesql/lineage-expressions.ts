import { branchesOf, literalsOf } from "./lineage-conditions.js";
import { traceCall } from "./lineage-functions.js";
import { restrict } from "./lineage-given.js";
import { ANY_ROW, intersect, type KeySet } from "./lineage-keys.js";
import { ownName, type Tracer } from "./lineage-tracer.js";
import {
  CONSTANT,
  columnValue,
  ELEMENT,
  merge,
  part,
  renameParts,
  through,
  type Value,
  within,
} from "./lineage-values.js";
import { functionName, type ResolvedNode } from "./resolved.js";
import type { GoogleType } from "./types.js";

/** The column that stands for the value of a script variable. */
export const VARIABLE_COLUMN = "value";

export function variableTable(name: string): string {
  return `@${name.toLowerCase()}`;
}

export function traceExpression(tracer: Tracer, node: ResolvedNode): Value {
  switch (node.kind) {
    case "Literal":
    case "Parameter":
    case "DMLDefault":
      return CONSTANT;
    case "ColumnRef":
    case "":
      return tracer.column(node.column("column").id);
    case "FunctionCall":
      return functionCall(tracer, node);
    case "AggregateFunctionCall":
    case "AnalyticFunctionCall":
      return aggregateCall(tracer, node);
    case "Cast":
      return cast(tracer, node);
    case "MakeStruct":
      return makeStruct(tracer, node);
    case "GetStructField":
      return structField(tracer, node);
    case "GetJsonField":
      return part(tracer.expression(node.node("expr")), node.text("fieldName"));
    case "SubqueryExpr":
      return subquery(tracer, node);
    case "WithExpr":
      for (const item of node.nodes("assignmentList")) tracer.bind(item.column("column").id, item.node("expr"));
      return tracer.expression(node.node("expr"));
    case "ArgumentRef":
      return tracer.argument(node.text("name"));
    case "Constant":
      return columnValue(variableTable(node.referenceName("constant").split(".").at(-1) ?? ""), VARIABLE_COLUMN);
    default:
      return tracer.unknown();
  }
}

function argumentNodes(tracer: Tracer, node: ResolvedNode): readonly ResolvedNode[] {
  const plain = node.nodes("argumentList");
  if (plain.length > 0) return plain;
  return node.nodes("genericArgumentList").map((argument) => argument.optionalNode("expr") ?? tracer.unknown());
}

function functionCall(tracer: Tracer, node: ResolvedNode): Value {
  const name = functionName(node);
  const nodes = argumentNodes(tracer, node);
  const args = nodes.map((argument) => tracer.expression(argument));
  const made = tracer.scope.functions.get(name);
  if (made !== undefined) return tracer.call(made, args);
  return traceCall({ name, args: branchesOf(tracer, node, nodes, args), nodes, node });
}

/** What orders the aggregated rows, and HAVING MAX, choose among them. */
function aggregateCall(tracer: Tracer, node: ResolvedNode): Value {
  const nodes = argumentNodes(tracer, node);
  const args = nodes.map((argument) => tracer.expression(argument));
  const having = node.optionalNode("havingModifier");
  const choosing = [
    ...node.nodes("orderByItemList").map((item) => tracer.expression(item.node("columnRef"))),
    ...(having === null ? [] : [tracer.expression(having.node("havingExpr"))]),
  ];
  const value = traceCall({ name: functionName(node), args, nodes, node });
  return merge([value, ...choosing.map((by) => through("decide", by))]);
}

function cast(tracer: Tracer, node: ResolvedNode): Value {
  const input = node.node("expr");
  const value = tracer.expression(input);
  if (value.length === 0) return value;
  if (node.has("format")) return through("derive", value);
  const { type } = node;
  return type.kind === "STRUCT" || type.kind === "ARRAY" ? castParts(value, input.type, type) : value;
}

/** A struct cast to another struct gives its fields away by position. */
function castParts(value: Value, from: GoogleType, to: GoogleType): Value {
  if (from.kind === "ARRAY" && to.kind === "ARRAY" && to.element.kind === "STRUCT") {
    return within(ELEMENT, castParts(part(value, ELEMENT), from.element, to.element));
  }
  if (from.kind !== "STRUCT" || to.kind !== "STRUCT") return value;
  const names = (type: GoogleType & { kind: "STRUCT" }): string[] => type.fields.map((_, i) => fieldName(type, i));
  return names(from).join() === names(to).join() ? value : renameParts(value, names(from), names(to));
}

/** Fields without a name count by their place. */
function fieldName(type: GoogleType, index: number): string {
  const name = type.kind === "STRUCT" ? type.fields[index]?.name : undefined;
  return name === undefined || name === "" ? `_${index}` : name;
}

function makeStruct(tracer: Tracer, node: ResolvedNode): Value {
  const { type } = node;
  const fields = node.nodes("fieldList");
  const beside = fields.map((field, i) => {
    const name = ownName(type, i);
    return { name, symbol: tracer.symbol(field), set: literalsOf(tracer, field) };
  });
  return merge(
    fields.map((field, i) => {
      const value = within(fieldName(type, i), tracer.expression(field));
      return beside.reduce((known, one, j) => (i === j ? known : withField(known, one)), value);
    }),
  );
}

interface Field {
  readonly name: string | null;
  readonly symbol: string | null;
  readonly set: KeySet | undefined;
}

/** What is known of another field of the struct that the value stands in. */
function withField(value: Value, { name, symbol, set }: Field): Value {
  if (name === null) return value;
  return value.flatMap((entry) => {
    const given = symbol === null ? undefined : entry.given?.[symbol];
    const known = given === undefined || set === undefined ? (given ?? set) : intersect(given, set);
    return known === undefined ? entry : restrict([entry], { ...ANY_ROW, [`\n${name}`]: known });
  });
}

function structField(tracer: Tracer, node: ResolvedNode): Value {
  const struct = node.node("expr");
  const value = tracer.expression(struct);
  return value.length === 0 ? value : part(value, fieldName(struct.type, Number(node.text("fieldIdx"))));
}

/** Which rows a subquery has decides its value. */
function subquery(tracer: Tracer, node: ResolvedNode): Value {
  const scan = node.node("subquery");
  const conditions = tracer.apart(() => tracer.collecting(() => tracer.scan(scan)));
  const decided = conditions.map((condition) => through("decide", condition));
  const output = scan.columns("columnList")[0];
  const value = output === undefined ? CONSTANT : tracer.column(output.id);
  switch (node.text("subqueryType")) {
    case "SCALAR":
      return merge([value, ...decided]);
    case "ARRAY":
      return merge([within(ELEMENT, value), ...decided]);
    case "EXISTS":
      return merge(decided);
    case "IN":
      return merge([
        ...[value, tracer.expression(node.node("inExpr"))].map((one) => through("decide", one)),
        ...decided,
      ]);
    default:
      return tracer.unknown();
  }
}
