import { bigqueryOptions } from "../../src/warehouse/googlesql/language.js";
import { type AnalyzerServer, isRefusal, startAnalyzerServer } from "../../src/warehouse/googlesql/server.js";
import { parseType, typeToMessage } from "../../src/warehouse/googlesql/types.js";
import type { Params } from "../../src/warehouse/port.js";
import { createEditDistances } from "./edit-distance.js";
import { encodeValue, type ValueMessage } from "./values.js";

/** A table as the evaluator has it: types and values stay in its own form, so that nothing is lost on the way back. */
export interface ReferenceTable {
  readonly columns: readonly ReferenceColumn[];
  readonly rows: readonly ReferenceRow[];
}

export interface ReferenceColumn {
  readonly name: string;
  readonly type: unknown;
}

export type ReferenceRow = readonly ValueMessage[];

/** Google's reference evaluator: it answers one query at a time, over tables that come with the question. */
export interface Evaluator {
  /** Tables by the name that the query calls them, which is one word or stands in backticks. Throws what the evaluator says. */
  query(sql: string, tables: ReadonlyMap<string, ReferenceTable>, params: Params): Promise<ReferenceTable>;
  close(): void;
}

interface Response {
  readonly prepared?: { readonly columns?: readonly ReferenceColumn[] };
  readonly content?: { readonly tableData?: { readonly row?: readonly { readonly cell?: ReferenceRow }[] } };
}

/** So many texts a query may compare that were never compared before. */
const MOST_TRIES = 2_000;

export async function createEvaluator(): Promise<Evaluator> {
  let server: AnalyzerServer = await startAnalyzerServer();
  const bigquery = await bigqueryOptions(server);
  const rewrites = Array.isArray(bigquery.enabledRewrites) ? bigquery.enabledRewrites.map(String) : [];
  const options = { ...bigquery, enabledRewrites: [...rewrites, "REWRITE_GROUPING_SET"] };
  const distances = createEditDistances();

  async function ask(
    sql: string,
    tables: ReadonlyMap<string, ReferenceTable>,
    params: Params,
    needsDistances: boolean,
  ): Promise<Response> {
    const shown = [...tables].map(([name, { columns }]) => ({ name, column: columns }));
    if (needsDistances) shown.push({ name: distances.table.name, column: distances.table.column as ReferenceColumn[] });
    const content = Object.fromEntries(
      [...tables].map(([name, { rows }]) => [name, { tableData: { row: rows.map((cell) => ({ cell })) } }]),
    );
    if (needsDistances) content[distances.table.name] = { tableData: { row: [...distances.rows()] as never } };
    const typed = Object.entries(params).map(([name, { type, value }]) => ({ name, type: parseType(type), value }));
    const response = await server.call("evaluateQuery", {
      sql,
      options: { ...options, queryParameters: typed.map(({ name, type }) => ({ name, type: typeToMessage(type) })) },
      params: typed.map(({ name, type, value }) => ({ name, value: encodeValue(value, type) })),
      descriptorPoolList: { definitions: [{ builtin: {} }] },
      simpleCatalog: {
        name: "root",
        builtinFunctionOptions: { languageOptions: bigquery.languageOptions },
        table: shown.map((table, at) => ({ ...table, serializationId: at + 1 })),
        customFunction: needsDistances ? [distances.function] : [],
      },
      tableContent: content,
    });
    return response as Response;
  }

  return {
    async query(sql, tables, params) {
      const needsDistances = /\bEDIT_DISTANCE\b/i.test(sql);
      for (let tries = 0; ; tries += 1) {
        try {
          const { prepared, content } = await ask(sql, tables, params, needsDistances);
          return {
            columns: (prepared?.columns ?? []).map(({ name, type }) => ({ name, type })),
            rows: (content?.tableData?.row ?? []).map(({ cell }) => cell ?? []),
          };
        } catch (error) {
          if (!isRefusal(error)) {
            // A query can kill it; the next one finds another.
            server.close();
            server = await startAnalyzerServer();
            throw new Error("The reference evaluator broke off", { cause: error });
          }
          if (tries === MOST_TRIES || !distances.learn(error.details)) {
            throw new Error(`The reference evaluator says: ${error.details}`, { cause: error });
          }
        }
      }
    },
    close: () => server.close(),
  };
}
