import { type CatalogColumn, type CatalogTable, tableKey } from "../../googlesql/catalog.js";
import type { ResolvedNode } from "../../googlesql/resolved.js";
import { dropFunction, dropFunctionsOf, functionKey, type KnownFunction } from "../function-catalog.js";
import { alterTableSql } from "./alter.js";
import type { Generator } from "./generator.js";
import { datasetName, datasetSql, duckdbName, type ObjectName, tableName } from "./names.js";
import { outputColumns, querySql } from "./query.js";
import { quoteName } from "./sql.js";
import { duckdbType } from "./types.js";

/** What a statement does to the catalog, for the statements after it. */
export type CatalogChange =
  | { readonly kind: "create"; readonly table: CatalogTable; readonly isView: boolean; readonly onlyIfAbsent: boolean }
  | { readonly kind: "drop"; readonly key: string }
  | { readonly kind: "rename"; readonly from: string; readonly to: ObjectName }
  | { readonly kind: "dropDataset"; readonly dataset: string }
  | { readonly kind: "createFunction"; readonly function: KnownFunction; readonly onlyIfAbsent: boolean }
  | { readonly kind: "dropFunction"; readonly key: string };

export interface Ddl {
  readonly sql: readonly string[];
  readonly changes: readonly CatalogChange[];
}

export interface DdlContext {
  readonly generator: Generator;
  readonly defaultDataset: string | undefined;
  /** The columns of a table that is there, by key. */
  find(key: string): CatalogTable | undefined;
  /** A function that is there, by key. */
  findFunction(key: string): unknown;
}

/** CREATE, DROP and ALTER. Partitioning, clustering and options steer storage in BigQuery and mean nothing in DuckDB. */
export function ddlSql(context: DdlContext, node: ResolvedNode): Ddl | null {
  switch (node.kind) {
    case "CreateTableAsSelectStmt":
      return createTableAsSelect(context, node);
    case "CreateTableStmt":
      return createTable(context, node);
    case "CreateViewStmt":
      return createView(context, node, "VIEW");
    case "CreateMaterializedViewStmt":
      return createView(context, node, "TABLE");
    case "CreateSchemaStmt": {
      node.ignore("optionList");
      const dataset = datasetName(context.generator, node.texts("namePath"), node);
      return { sql: [`${create(context, node, "SCHEMA")} ${datasetSql(dataset)}`], changes: [] };
    }
    case "DropStmt":
    case "DropMaterializedViewStmt":
      return drop(context, node);
    case "DropFunctionStmt":
      return dropOwnFunction(context, node);
    case "AlterTableStmt":
    case "AlterTableSetOptionsStmt":
      return alterTableSql(context, node);
    case "AlterSchemaStmt":
    case "AlterViewStmt":
    case "AlterMaterializedViewStmt":
      return alterOptions(context, node);
    default:
      return null;
  }
}

function isTemporary(node: ResolvedNode): boolean {
  return node.text("createScope") === "CREATE_TEMP";
}

export function target(context: DdlContext, node: ResolvedNode, canBeTemporary: boolean): ObjectName {
  const { generator, defaultDataset } = context;
  return tableName(generator, node.texts("namePath"), node, defaultDataset, canBeTemporary);
}

/** "CREATE OR REPLACE TEMP TABLE" as far as the object's name, and an IF NOT EXISTS after it. */
function create(context: DdlContext, node: ResolvedNode, object: string): string {
  const mode = node.text("createMode");
  const scope = node.text("createScope");
  if (!["", "CREATE_DEFAULT_SCOPE", "CREATE_TEMP"].includes(scope)) {
    return context.generator.unsupported(`CREATE ${scope}`, node);
  }
  const replace = mode === "CREATE_OR_REPLACE" ? "OR REPLACE " : "";
  const exists = mode === "CREATE_IF_NOT_EXISTS" ? " IF NOT EXISTS" : "";
  return `CREATE ${replace}${scope === "CREATE_TEMP" ? "TEMP " : ""}${object}${exists}`;
}

