import { bigqueryOptions } from "../../src/warehouse/googlesql/language.js";
import { type AnalyzerServer, isRefusal, startAnalyzerServer } from "../../src/warehouse/googlesql/server.js";
import { formatType, typeFromMessage } from "../../src/warehouse/googlesql/types.js";
import { decodeValue } from "../../src/warehouse/googlesql/values.js";
import type { CampaignColumn, Result } from "./compare.js";
import { canonicalLiteral } from "./compare.js";

/** Google's reference evaluator, which is in the same process as the analyzer. */
export interface Reference {
  /** Makes a table of a query's result; later queries may read it. */
  addTable(name: string, sql: string): Promise<void>;
  evaluate(sql: string): Promise<ReferenceAnswer>;
  close(): void;
}

export type ReferenceAnswer =
  | { readonly kind: "rows"; readonly result: Result }
  /** It fails while it runs. */
  | { readonly kind: "failed"; readonly message: string }
  /** The evaluator itself cannot run it, or the analyzer, which is ours too, does not accept it. */
  | { readonly kind: "unable"; readonly message: string };

interface Response {
  readonly prepared?: { readonly columns?: readonly { readonly name: string; readonly type: unknown }[] };
  readonly content?: { readonly tableData?: { readonly row?: readonly { readonly cell?: readonly unknown[] }[] } };
}

/** What the evaluator says of itself, not of the query. */
const UNABLE = /[Uu]nimplemented|not (?:yet )?(?:implemented|supported)|[Uu]nsupported|INTERNAL|does not support/;

export async function createReference(): Promise<Reference> {
  let server = await startAnalyzerServer();
  const bigquery = await bigqueryOptions(server);
  const rewrites = Array.isArray(bigquery.enabledRewrites) ? bigquery.enabledRewrites.map(String) : [];
  const options = { ...bigquery, enabledRewrites: [...rewrites, "REWRITE_GROUPING_SET"] };
  const tables: { name: string; serializationId: number; column: unknown }[] = [];
  const contents: Record<string, unknown> = {};

  const run = async (sql: string): Promise<Response> => {
    const response = await server.call("evaluateQuery", {
      sql,
      options,
      descriptorPoolList: { definitions: [{ builtin: {} }] },
      simpleCatalog: {
        name: "root",
        builtinFunctionOptions: { languageOptions: bigquery.languageOptions },
        table: tables,
      },
      tableContent: contents,
    });
    return response as Response;
  };

  return {
    async addTable(name, sql) {
      const { prepared, content } = await run(sql);
      tables.push({ name, serializationId: tables.length + 1, column: prepared?.columns });
      contents[name] = content;
    },
    async evaluate(sql) {
      try {
        return { kind: "rows", result: readResult(await run(sql)) };
      } catch (error) {
        if (isRefusal(error)) return refusal(error.details);
        server = await restarted(server);
        return { kind: "unable", message: error instanceof Error ? error.message : String(error) };
      }
    },
    close: () => server.close(),
  };
}

async function restarted(server: AnalyzerServer): Promise<AnalyzerServer> {
  server.close();
  return startAnalyzerServer();
}

function refusal(message: string): ReferenceAnswer {
  const isOfAnalyzer = / \[at \d+:\d+\]$/.test(message);
  return { kind: isOfAnalyzer || UNABLE.test(message) ? "unable" : "failed", message };
}

function readResult(response: Response): Result {
  const columns = (response.prepared?.columns ?? []).map(({ name, type }) => ({ name, type: typeFromMessage(type) }));
  const rows = (response.content?.tableData?.row ?? []).map(({ cell }) =>
    columns.map(({ type }, i) => canonicalLiteral(decodeValue(cell?.[i], type), type)),
  );
  return { columns: columns.map(({ name, type }): CampaignColumn => ({ name, type: formatType(type) })), rows };
}
