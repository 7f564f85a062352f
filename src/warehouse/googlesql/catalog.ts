import { type GoogleType, parseType, type TypeMessage, typeToMessage } from "./types.js";

/** The project every table is in, where a name has three parts. */
export const DEFAULT_PROJECT = "rollcall";

export interface CatalogColumn {
  readonly name: string;
  readonly type: GoogleType;
}

export interface CatalogTable {
  /** Null for a temporary table: one bare name. */
  readonly dataset: string | null;
  readonly table: string;
  readonly columns: readonly CatalogColumn[];
}

/** A function made by CREATE FUNCTION: the analyzer needs its name and its resolved signature. */
export interface CatalogFunction {
  readonly path: readonly string[];
  readonly signature: unknown;
  /** The text of a SQL function of ANY TYPE, which the analyzer resolves anew for each call. */
  readonly template?: { readonly body: string; readonly argumentNames: readonly string[] };
}

/** What a statement may speak of. */
export interface Catalog {
  readonly tables: readonly CatalogTable[];
  /** Tables of this dataset may be named without it. */
  readonly defaultDataset?: string;
  readonly functions?: readonly CatalogFunction[];
  /** Script variables. */
  readonly variables?: readonly CatalogColumn[];
}

/** "silver.events", or the bare name of a temporary table: the key of a table everywhere. */
export function tableKey(table: { readonly dataset: string | null; readonly table: string }): string {
  return (table.dataset === null ? table.table : `${table.dataset}.${table.table}`).toLowerCase();
}

interface NewerFunction {
  readonly name: string;
  readonly result: string;
  /** "T" and "U" stand for any type; "name:TYPE?" is an optional argument that may be named. */
  readonly arguments: readonly string[];
  readonly isAggregate?: boolean;
}

/** BigQuery functions younger than the analyzer. The generator has each of them. */
const NEWER_FUNCTIONS: readonly NewerFunction[] = [
  { name: "edit_distance", result: "INT64", arguments: ["STRING", "STRING", "max_distance:INT64?"] },
  { name: "contains_substr", result: "BOOL", arguments: ["STRING", "STRING"] },
  { name: "json_keys", result: "ARRAY<STRING>", arguments: ["JSON"] },
  { name: "cosine_distance", result: "FLOAT64", arguments: ["ARRAY<FLOAT64>", "ARRAY<FLOAT64>"] },
  { name: "euclidean_distance", result: "FLOAT64", arguments: ["ARRAY<FLOAT64>", "ARRAY<FLOAT64>"] },
  { name: "search", result: "BOOL", arguments: ["STRING", "STRING"] },
  { name: "max_by", result: "T", arguments: ["T", "U"], isAggregate: true },
  { name: "min_by", result: "T", arguments: ["T", "U"], isAggregate: true },
];

const ML_DISTANCE: NewerFunction = {
  name: "distance",
  result: "FLOAT64",
  arguments: ["ARRAY<FLOAT64>", "ARRAY<FLOAT64>", "STRING?"],
};

function argumentType(text: string): Record<string, unknown> {
  if (text === "T") return { kind: "ARG_TYPE_ANY_1" };
  if (text === "U") return { kind: "ARG_TYPE_ANY_2" };
  return { kind: "ARG_TYPE_FIXED", type: typeToMessage(parseType(text)) };
}

function argumentMessage(text: string): Record<string, unknown> {
  const [, name, type = text, optional] = /^(?:(\w+):)?(.*?)(\?)?$/.exec(text) ?? [];
  return {
    ...argumentType(type),
    options: {
      cardinality: optional === undefined ? "REQUIRED" : "OPTIONAL",
      ...(name === undefined ? {} : { argumentName: name, namedArgumentKind: "POSITIONAL_OR_NAMED" }),
    },
    numOccurrences: -1,
  };
}

function functionMessage(newer: NewerFunction): Record<string, unknown> {
  const signature = {
    argument: newer.arguments.map(argumentMessage),
    returnType: { ...argumentType(newer.result), numOccurrences: -1 },
    options: {},
  };
  return {
    namePath: [newer.name],
    group: "BigQuery",
    mode: newer.isAggregate === true ? "AGGREGATE" : "SCALAR",
    signature: [signature],
  };
}

const NEWER_MESSAGES = NEWER_FUNCTIONS.map(functionMessage);
const ML_MESSAGES = [functionMessage(ML_DISTANCE)];

interface CatalogMessage {
  name: string;
  table: Record<string, unknown>[];
  catalog: CatalogMessage[];
  customFunction: Record<string, unknown>[];
  constant?: { namePath: string[]; type: TypeMessage; value: object }[];
  builtinFunctionOptions?: unknown;
}

function emptyCatalog(name: string): CatalogMessage {
  return { name, table: [], catalog: [], customFunction: [] };
}

function child(parent: CatalogMessage, name: string): CatalogMessage {
  let found = parent.catalog.find((entry) => entry.name.toLowerCase() === name.toLowerCase());
  if (found === undefined) {
    found = emptyCatalog(name);
    parent.catalog.push(found);
  }
  return found;
}

function addTable(root: CatalogMessage, table: CatalogTable, id: number, defaultDataset: string | undefined): void {
  const entry = {
    name: table.table,
    fullName: tableKey(table),
    serializationId: id,
    column: table.columns.map((column) => ({ name: column.name, type: typeToMessage(column.type) })),
  };
  if (table.dataset === null) {
    root.table.push(entry);
    return;
  }
  // "silver.INFORMATION_SCHEMA" is a dataset within one.
  for (const home of [root, child(root, DEFAULT_PROJECT)]) {
    table.dataset.split(".").reduce(child, home).table.push(entry);
  }
  if (table.dataset.toLowerCase() === defaultDataset?.toLowerCase()) root.table.push(entry);
}

function addFunction(root: CatalogMessage, made: CatalogFunction, defaultDataset: string | undefined): void {
  const dataset = made.path.at(-2);
  const homes = dataset === undefined ? [root] : [child(root, dataset), child(child(root, DEFAULT_PROJECT), dataset)];
  if (dataset !== undefined && dataset.toLowerCase() === defaultDataset?.toLowerCase()) homes.push(root);
  const { template } = made;
  for (const home of homes) {
    home.customFunction.push({
      namePath: made.path,
      group: template === undefined ? "SqlFunction" : "Templated_SQL_Function",
      mode: "SCALAR",
      signature: [made.signature],
      ...(template === undefined
        ? {}
        : {
            parseResumeLocation: { filename: "", input: template.body, bytePosition: 0 },
            templatedSqlFunctionArgumentName: template.argumentNames,
          }),
    });
  }
}

/** The analyzer's message for a catalog (`SimpleCatalogProto`). A temporary table hides a table of the default dataset. */
export function catalogMessage(catalog: Catalog, languageOptions: unknown): object {
  const root = emptyCatalog("root");
  root.builtinFunctionOptions = { languageOptions };
  root.customFunction = [...NEWER_MESSAGES];
  root.constant = (catalog.variables ?? []).map((variable) => ({
    namePath: [variable.name],
    type: typeToMessage(variable.type),
    value: {},
  }));
  const temporary = new Set(catalog.tables.filter((table) => table.dataset === null).map(tableKey));
  catalog.tables.forEach((table, index) => {
    const isHidden = temporary.has(table.table.toLowerCase());
    addTable(root, table, index + 1, isHidden ? undefined : catalog.defaultDataset);
  });
  child(root, "ml").customFunction.push(...ML_MESSAGES);
  for (const made of catalog.functions ?? []) addFunction(root, made, catalog.defaultDataset);
  return root;
}