function created(
  node: ResolvedNode,
  name: ObjectName,
  columns: readonly CatalogColumn[],
  isView: boolean,
): CatalogChange {
  const onlyIfAbsent = node.text("createMode") === "CREATE_IF_NOT_EXISTS";
  return { kind: "create", table: { ...name, columns }, isView, onlyIfAbsent };
}

function plainColumns(columns: readonly CatalogColumn[]): readonly CatalogColumn[] {
  return columns.map(({ name, type }) => ({ name, type }));
}

function createTableAsSelect(context: DdlContext, node: ResolvedNode): Ddl {
  const { generator } = context;
  node.ignore("optionList", "partitionByList", "clusterByList", "pseudoColumnList");
  for (const definition of node.nodes("columnDefinitionList")) {
    definition.ignore("name", "type", "column");
    if (readConstraints(generator, definition).isNotNull) {
      generator.unsupported("NOT NULL in CREATE TABLE ... AS SELECT", node);
    }
  }
  const name = target(context, node, isTemporary(node));
  const outputs = node.nodes("outputColumnList");
  const query = querySql(generator, node.node("query"), outputs);
  const columns = plainColumns(outputColumns(generator, outputs));
  return {
    sql: [`${create(context, node, "TABLE")} ${duckdbName(name)} AS ${query}`],
    changes: [created(node, name, columns, false)],
  };
}

function readConstraints(generator: Generator, definition: ResolvedNode): { isNotNull: boolean } {
  const annotations = definition.optionalNode("annotations");
  // Lengths and precisions limit what may be written; here they only name the type.
  annotations?.ignore("optionList", "typeParameters", "childList");
  if (definition.has("generatedColumnInfo")) generator.unsupported("a generated column", definition);
  return { isNotNull: annotations?.flag("notNull") ?? false };
}

export function columnDefinition(generator: Generator, definition: ResolvedNode): string {
  definition.ignore("column");
  const { isNotNull } = readConstraints(generator, definition);
  const fallback = definition.optionalNode("defaultValue");
  fallback?.ignore("sql");
  return [
    quoteName(definition.text("name")),
    duckdbType(definition.typeOf("type")),
    isNotNull ? "NOT NULL" : "",
    fallback === null ? "" : `DEFAULT (${generator.expression(fallback.node("expression"))})`,
  ]
    .filter((part) => part !== "")
    .join(" ");
}

function createTable(context: DdlContext, node: ResolvedNode): Ddl {
  const { generator } = context;
  // BigQuery does not enforce its keys either.
  node.ignore("optionList", "partitionByList", "clusterByList", "primaryKey", "foreignKeyList", "pseudoColumnList");
  const name = target(context, node, isTemporary(node));
  const head = `${create(context, node, "TABLE")} ${duckdbName(name)}`;
  const source = node.optionalNode("copyFrom") ?? node.optionalNode("cloneFrom");
  const pattern = node.referenceName("likeTable").toLowerCase();
  const key = source === null ? pattern : source.referenceName("table").toLowerCase();
  if (source !== null || pattern !== "") {
    const like = context.find(key) ?? generator.unsupported(`the table ${key}`, node);
    generator.tables.add(key);
    source?.ignore("columnList", "table");
    node.nodes("columnDefinitionList").forEach((definition) => {
      definition.ignore("name", "type", "column", "annotations");
    });
    const rows = source === null ? " LIMIT 0" : "";
    return {
      sql: [`${head} AS SELECT * FROM ${duckdbName(like)}${rows}`],
      changes: [created(node, name, like.columns, false)],
    };
  }
  const definitions = node.nodes("columnDefinitionList");
  const columns = definitions.map((definition) => ({ name: definition.text("name"), type: definition.typeOf("type") }));
  const body = definitions.map((definition) => columnDefinition(generator, definition)).join(", ");
  return { sql: [`${head} (${body})`], changes: [created(node, name, columns, false)] };
}

