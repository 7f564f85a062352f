import { readdirSync } from "node:fs";
import path from "node:path";
import { RollcallError } from "../../platform/errors.js";
import { applyChanges, type TableCatalog } from "../duckdb/catalog.js";
import type { CompiledStore } from "../duckdb/compiled-store.js";
import { hashKey } from "../duckdb/statement-cache.js";
import type { Translator } from "../duckdb/translate.js";
import type { Analyzer } from "../googlesql/analyzer.js";
import { positionAt, splitStatements } from "../googlesql/lexer.js";
import { type GoogleType, parseType } from "../googlesql/types.js";
import { offsetAt } from "./positions.js";
import type { Problem } from "./problem.js";
import type { ProjectFiles } from "./project-files.js";

/** The statements that TypeScript holds as sql`...`, analysed where they stand. */

export interface TaggedStatement {
  readonly file: string;
  /** As GoogleSQL reads it. */
  readonly sql: string;
  /** Where the text begins in the file, behind the backtick. */
  readonly offset: number;
  /** Offsets in `sql` before which the file has a backslash that the text has not. */
  readonly escapes: readonly number[];
  readonly hasValues: boolean;
}

export interface TypescriptDeps {
  readonly analyzer: Analyzer;
  readonly translator: Translator;
  readonly files: ProjectFiles;
  /** Where it is kept which statements are right; nowhere when absent. */
  readonly store?: CompiledStore;
}

export interface TypescriptTables {
  readonly catalog: TableCatalog;
  /** Whether a table that is not in the catalog, "silver.events", is one whose definition has problems. */
  readonly isLost: (table: string) => boolean;
}

export interface TypescriptFindings {
  readonly problems: Problem[];
  /** Statements that were looked at: one that reads a table with problems waits for it. */
  readonly statements: number;
}

const FOLDERS = ["src", "loaders", "syncs"];
const IMPORTS_TAG = /import \{[^}]*\bsql\b[^}]*\} from "[^"]*\/sql\.js"/;
const TAGGED = /(?<![\w.$`])sql`((?:[^`\\]|\\[\s\S])*)`/g;

/** TypeScript files of the project that may hold statements; tests speak of tables of their own. */
function typescriptFiles(root: string): string[] {
  return FOLDERS.flatMap((folder) => {
    try {
      return readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
        .map((file) => path.join(folder, file));
    } catch {
      return [];
    }
  }).sort();
}

export function taggedStatements(file: string, source: string): TaggedStatement[] {
  if (!IMPORTS_TAG.test(source)) return [];
  return [...source.matchAll(TAGGED)]
    .filter(({ index }) => !isComment(source, index))
    .map((match) => {
      const raw = match[1] ?? "";
      const escapes = [...raw.matchAll(/\\`/g)].map(({ index }, count) => index - count);
      return {
        file,
        sql: raw.replaceAll("\\`", "`"),
        offset: match.index + "sql`".length,
        escapes,
        hasValues: /\$\{/.test(raw),
      };
    });
}

function isComment(source: string, index: number): boolean {
  const line = source.slice(source.lastIndexOf("\n", index) + 1, index);
  return /^\s*(\*|\/\*)|\/\//.test(line);
}

export async function typescriptProblems(
  root: string,
  tables: TypescriptTables,
  deps: TypescriptDeps,
): Promise<TypescriptFindings> {
  const problems: Problem[] = [];
  let statements = 0;
  for (const file of typescriptFiles(root)) {
    const source = deps.files.read(file) ?? "";
    for (const tagged of taggedStatements(file, source)) {
      const key = keyOf(tagged.sql, tables.catalog);
      if (deps.store?.read(key) === RIGHT) {
        statements += 1;
        continue;
      }
      const found = await problemsOf(tagged, source, tables, deps);
      if (found === null) continue;
      statements += 1;
      if (found.length === 0) deps.store?.write(key, RIGHT);
      problems.push(...found);
    }
  }
  return { problems, statements };
}

const RIGHT = "right";

/** A statement that is right stays so while it and the tables it may speak of are the same. */
function keyOf(sql: string, catalog: TableCatalog): string {
  const words = new Set(sql.toLowerCase().match(/\w+/g));
  const tables = [...catalog.values()].filter(({ table }) => words.has(table.toLowerCase()));
  return hashKey(["typescript", sql, ...tables.map(({ fingerprint }) => fingerprint).sort()]);
}

/** Null when it reads a table with problems of its own: nobody can say anything before that one is right. */
async function problemsOf(
  tagged: TaggedStatement,
  source: string,
  { catalog, isLost }: TypescriptTables,
  deps: TypescriptDeps,
): Promise<Problem[] | null> {
  const problem = (at: number, message: string): Problem => {
    const behind = tagged.escapes.filter((before) => before <= at).length;
    const place = positionAt(source, tagged.offset + at + behind, { line: 1, column: 1 });
    return { code: "sql", severity: "error", file: tagged.file, ...place, message };
  };
  if (tagged.hasValues)
    return [problem(tagged.sql.indexOf("$" + "{"), "sql`` is a constant: give values as query parameters")];
  const problems: Problem[] = [];
  let known = catalog;
  let params = declaredParams(tagged.sql);
  for (const { text, words, position } of splitStatements(tagged.sql)) {
    const start = offsetAt(tagged.sql, position);
    try {
      if (!/^(DECLARE|SET)\b/i.test(text)) {
        const tables = [...known.values()].filter(({ table }) => words.has(table.toLowerCase()));
        const node = await deps.analyzer
          .analyze({ sql: text, catalog: { tables }, params, infersParams: true, position })
          .catch((error: unknown) => {
            // Shown everything, the analyzer can say which table was meant.
            if (absentTable(error) === null) throw error;
            return deps.analyzer.analyze({
              sql: text,
              catalog: { tables: [...known.values()] },
              params,
              infersParams: true,
              position,
            });
          });
        params = { ...Object.fromEntries(node.parameters()), ...params };
      }
      const { statements } = await deps.translator.translate({
        sql: text,
        params,
        catalog: known,
        origin: tagged.file,
      });
      for (const { changes } of statements) known = applyChanges(known, changes);
    } catch (error) {
      if (!(error instanceof RollcallError) || !/^SQL_/.test(error.code)) throw error;
      const absent = absentTable(error);
      if (absent !== null && isLost(absent)) return null;
      const { line, column } = error.details;
      const message = error.message.replace(/^\S*?:\d+:\d+: /, "");
      // What the analyzer refuses is told in the whole text, what the generator refuses in the one statement.
      const isWhole = error.details.origin === null;
      const place = { line: Number(line), column: Number(column) };
      problems.push(problem(isWhole ? offsetAt(tagged.sql, place) : start + offsetAt(text, place), message));
    }
  }
  return problems;
}

/** "-- @models ARRAY<STRUCT<model STRING>>": for a parameter whose use does not tell its type. */
function declaredParams(sql: string): Readonly<Record<string, GoogleType>> {
  return Object.fromEntries(
    [...sql.matchAll(/^\s*-- @(\w+) ([A-Z].*?)\s*$/gm)].map(([, name = "", type = ""]) => [
      name.toLowerCase(),
      parseType(type),
    ]),
  );
}

/** "silver.events" where that was not found. */
function absentTable(error: unknown): string | null {
  if (!(error instanceof RollcallError)) return null;
  return /Table not found: `?(?:\w+\.)??((?:\w+\.)?\w+)(?![\w.])/.exec(error.message)?.[1]?.toLowerCase() ?? null;
}
