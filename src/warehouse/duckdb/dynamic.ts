import { messageOf, RollcallError } from "../../platform/errors.js";
import { located } from "../googlesql/analyzer.js";
import { tokenize } from "../googlesql/lexer.js";
import type { WarehouseCatalog } from "./function-catalog.js";
import { quoteName, quoteText } from "./generator/sql.js";
import { duckdbType, fieldName } from "./generator/types.js";
import type { Bindings, Template } from "./parameters.js";
import type { DynamicStatement, ScriptStatement } from "./program.js";
import type { Translator } from "./translate.js";

export interface DynamicDeps {
  readonly translator: Translator;
  readonly catalog: WarehouseCatalog;
  readonly origin: string | undefined;
}

export interface PreparedStatement {
  readonly statement: ScriptStatement;
  readonly bindings: Bindings;
}

/** The row that INTO takes its values from. */
const INTO = "_into";

/**
 * The statement of an EXECUTE IMMEDIATE, from its text. It sees the script's temporary tables and functions, and of its variables
 * only what USING passes. Errors name the place of EXECUTE IMMEDIATE, and in their message the place within the text.
 */
export async function prepareDynamic(
  deps: DynamicDeps,
  outer: ScriptStatement,
  control: DynamicStatement,
  text: unknown,
): Promise<PreparedStatement> {
  const { translator, catalog, origin } = deps;
  const fail = (message: string, code: "SQL_INVALID" | "SQL_UNSUPPORTED" = "SQL_INVALID"): never => {
    throw new RollcallError(code, located(origin, outer.position, `EXECUTE IMMEDIATE: ${message}`), {
      isRetriable: false,
      details: { origin: origin ?? null, ...outer.position },
    });
  };
  if (typeof text !== "string") return fail("the text is NULL");
  const using = control.using.map((one, i) => ({ ...one, name: one.name === "" ? positional(i) : one.name }));
  const { statements } = await translator
    .translate({
      sql: withNamedParameters(text),
      params: Object.fromEntries(using.map(({ name, type }) => [name, type])),
      catalog: catalog.tables,
      functions: catalog.functions,
      scope: control.functions,
    })
    .catch((error: unknown) => {
      const isOurs = error instanceof RollcallError && /^SQL_/.test(error.code);
      if (!isOurs) throw error;
      return fail(messageOf(error), error.code === "SQL_UNSUPPORTED" ? error.code : "SQL_INVALID");
    });
  const [only, second] = statements;
  if (only === undefined || second !== undefined || only.control !== undefined || only.kind === "variable") {
    return fail("the text must be one statement of SQL");
  }
  const { into } = control;
  if (into.length > 0 && (only.kind !== "query" || only.columns.length !== into.length)) {
    return fail(`INTO wants a query of as many columns as there are variables, ${into.length}`);
  }
  return {
    statement: {
      ...only,
      position: outer.position,
      text,
      ...(into.length === 0 ? {} : { kind: "variable", templates: intoTemplates(only, control) }),
    },
    bindings: variableBindings(using),
  };
}

function positional(index: number): string {
  return `_p${index + 1}`;
}

/** Every `?` becomes a parameter with a name: the analyzer knows one kind of them at a time. */
function withNamedParameters(text: string): string {
  let count = 0;
  return tokenize(text)
    .map((token) => {
      if (token.kind !== "code" || token.text !== "?") return token.text;
      count += 1;
      return `@${positional(count - 1)}`;
    })
    .join("");
}

/** Parameters whose values are variables of the connection. */
function variableBindings(using: readonly { readonly name: string; readonly variable: string }[]): Bindings {
  const variables = new Map(using.map(({ name, variable }) => [name, variable]));
  return {
    types: {},
    bind: (template) => ({
      sql: template
        .map((piece, index) => {
          const variable = index % 2 === 1 ? variables.get(piece) : undefined;
          if (variable !== undefined) return `getvariable(${quoteText(variable)})`;
          return index % 2 === 0 ? piece : `$${piece}`;
        })
        .join(""),
    }),
  };
}

/** Of no row, every variable becomes NULL; more than one row is an error of DuckDB's. */
function intoTemplates(query: ScriptStatement, { into }: DynamicStatement): readonly Template[] {
  const fields = query.columns.map(({ name }, i) => `${quoteText(fieldName(query.columns, i))}: ${quoteName(name)}`);
  const template = [...(query.templates[0] ?? [""])];
  template[0] = `SET VARIABLE ${INTO} = (SELECT {${fields.join(", ")}} FROM (${template[0] ?? ""}`;
  template[template.length - 1] += "))";
  const row = `CAST(getvariable('${INTO}') AS ${duckdbType({ kind: "STRUCT", fields: query.columns })})`;
  return [
    template,
    ...into.map(({ name, type }, i) => {
      const field = `struct_extract(${row}, ${quoteText(fieldName(query.columns, i))})`;
      return [`SET VARIABLE ${quoteName(name)} = (SELECT CAST(${field} AS ${duckdbType(type)}))`];
    }),
  ];
}
