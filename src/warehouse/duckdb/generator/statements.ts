import { RollcallError } from "../../../platform/errors.js";
import type { CatalogColumn, CatalogTable } from "../../googlesql/catalog.js";
import type { ResolvedNode } from "../../googlesql/resolved.js";
import type { JavascriptFunction } from "../javascript.js";
import { type CatalogChange, ddlSql } from "./ddl.js";
import { dmlSql } from "./dml.js";
import { Generator, type GeneratorScope } from "./generator.js";
import { outputColumns, querySql } from "./query.js";

export type StatementKind =
  | "query"
  | "dml"
  | "ddl"
  | "assert"
  | "begin"
  | "commit"
  | "rollback"
  | "function"
  | "variable"
  /** Steers the script: nothing to report. */
  | "control";

/** One statement of a script in DuckDB SQL, with all that running it needs. */
export interface Translated {
  readonly kind: StatementKind;
  /** "INSERT", "CREATE_TABLE_AS_SELECT", ...: what reports call it. */
  readonly name: string;
  /** Run in order. Empty when there is nothing to run. */
  readonly sql: readonly string[];
  /** Keys of the tables it depends on. */
  readonly tables: readonly string[];
  readonly columns: readonly CatalogColumn[];
  readonly changes: readonly CatalogChange[];
  /** What an ASSERT says when it fails. */
  readonly description: string;
  /** JavaScript functions that its SQL calls. */
  readonly javascript?: readonly JavascriptFunction[];
}

export interface StatementContext extends GeneratorScope {
  readonly defaultDataset?: string;
  find(key: string): CatalogTable | undefined;
  findFunction(key: string): unknown;
}

/** Translates one resolved statement. Throws SQL_UNSUPPORTED for anything it does not know, or did not look at. */
export function translateStatement(context: StatementContext, node: ResolvedNode): Translated {
  const generator = new Generator(context);
  const parts = placed(generator, node, () => translate(generator, context, node));
  const unread = node.unread();
  if (unread !== null) {
    generator.unsupported(`${unread.field} of ${unread.node.kind || "a part of the statement"}`, unread.node);
  }
  return {
    name: statementName(node.kind),
    tables: [...generator.tables],
    ...(generator.javascript.size === 0 ? {} : { javascript: [...generator.javascript.values()] }),
    columns: [],
    changes: [],
    description: "",
    ...parts,
  };
}

/** Gives a refusal from deeper down, a type without a form say, the place of its statement. */
function placed<T>(generator: Generator, node: ResolvedNode, task: () => T): T {
  try {
    return task();
  } catch (error) {
    const isUnplaced = error instanceof RollcallError && error.details.line === undefined;
    if (isUnplaced && error.code === "SQL_UNSUPPORTED")
      return generator.refuse(error.message, statementName(node.kind), node);
    throw error;
  }
}

function statementName(kind: string): string {
  return kind
    .replace(/Stmt$/, "")
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .toUpperCase();
}

function translate(
  generator: Generator,
  context: StatementContext,
  node: ResolvedNode,
): Pick<Translated, "kind" | "sql"> & Partial<Translated> {
  switch (node.kind) {
    case "QueryStmt": {
      node.ignore("isValueTable"); // SELECT AS STRUCT gives one column that is the struct.
      const outputs = node.nodes("outputColumnList");
      const sql = querySql(generator, node.node("query"), outputs);
      const columns = outputColumns(generator, outputs).map(({ name, type }) => ({ name, type }));
      return { kind: "query", sql: [sql], columns };
    }
    case "AssertStmt": {
      const sql = `SELECT coalesce(${generator.expression(node.node("expression"))}, FALSE) AS holds`;
      return { kind: "assert", sql: [sql], description: node.text("description") };
    }
    case "BeginStmt":
      node.ignore("readWriteMode");
      return { kind: "begin", sql: ["BEGIN TRANSACTION"] };
    case "CommitStmt":
      return { kind: "commit", sql: ["COMMIT"] };
    case "RollbackStmt":
      return { kind: "rollback", sql: ["ROLLBACK"] };
    default:
      return ddlOrDml(generator, context, node);
  }
}

function ddlOrDml(
  generator: Generator,
  context: StatementContext,
  node: ResolvedNode,
): Pick<Translated, "kind" | "sql"> & Partial<Translated> {
  const dml = dmlSql(generator, node);
  if (dml !== null) return { kind: "dml", sql: dml };
  const { defaultDataset } = context;
  const ddl = ddlSql(
    { generator, defaultDataset, find: (key) => context.find(key), findFunction: (key) => context.findFunction(key) },
    node,
  );
  if (ddl !== null) return { kind: "ddl", ...ddl };
  return generator.unsupported(`the statement ${statementName(node.kind).replaceAll("_", " ")}`, node);
}
