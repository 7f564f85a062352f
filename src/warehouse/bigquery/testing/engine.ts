import { RollcallError } from "../../../platform/errors.js";
import { splitStatements } from "../../googlesql/lexer.js";
import { parseType } from "../../googlesql/types.js";
import type { Column, Param, Row, Warehouse } from "../../port.js";
import type { ErrorProto, Job, JobStatistics, LoadConfiguration, QueryConfiguration } from "../api.js";
import { columnsOf } from "../values.js";
import { decodeLoaded, decodeParameters } from "./encode.js";

/** What a job came to. */
export interface Outcome {
  readonly error: ErrorProto | null;
  /** What is wrong with a single statement is told at once, and no job is made. */
  readonly isRefused: boolean;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  readonly statistics: JobStatistics;
  /** The jobs of a script's statements, without their ids. */
  readonly children: readonly Job[];
}

export const BYTES_PER_JOB = "10485760";

export const NOTHING: Outcome = {
  error: null,
  isRefused: false,
  columns: [],
  rows: [],
  statistics: {},
  children: [],
};
const STATEMENT_TYPES: Readonly<Record<string, string>> = {
  QUERY: "SELECT",
  BEGIN: "BEGIN_TRANSACTION",
  COMMIT: "COMMIT_TRANSACTION",
  ROLLBACK: "ROLLBACK_TRANSACTION",
};
const WITH_ROWS = /^(?:SELECT|WITH|FROM)\b|^\(/i;
const TEMPORARY = /^CREATE\s+TEMP\s+TABLE/i;

/** Runs jobs on the embedded warehouse and tells of them as BigQuery does. */
export interface Engine {
  query(configuration: QueryConfiguration): Promise<Outcome>;
  load(configuration: LoadConfiguration, lines: string): Promise<Outcome>;
  /** Whether the text is understood; nothing of it stays. */
  dryRun(configuration: QueryConfiguration): Promise<ErrorProto | null>;
}

export function createEngine(warehouse: Warehouse): Engine {
  return {
    async query({ query, queryParameters = [] }) {
      const params = decodeParameters(queryParameters);
      const statements = splitStatements(query);
      const [first] = statements;
      const isScript = statements.length > 1;
      try {
        if (!isScript && TEMPORARY.test(first?.text ?? "")) {
          const message = "Use of CREATE TEMPORARY TABLE requires a script or session";
          return { ...NOTHING, error: { reason: "invalidQuery", message }, isRefused: true };
        }
        if (!isScript && WITH_ROWS.test(first?.text ?? "")) {
          const { columns, rows } = await warehouse.query(query, params);
          return { ...NOTHING, columns, rows, statistics: statisticsOf("SELECT", 0) };
        }
        const result = await warehouse.execute(query, params);
        const jobs = result.statements.map(({ kind, rows }, index) => ({
          status: { state: "DONE" },
          statistics: {
            ...statisticsOf(STATEMENT_TYPES[kind] ?? kind, rows),
            scriptStatistics: { stackFrames: [frameAt(statements[index]?.position)] },
          },
        }));
        const statistics = { ...jobs[0]?.statistics, ...(isScript ? { numChildJobs: String(jobs.length) } : {}) };
        return { ...NOTHING, statistics, children: isScript ? jobs : [] };
      } catch (error) {
        const failed = errorOf(error, isScript);
        if (!isScript) return { ...NOTHING, error: failed, isRefused: isOfSql(error) };
        const { line = 1, column = 1 } = error instanceof RollcallError ? error.details : {};
        const frame = { startLine: Number(line), startColumn: Number(column) };
        const child = {
          status: { state: "DONE", errorResult: failed },
          statistics: { scriptStatistics: { stackFrames: [frame] } },
        };
        return { ...NOTHING, error: failed, statistics: { numChildJobs: "1" }, children: [child] };
      }
    },

    async load({ destinationTable, schema }, lines) {
      const columns = columnsOf(schema);
      const { datasetId: dataset, tableId: table } = destinationTable;
      await warehouse.ensureTables([{ dataset, table, columns }]);
      const name = `${dataset}.\`${table}\``;
      await warehouse.execute(`DELETE FROM ${name} WHERE TRUE`);
      const names = columns.map((column) => `\`${column.name}\``).join(", ");
      const placed = columns.map((column) => `@${column.name}`).join(", ");
      try {
        for (const line of lines.trim().split("\n")) {
          const row: Readonly<Record<string, unknown>> = JSON.parse(line);
          const params = columns.map((column): [string, Param] => {
            return [column.name, { type: column.type, value: decodeLoaded(parseType(column.type), row[column.name]) }];
          });
          await warehouse.execute(`INSERT INTO ${name} (${names}) VALUES (${placed})`, Object.fromEntries(params));
        }
        return NOTHING;
      } catch {
        const message = `Error while reading data, error message: JSON parsing error in row starting at position 0: ${lines}`;
        return { ...NOTHING, error: { reason: "invalid", message } };
      }
    },

    async dryRun({ query, queryParameters = [] }) {
      const tried = `BEGIN TRANSACTION;\n${query}\n;ROLLBACK TRANSACTION`;
      try {
        await warehouse.execute(tried, decodeParameters(queryParameters));
        return null;
      } catch (error) {
        return isOfSql(error) ? errorOf(error, false, 1) : null;
      }
    },
  };
}

function statisticsOf(statementType: string, changedRows: number): JobStatistics {
  return {
    startTime: "1700000000000",
    endTime: "1700000000250",
    totalBytesProcessed: "1000",
    query: {
      statementType,
      totalBytesProcessed: "1000",
      totalBytesBilled: BYTES_PER_JOB,
      numDmlAffectedRows: String(changedRows),
      queryPlan: [
        { recordsRead: "40", steps: [{ kind: "READ", substeps: ["$1:id", "FROM rollcall.silver.things"] }] },
        { recordsRead: "7", inputStages: ["0"], steps: [{ kind: "READ", substeps: ["$2", "FROM __stage00_output"] }] },
      ],
    },
  };
}

function frameAt(position: { readonly line: number; readonly column: number } | undefined) {
  return { startLine: position?.line ?? 1, startColumn: position?.column ?? 1 };
}

function isOfSql(error: unknown): boolean {
  return error instanceof RollcallError && error.code === "SQL_INVALID";
}

/** The embedded warehouse's error in BigQuery's words. */
function errorOf(error: unknown, isScript: boolean, linesBefore = 0): ErrorProto {
  if (!(error instanceof RollcallError)) throw error;
  const { line = 1, column = 1, description = "" } = error.details;
  const words = error.message.replace(/^SQL:\d+:\d+: /, "");
  const place = ` at [${Number(line) - linesBefore}:${column}]`;
  const prefix = isScript ? "Query error: " : "";
  const [, dataset, table] = /^Table not found: (\w+)\.(\w+)/.exec(words) ?? [];
  if (table !== undefined) {
    const message = `${prefix}Not found: Table rollcall:${dataset}.${table} was not found in location EU${place}`;
    return { reason: "notFound", message };
  }
  switch (error.code) {
    case "SQL_INVALID":
      return { reason: "invalidQuery", message: `${prefix}${words}${place}` };
    case "ASSERTION_FAILED":
      return { reason: "invalidQuery", message: `Assertion failed: ${description}${isScript ? place : ""}` };
    default:
      return { reason: "invalidQuery", message: `${prefix}${words}${isScript ? place : ""}` };
  }
}
