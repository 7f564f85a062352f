import type { SourceStatement } from "../googlesql/lexer.js";
import type { Declare, SetVariables } from "../googlesql/script-nodes.js";
import { formatType, type GoogleType, parseType } from "../googlesql/types.js";
import { assignment, type FlowHost, invalidScript, valueQuery } from "./flow.js";
import { quoteText } from "./generator/sql.js";
import { duckdbType, fieldName } from "./generator/types.js";
import type { CompiledStatement } from "./translate.js";

/** DECLARE: every variable gets the value, or NULL, each time the declaration is reached. */
export async function declareVariables(host: FlowHost, node: Declare): Promise<readonly CompiledStatement[]> {
  const { origin, variables } = host;
  const type = node.type === null ? null : parseType(node.type);
  const value = node.value ?? { text: "NULL", position: node.position, words: new Set<string>() };
  const query = await typedValue(host, value, type);
  const declared = type ?? query.columns[0]?.type;
  if (declared === undefined) return [];
  return node.names.map((given) => {
    const name = given.toLowerCase();
    if (variables.has(name)) {
      throw invalidScript(origin, node.position, `Variable '${given}' redeclaration is not allowed`);
    }
    variables.set(name, { name, type: declared });
    return assignment(query, name, "DECLARE");
  });
}

/** SET: of one variable, or of several from the fields of a struct, in order. */
export async function setVariables(host: FlowHost, node: SetVariables): Promise<readonly CompiledStatement[]> {
  const types = node.names.map((name) => typeOf(host, name, node));
  const [first, ...others] = types;
  if (first === undefined) return [];
  if (!node.isTuple || others.length === 0) {
    const query = await typedValue(host, node.value, first);
    return [assignment(query, node.names[0]?.toLowerCase() ?? "", "SET")];
  }
  const fields = types.map((type, index) => ({ name: `f${index}`, type }));
  const query = await typedValue(host, node.value, { kind: "STRUCT", fields });
  const whole = "_set_values";
  const parts = node.names.map((name, index): CompiledStatement => {
    const struct = `CAST(getvariable('${whole}') AS ${duckdbType({ kind: "STRUCT", fields })})`;
    const field = `struct_extract(${struct}, ${quoteText(fieldName(fields, index))})`;
    const set = { ...query, templates: [[`SELECT ${field}`]], tables: [] };
    return assignment(set, name.toLowerCase(), "SET");
  });
  return [assignment(query, whole, "SET"), ...parts];
}

function typeOf(host: FlowHost, name: string, node: SetVariables): GoogleType {
  const variable = host.variables.get(name.toLowerCase());
  if (variable === undefined) throw invalidScript(host.origin, node.position, `Undeclared variable: ${name}`);
  return variable.type;
}

async function typedValue(host: FlowHost, value: SourceStatement, type: GoogleType | null): Promise<CompiledStatement> {
  const query = await (type === null
    ? host.query(valueQuery("SELECT (", value, ")"))
    : host.query(valueQuery("SELECT CAST((", value, `) AS ${formatType(type)})`)));
  if (query.columns.length !== 1) throw invalidScript(host.origin, value.position, "A variable takes one value");
  return query;
}
