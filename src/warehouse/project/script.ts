import type { Column, Params } from "../port.js";
import { sql } from "../sql.js";
import { type Action, isWindowed } from "./action.js";
import { hashOf } from "./fingerprint.js";
import type { Check } from "./layers.js";

/**
 * SQL text of one run of some models. The text of a statement depends on its own model and its table's columns only:
 * window, run, clock and which other models take part are parameters, so that caches of statements hold.
 */

/** Why a model runs. */
export type Reason =
  | "cycle"
  | "first_build"
  | "new"
  | "changed"
  | "rebuild"
  | "missing"
  | "behind"
  | "backfill"
  | "promotion";

/** How a model is brought up to date. */
export type Mode = "create" | "view" | "append" | "merge" | "replace" | "statements";

/** How an incremental model is brought on. */
export function incrementalMode({ uniqueKey }: Action): Mode {
  return uniqueKey.length > 0 ? "merge" : "append";
}

export interface Step {
  readonly action: Action;
  readonly mode: Mode;
  readonly reason: Reason;
  /** Whether it last ran by another text: its columns may no longer be the table's. */
  readonly isChanged: boolean;
}

export interface ScriptPart {
  /** Null for the script's own statements: transaction, watermarks, results. */
  readonly action: Action | null;
  /** First and last line of the part in the script, counted from 1. */
  readonly fromLine: number;
  readonly toLine: number;
}

export interface Script {
  readonly sql: string;
  readonly parts: readonly ScriptPart[];
}

export interface ScriptOptions {
  readonly steps: readonly Step[];
  /** Checks that must hold before the commit. */
  readonly checks: readonly Check[];
  readonly isTransactional: boolean;
  /** Whether the models' watermarks move to the end of the window. If not, only when they ran is noted. */
  readonly movesWatermarks: boolean;
  /** The columns of each table that is written but not created, by action id. */
  readonly columnsOf: (action: Action) => readonly Column[];
}

export function buildScript(options: ScriptOptions): Script {
  const { steps, checks, isTransactional, movesWatermarks } = options;
  const writer = createScriptWriter();
  if (isTransactional) writer.add(null, ["BEGIN TRANSACTION"]);
  for (const { action, mode } of steps) {
    writer.note(`${action.id}: ${action.fileName}`);
    writer.add(action, statementsOf(action, mode, options.columnsOf));
  }
  for (const check of checks) {
    writer.note(`check ${check.action.id}: ${check.action.fileName}`);
    writer.add(check.action, [assertStatement(check)]);
  }
  if (checks.length > 0) writer.add(null, PASS_STATEMENTS);
  writer.add(null, movesWatermarks ? WATERMARK_STATEMENTS : RAN_STATEMENTS);
  if (isTransactional) writer.add(null, ["COMMIT TRANSACTION"]);
  return writer.finish();
}

/** The statements that bring one model up to date, its own operations before and after it included. */
export function statementsOf(action: Action, mode: Mode, columnsOf: (action: Action) => readonly Column[]): string[] {
  switch (mode) {
    case "statements":
      return [...action.statements];
    case "view":
      return [`CREATE OR REPLACE VIEW ${action.sqlName} AS\n${action.sql.trim()}`];
    case "create":
      return [...action.preOps, createStatement(action), ...action.postOps];
    case "replace":
      return [
        ...action.preOps,
        `DELETE FROM ${action.sqlName} WHERE TRUE`,
        insertStatement(action, action.sql, columnsOf(action)),
        ...action.postOps,
      ];
    case "append":
      return [
        ...action.incrementalPreOps,
        insertStatement(action, action.incrementalSql, columnsOf(action)),
        ...action.incrementalPostOps,
      ];
    case "merge":
      return [...action.incrementalPreOps, mergeStatement(action, columnsOf(action)), ...action.incrementalPostOps];
  }
}

function createStatement(action: Action): string {
  const partitionBy = action.partitionBy === "" ? "" : `\nPARTITION BY ${action.partitionBy}`;
  const clusterBy = action.clusterBy.length === 0 ? "" : `\nCLUSTER BY ${action.clusterBy.join(", ")}`;
  return `CREATE OR REPLACE TABLE ${action.sqlName}${partitionBy}${clusterBy} AS\n${action.sql.trim()}`;
}

function insertStatement(action: Action, sql: string, columns: readonly Column[]): string {
  const names = columns.map(({ name }) => `\`${name}\``).join(", ");
  return `INSERT INTO ${action.sqlName} (${names})\nSELECT ${names}\nFROM (\n${sql.trim()}\n)`;
}

/** As stock Dataform merges: keys compare by `=`, so they must not be NULL; every other column is taken over. */
function mergeStatement(action: Action, columns: readonly Column[]): string {
  const names = columns.map(({ name }) => `\`${name}\``);
  const matches = action.uniqueKey.map((key) => `t.\`${key}\` = s.\`${key}\``).join(" AND ");
  return [
    `MERGE INTO ${action.sqlName} AS t`,
    `USING (\n${action.incrementalSql.trim()}\n) AS s`,
    `ON ${matches}`,
    `WHEN MATCHED THEN UPDATE SET ${names.map((name) => `${name} = s.${name}`).join(", ")}`,
    `WHEN NOT MATCHED THEN INSERT (${names.join(", ")}) VALUES (${names.map((name) => `s.${name}`).join(", ")})`,
  ].join("\n");
}