function createView(context: DdlContext, node: ResolvedNode, object: "VIEW" | "TABLE"): Ddl {
  const { generator } = context;
  node.ignore("optionList", "sql", "sqlSecurity", "hasExplicitColumns", "columnDefinitionList");
  node.ignore("partitionByList", "clusterByList", "pseudoColumnList");
  if (node.flag("recursive")) return generator.unsupported("a recursive view", node);
  const name = target(context, node, false);
  const outputs = node.nodes("outputColumnList");
  const query = querySql(generator, node.node("query"), outputs);
  if (generator.parameters.size > 0) return generator.unsupported("a parameter in a view", node);
  if (generator.javascript.size > 0) return generator.unsupported("a JavaScript function in a view", node);
  const columns = plainColumns(outputColumns(generator, outputs));
  return {
    sql: [`${create(context, node, object)} ${duckdbName(name)} AS ${query}`],
    changes: [created(node, name, columns, object === "VIEW")],
  };
}

const DROPPED_OBJECTS: Readonly<Record<string, string>> = {
  TABLE: "TABLE",
  VIEW: "VIEW",
  "MATERIALIZED VIEW": "TABLE",
};

function drop(context: DdlContext, node: ResolvedNode): Ddl {
  const { generator } = context;
  const object = node.kind === "DropStmt" ? node.text("objectType") : "MATERIALIZED VIEW";
  const exists = node.flag("isIfExists") ? "IF EXISTS " : "";
  if (object === "SCHEMA") {
    const dataset = datasetName(generator, node.texts("namePath"), node);
    const isCascade = node.text("dropMode") === "CASCADE";
    return {
      sql: [
        ...dropFunctionsOf(dataset, isCascade, context),
        `DROP SCHEMA ${exists}${datasetSql(dataset)}${isCascade ? " CASCADE" : ""}`,
      ],
      changes: [{ kind: "dropDataset", dataset: dataset.toLowerCase() }],
    };
  }
  const mode = node.text("dropMode");
  if (!["", "DROP_MODE_UNSPECIFIED", "RESTRICT"].includes(mode)) generator.unsupported(`DROP ${object} ${mode}`, node);
  const word = DROPPED_OBJECTS[object] ?? generator.unsupported(`DROP ${object}`, node);
  const path = node.texts("namePath");
  const isKnownTemporary = path.length === 1 && context.find(path[0]?.toLowerCase() ?? "")?.dataset === null;
  const name = tableName(
    generator,
    path,
    node,
    context.defaultDataset,
    isKnownTemporary || context.defaultDataset === undefined,
  );
  return { sql: [`DROP ${word} ${exists}${duckdbName(name)}`], changes: [{ kind: "drop", key: tableKey(name) }] };
}

/** DROP FUNCTION of one that is not temporary: those of the script are the translator's. */
function dropOwnFunction(context: DdlContext, node: ResolvedNode): Ddl {
  const { generator, defaultDataset } = context;
  if (node.has("arguments")) generator.unsupported("DROP FUNCTION with arguments", node);
  const name = tableName(generator, node.texts("namePath"), node, defaultDataset, false);
  const key = functionKey({ dataset: name.dataset ?? "", name: name.table });
  const isThere = context.findFunction(key) !== undefined;
  if (!isThere && node.flag("isIfExists")) return { sql: [], changes: [] };
  if (!isThere) return generator.refuse(`The function ${key} is not there to be dropped`, "DROP FUNCTION", node);
  return dropFunction(key);
}

/** ALTER SCHEMA and ALTER VIEW: options mean nothing in DuckDB, and there is nothing else to alter. */
function alterOptions(context: DdlContext, node: ResolvedNode): Ddl {
  node.ignore("namePath", "isIfExists");
  for (const action of node.nodes("alterActionList")) {
    if (action.kind !== "SetOptionsAction") context.generator.unsupported(`ALTER with ${action.kind}`, node);
    action.ignore("optionList");
  }
  return { sql: [], changes: [] };
}
