import { createHash } from "node:crypto";
import type { CatalogFunction } from "../../googlesql/catalog.js";
import type { ResolvedNode } from "../../googlesql/resolved.js";
import { type GoogleType, typeFromMessage } from "../../googlesql/types.js";
import type { JavascriptFunction } from "../javascript.js";
import { Generator, type GeneratorScope, type MadeFunction } from "./generator.js";

export interface CreatedFunction {
  readonly catalog: CatalogFunction;
  readonly made: MadeFunction | null;
  readonly isTemporary: boolean;
  /** "CREATE_DEFAULT", "CREATE_OR_REPLACE" or "CREATE_IF_NOT_EXISTS". */
  readonly mode: string;
}

/** The function that a CREATE FUNCTION makes. `defaultDataset` completes the name of one that is not temporary. */
export function createdFunction(
  scope: GeneratorScope & { readonly defaultDataset?: string },
  node: ResolvedNode,
): CreatedFunction {
  const generator = new Generator(scope);
  if (node.kind !== "CreateFunctionStmt") return generator.unsupported("CREATE TABLE FUNCTION", node);
  if (node.flag("isAggregate")) return generator.unsupported("CREATE AGGREGATE FUNCTION", node);
  if (node.flag("isRemote")) return generator.unsupported("a remote function", node);
  const isTemporary = node.text("createScope") === "CREATE_TEMP";
  const parts = node.texts("namePath").flatMap((part) => part.split("."));
  const path = isTemporary ? parts : permanentPath(generator, scope.defaultDataset, parts, node);
  const signature = node.raw("signature");
  const names = node.texts("argumentNameList");
  const rest = { isTemporary, mode: node.text("createMode") };
  if (node.text("language").toLowerCase() === "js") {
    const made = javascript(generator, node, path, names);
    return { ...rest, catalog: { path, signature }, made: { kind: "javascript", function: made } };
  }
  if (node.text("language").toUpperCase() !== "SQL") {
    return generator.unsupported(`a function in ${node.text("language")}`, node);
  }
  const body = node.optionalNode("functionExpression");
  if (body !== null) {
    const hasSubquery = JSON.stringify(node.raw("functionExpression")).includes('"resolvedSubqueryExprNode"');
    return { ...rest, catalog: { path, signature }, made: { kind: "sql", argumentNames: names, body, hasSubquery } };
  }
  const template = { body: node.text("code"), argumentNames: names };
  return { ...rest, catalog: { path, signature, template }, made: null };
}

function permanentPath(
  generator: Generator,
  defaultDataset: string | undefined,
  path: readonly string[],
  node: ResolvedNode,
): readonly string[] {
  const own = path.slice(-2);
  if (own.length === 2) return own;
  if (defaultDataset !== undefined) return [defaultDataset, ...own];
  return generator.unsupported(`the function ${own.join(".")} without its dataset`, node);
}

/** What JavaScript has no value for, as an argument or at all: BigQuery refuses INT64 arguments too. */
const WITHOUT_VALUE = new Set(["DATETIME", "TIME", "INTERVAL", "ENUM"]);

function javascript(
  generator: Generator,
  node: ResolvedNode,
  path: readonly string[],
  names: readonly string[],
): JavascriptFunction {
  const options = node.nodes("optionList").filter((option) => option.text("name") !== "description");
  if (options.length > 0)
    generator.unsupported(`the option ${options[0]?.text("name")} of a JavaScript function`, node);
  const signature = record(node.raw("signature"));
  const given: readonly unknown[] = Array.isArray(signature.argument) ? signature.argument : [];
  const params = given.map((argument, index) => {
    const { type } = record(argument);
    if (type === undefined || type === null) generator.unsupported("ANY TYPE in a JavaScript function", node);
    const parsed = typeFromMessage(type);
    const refused = withoutValue(parsed, "INT64");
    if (refused !== null) generator.unsupported(`an argument of type ${refused} of a JavaScript function`, node);
    return { name: names[index] ?? "", type: parsed };
  });
  const result = node.typeOf("returnType");
  const refused = withoutValue(result);
  if (refused !== null) generator.unsupported(`a JavaScript function that returns ${refused}`, node);
  const definition = {
    title: path.join("."),
    params,
    result,
    body: node.text("code"),
    isVolatile: node.text("determinismLevel") === "DETERMINISM_NOT_DETERMINISTIC",
  };
  const hash = createHash("sha256").update(JSON.stringify(definition)).digest("hex").slice(0, 16);
  return { ...definition, name: `js_${hash}` };
}

function withoutValue(type: GoogleType, ...more: readonly string[]): string | null {
  if (type.kind === "ARRAY") return withoutValue(type.element, ...more);
  if (type.kind !== "STRUCT") return WITHOUT_VALUE.has(type.kind) || more.includes(type.kind) ? type.kind : null;
  for (const field of type.fields) {
    const found = withoutValue(field.type, ...more);
    if (found !== null) return found;
  }
  return null;
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