/** ASSERT alone says no number: the failing branch raises an error that does. */
export function assertStatement({ action }: Check): string {
  const failure = `ERROR(CONCAT(${quote(`check ${action.id} failed on `)}, CAST(COUNT(*) AS STRING), " rows"))`;
  return [
    `ASSERT (SELECT IF(COUNT(*) = 0, TRUE, ${failure}) FROM (`,
    action.sql.trim(),
    `)) AS ${quote(`check ${action.id} failed`)}`,
  ].join("\n");
}

/** Which check an error message of such an ASSERT speaks of, and on how many rows it failed (null: not told). */
export function readCheckFailure(message: string): { readonly id: string; readonly failingRows: number | null } | null {
  const match = /check (\S+) failed(?: on (\d+) rows)?/.exec(message);
  if (match?.[1] === undefined) return null;
  return { id: match[1], failingRows: match[2] === undefined ? null : Number(match[2]) };
}

/** A pass replaces the pass before it: one row per check, however often it runs. Failures are all kept. */
export const PASS_STATEMENTS: readonly string[] = [
  sql`-- @checks ARRAY<STRUCT<check_name STRING, severity STRING, owner STRING>>
DELETE FROM quality.check_results
WHERE failing_rows = 0 AND check_name IN (SELECT c.check_name FROM UNNEST(@checks) AS c)`,
  sql`-- @checks ARRAY<STRUCT<check_name STRING, severity STRING, owner STRING>>
-- @run_id STRING
-- @ran_at TIMESTAMP
INSERT INTO quality.check_results (check_name, severity, owner, failing_rows, run_id, checked_at)
SELECT c.check_name, c.severity, c.owner, 0, @run_id, @ran_at FROM UNNEST(@checks) AS c`,
];

export const WATERMARK_STATEMENTS: readonly string[] = [
  sql`-- @models ARRAY<STRUCT<model STRING, sql_hash STRING, is_windowed BOOL>>
DELETE FROM ops.watermarks WHERE model IN (SELECT m.model FROM UNNEST(@models) AS m)`,
  sql`-- @models ARRAY<STRUCT<model STRING, sql_hash STRING, is_windowed BOOL>>
-- @window_to TIMESTAMP
-- @ran_at TIMESTAMP
INSERT INTO ops.watermarks (model, window_to, sql_hash, ran_at)
SELECT m.model, IF(m.is_windowed, @window_to, NULL), m.sql_hash, @ran_at FROM UNNEST(@models) AS m`,
];

/** Whoever reads these models' tables finds that they ran without it. */
const RAN_STATEMENTS: readonly string[] = [
  sql`-- @models ARRAY<STRUCT<model STRING, sql_hash STRING, is_windowed BOOL>>
UPDATE ops.watermarks SET ran_at = @ran_at WHERE model IN (SELECT m.model FROM UNNEST(@models) AS m)`,
];

/** Whose watermarks `WATERMARK_STATEMENTS` writes. */
export function modelsParam(actions: readonly Action[]): Params {
  const value = actions.map((action) => ({
    model: action.id,
    sql_hash: hashOf(action),
    is_windowed: isWindowed(action),
  }));
  return { models: { type: "ARRAY<STRUCT<model STRING, sql_hash STRING, is_windowed BOOL>>", value } };
}

/** Whose passes `PASS_STATEMENTS` records. */
export function checksParam(checks: readonly Check[]): Params {
  const value = checks.map(({ action, severity, owner }) => ({ check_name: action.id, severity, owner }));
  return { checks: { type: "ARRAY<STRUCT<check_name STRING, severity STRING, owner STRING>>", value } };
}

function quote(text: string): string {
  return JSON.stringify(text);
}

function createScriptWriter() {
  const chunks: string[] = [];
  const parts: ScriptPart[] = [];
  let line = 1;
  const write = (text: string): void => {
    chunks.push(text);
    line += text.split("\n").length;
  };
  return {
    note: (text: string): void => write(`-- ${text}`),
    add: (action: Action | null, statements: readonly string[]): void => {
      const fromLine = line;
      for (const text of statements) write(closed(text));
      parts.push({ action, fromLine, toLine: line - 1 });
    },
    finish: (): Script => ({ sql: chunks.join("\n"), parts }),
  };
}

/** Operations may close their last statement themselves; the semicolon stands alone because a comment may end the text. */
function closed(text: string): string {
  const trimmed = text.trim();
  return trimmed.endsWith(";") ? trimmed : `${trimmed}\n;`;
}

/** The action whose text has this line of the script. */
export function actionAtLine(script: Script, line: number): Action | null {
  return script.parts.find((part) => part.fromLine <= line && line <= part.toLine)?.action ?? null;
}
