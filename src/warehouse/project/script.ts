import { createHash } from "node:crypto";
import { splitStatements } from "../googlesql/lexer.js";
import type { Column, ExecuteResult } from "../port.js";
import { type Action, isWindowed } from "./action.js";
import type { Check } from "./layers.js";

/**
 * SQL text of one run of some models. The text depends on the project and the tables' columns only, never on the
 * window, the run or the clock (those are parameters), so that every cycle is the same text and caches hold.
 */

/** How a model is brought up to date. */
export type Mode = "create" | "view" | "append" | "merge" | "replace" | "statements";

export interface Step {
  readonly action: Action;
  readonly mode: Mode;
  /** Whether it last ran by another text: its columns may no longer be the table's. */
  readonly isChanged: boolean;
}

export interface ScriptPart {
  /** Null for the script's own statements: transaction, watermarks, results. */
  readonly action: Action | null;
  readonly statementCount: number;
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
  /** The columns of each table that is written but not created, by action id. */
  readonly columnsOf: (action: Action) => readonly Column[];
}

/** What tells one version of a model from the next: everything that shapes its rows. */
export function hashOf(action: Action): string {
  const { sql, incrementalSql, statements, preOps, postOps, incrementalPreOps, incrementalPostOps } = action;
  const { kind, uniqueKey, partitionBy, clusterBy } = action;
  const shape = [kind, sql, incrementalSql, statements, preOps, postOps, incrementalPreOps, incrementalPostOps];
  return createHash("sha256")
    .update(JSON.stringify([...shape, uniqueKey, partitionBy, clusterBy]))
    .digest("hex")
    .slice(0, 32);
}

export function buildScript(options: ScriptOptions): Script {
  const { steps, checks, isTransactional } = options;
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
  writer.add(null, passStatements(checks));
  writer.add(null, watermarkStatements(steps.map(({ action }) => action)));
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
function assertStatement({ action }: Check): string {
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
export function passStatements(checks: readonly Check[]): string[] {
  if (checks.length === 0) return [];
  const names = checks.map(({ action }) => quote(action.id)).join(", ");
  const rows = checks.map(({ action, severity, owner }, index) =>
    struct(index, { check_name: action.id, severity, owner }),
  );
  return [
    `DELETE FROM quality.check_results WHERE failing_rows = 0 AND check_name IN (${names})`,
    [
      "INSERT INTO quality.check_results (check_name, severity, owner, failing_rows, run_id, checked_at)",
      "SELECT c.check_name, c.severity, c.owner, 0, @run_id, @ran_at",
      `FROM UNNEST([${rows.join(", ")}]) AS c`,
    ].join("\n"),
  ];
}

export function watermarkStatements(actions: readonly Action[]): string[] {
  if (actions.length === 0) return [];
  const rows = actions.map((action, index) =>
    struct(index, { model: action.id, sql_hash: hashOf(action), is_windowed: isWindowed(action) }),
  );
  return [
    `DELETE FROM ops.watermarks WHERE model IN (${actions.map(({ id }) => quote(id)).join(", ")})`,
    [
      "INSERT INTO ops.watermarks (model, window_to, sql_hash, ran_at)",
      "SELECT m.model, IF(m.is_windowed, @window_to, NULL), m.sql_hash, @ran_at",
      `FROM UNNEST([${rows.join(", ")}]) AS m`,
    ].join("\n"),
  ];
}

/** Field names belong to the first element; the others take them over. */
function struct(index: number, fields: Readonly<Record<string, string | boolean>>): string {
  const values = Object.entries(fields).map(([name, value]) => {
    const literal = typeof value === "string" ? quote(value) : String(value).toUpperCase();
    return index === 0 ? `${literal} AS ${name}` : literal;
  });
  return index === 0 ? `STRUCT(${values.join(", ")})` : `(${values.join(", ")})`;
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
      let statementCount = 0;
      for (const text of statements) {
        write(closed(text));
        statementCount += splitStatements(text).length;
      }
      parts.push({ action, statementCount, fromLine, toLine: line - 1 });
    },
    finish: (): Script => ({ sql: chunks.join("\n"), parts }),
  };
}

/** Operations may close their last statement themselves; the semicolon stands alone because a comment may end the text. */
function closed(text: string): string {
  const trimmed = text.trim();
  return trimmed.endsWith(";") ? trimmed : `${trimmed}\n;`;
}

export interface ActionOutcome {
  readonly id: string;
  readonly rows: number | null;
  readonly ms: number | null;
}

/** Rows and time by action. Null where the warehouse reported other statements than the script has. */
export function outcomesOf(script: Script, result: ExecuteResult): ActionOutcome[] {
  const isComparable = result.statements.length === script.parts.reduce((sum, part) => sum + part.statementCount, 0);
  let at = 0;
  return script.parts.flatMap((part) => {
    const own = result.statements.slice(at, at + part.statementCount);
    at += part.statementCount;
    if (part.action === null) return [];
    const total = (pick: (statement: { rows: number; ms: number }) => number): number | null =>
      isComparable ? own.reduce((sum, statement) => sum + pick(statement), 0) : null;
    return [{ id: part.action.id, rows: total(({ rows }) => rows), ms: total(({ ms }) => ms) }];
  });
}

/** The action whose text has this line of the script. */
export function actionAtLine(script: Script, line: number): Action | null {
  return script.parts.find((part) => part.fromLine <= line && line <= part.toLine)?.action ?? null;
}
