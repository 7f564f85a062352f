import { RollcallError } from "../../platform/errors.js";
import { located } from "../googlesql/analyzer.js";
import { type SourcePosition, type SourceStatement, splitStatements } from "../googlesql/lexer.js";
import type { StatementResult } from "../port.js";
import type { Job, QueryStage } from "./api.js";

/** What our text says of itself before it runs, and what BigQuery's jobs say of it afterwards. */

const START: SourcePosition = { line: 1, column: 1 };
const BEGINS = /^BEGIN(?:\s+TRANSACTION)?$/i;
const ENDS = /^(?:COMMIT|ROLLBACK)\b/i;
const TEMPORARY_TABLE = /^CREATE\s+(?:OR\s+REPLACE\s+)?TEMP(?:ORARY)?\s+TABLE\b/i;
const DATA = /^(?:INSERT|UPDATE|DELETE|MERGE|TRUNCATE)\b/i;
const PREAMBLE = /^(?:DECLARE|SET|CREATE\s+(?:OR\s+REPLACE\s+)?TEMP(?:ORARY)?\s+FUNCTION)\b/i;
const ROWS = /^(?:SELECT|WITH|FROM)\b|^\(/i;

export function startOf(sql: string): SourcePosition {
  return splitStatements(sql)[0]?.position ?? START;
}

function refuse(origin: string | undefined, position: SourcePosition, message: string): RollcallError {
  return new RollcallError("SQL_INVALID", located(origin, position, message), {
    isRetriable: false,
    details: { origin: origin ?? null, ...position },
  });
}

/** Statements before the query may declare variables and functions; the last one gives the rows. Throws SQL_INVALID. */
export function requireQuery(sql: string, origin: string | undefined): void {
  const statements = splitStatements(sql);
  const last = statements.at(-1);
  const other = statements.find((statement) => !(statement === last ? ROWS : PREAMBLE).test(statement.text));
  if (last === undefined || other !== undefined) {
    throw refuse(origin, other?.position ?? START, "A query is one SELECT; run scripts with execute");
  }
}

/** BigQuery rolls such a script back without a word. Throws SQL_INVALID. */
export function requireFinished(sql: string, origin: string | undefined): void {
  const last = splitStatements(sql).findLast(({ text }) => BEGINS.test(text) || ENDS.test(text));
  if (last === undefined || !BEGINS.test(last.text)) return;
  const message = "The script ends inside a transaction, which is rolled back. Add COMMIT TRANSACTION.";
  throw refuse(origin, last.position, message);
}

/**
 * Whether a dry run can tell that a later statement is wrong before an earlier one has changed data for good. No transaction would
 * take that back, and a dry run reads on after INSERT and the like; it stops at DDL and knows no temporary tables.
 */
export function isWorthDryRun(sql: string): boolean {
  const statements = splitStatements(sql);
  const isData = ({ text }: SourceStatement): boolean => DATA.test(text);
  return (
    statements.length > 1 &&
    statements.some(isData) &&
    !statements.some(({ text }) => BEGINS.test(text) || TEMPORARY_TABLE.test(text))
  );
}

/** BigQuery makes temporary tables in scripts only, and one statement is none. */
export function asScript(sql: string): string {
  const statements = splitStatements(sql);
  return statements.length === 1 && TEMPORARY_TABLE.test(statements[0]?.text ?? "") ? `${sql}\n;SELECT 1` : sql;
}

/** More than one statement: BigQuery runs each as a job of its own, below the script's. */
export function isScript(sql: string): boolean {
  return splitStatements(sql).length > 1;
}

/**
 * One result per statement of the text: what its jobs have done, in sum (the body of a loop has a job each time). A statement
 * without a job, and all of them when the jobs are not known, changed no row as far as one can tell.
 */
export function statementResults(sql: string, jobs: readonly Job[]): StatementResult[] {
  const statements = splitStatements(sql);
  const own: Job[][] = statements.map(() => []);
  for (const job of jobs) {
    const place = placeOf(job);
    const index = statements.findLastIndex(({ position }) => !isBefore(place, position));
    own[Math.max(index, 0)]?.push(job);
  }
  return statements.map((statement, index) => resultOf(statement, own[index] ?? []));
}

/** Where in the script the job's statement stands; the beginning when it stands in none. */
export function placeOf(child: Job): SourcePosition {
  const outermost = child.statistics?.scriptStatistics?.stackFrames?.at(-1);
  return { line: outermost?.startLine ?? 1, column: outermost?.startColumn ?? 1 };
}

function isBefore(a: SourcePosition, b: SourcePosition): boolean {
  return a.line < b.line || (a.line === b.line && a.column < b.column);
}

function resultOf(statement: SourceStatement, jobs: readonly Job[]): StatementResult {
  const queries = jobs.flatMap(({ statistics }) => statistics?.query ?? []);
  const own = queries.find(({ statementType }) => statementType !== undefined && statementType !== "SELECT");
  const firstWord = /^\w+/.exec(statement.text)?.[0].toUpperCase() ?? "";
  return {
    kind: own?.statementType ?? (ROWS.test(statement.text) ? "SELECT" : firstWord),
    line: statement.position.line,
    rows: queries.reduce((sum, query) => sum + Number(query.numDmlAffectedRows ?? 0), 0),
    ms: jobs.reduce((sum, { statistics }) => {
      return (
        sum + Math.max(0, Number(statistics?.endTime ?? 0) - Number(statistics?.startTime ?? statistics?.endTime ?? 0))
      );
    }, 0),
    rowsRead: total(queries.map(({ queryPlan }) => (queryPlan === undefined ? null : rowsReadBy(queryPlan)))),
    bytesRead: total(
      queries.map(({ totalBytesBilled, totalBytesProcessed }) => count(totalBytesBilled ?? totalBytesProcessed)),
    ),
  };
}

function count(text: string | undefined): number | null {
  return text === undefined ? null : Number(text);
}

function total(counts: readonly (number | null)[]): number | null {
  const known = counts.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
}

/** The stages that read tables and not what another stage has written. */
function rowsReadBy(plan: readonly QueryStage[]): number {
  return plan.filter(readsTables).reduce((sum, { recordsRead }) => sum + Number(recordsRead ?? 0), 0);
}

function readsTables({ steps = [], inputStages = [] }: QueryStage): boolean {
  const sources = steps
    .filter(({ kind }) => kind === "READ")
    .flatMap(({ substeps = [] }) => substeps.filter((substep) => substep.startsWith("FROM ")));
  return sources.length === 0 ? inputStages.length === 0 : sources.some((source) => !source.startsWith("FROM __"));
}
