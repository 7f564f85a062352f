import { RollcallError } from "../../../platform/errors.js";
import { located } from "../../googlesql/analyzer.js";
import { positionAt, type SourcePosition } from "../../googlesql/lexer.js";
import type { ResolvedColumn, ResolvedNode } from "../../googlesql/resolved.js";
import type { GoogleType } from "../../googlesql/types.js";
import type { JavascriptFunction } from "../javascript.js";
import { expand } from "../library/expand.js";
import type { SqlKind } from "../library/kinds.js";
import { expressionSql } from "./expressions.js";
import { type ScanOptions, scanSql } from "./scans.js";
import { columnName } from "./sql.js";

/** What CREATE FUNCTION made: calls become the SQL body, with the arguments in place, or a call of the JavaScript. */
export type MadeFunction =
  | {
      readonly kind: "sql";
      readonly argumentNames: readonly string[];
      readonly body: ResolvedNode;
      readonly hasSubquery: boolean;
    }
  | { readonly kind: "javascript"; readonly function: JavascriptFunction };

/** What the statement stands in. */
export interface GeneratorScope {
  readonly text: string;
  readonly position: SourcePosition;
  readonly origin?: string;
  /** The DuckDB name of a table the analyzer knew by this key. */
  tableSql(key: string): string;
  readonly functions: ReadonlyMap<string, MadeFunction>;
}

/**
 * Turns one resolved statement into DuckDB SQL. Every scan becomes one SELECT whose columns are named after the analyzer's
 * column ids, so names never clash and never depend on DuckDB's own name resolution.
 */
export class Generator {
  /** Query parameters the SQL mentions. */
  readonly parameters = new Set<string>();
  /** Keys of the tables the SQL reads or writes. */
  readonly tables = new Set<string>();
  /** JavaScript functions the SQL calls, by their name in DuckDB. */
  readonly javascript = new Map<string, JavascriptFunction>();
  /** Columns that stand for something else than their own name: those of a DML target, say. */
  readonly columnSql = new Map<string, string>();
  /** Columns below the projection being written that hold what its calls read of JSON, by `readKey`. */
  readonly jsonReads = new Map<string, string>();
  /** Arguments of the SQL function whose body is being written, innermost last. */
  readonly functionArguments: ReadonlyMap<string, string>[] = [];
  /** Calls whose arguments got names of their own. */
  namedCalls = 0;
  /** Column lists of WITH queries, by name. */
  readonly withColumns = new Map<string, readonly ResolvedColumn[]>();
  /** The recursive WITH queries being written, innermost last. */
  readonly recursions: { readonly name: string; readonly columns: readonly ResolvedColumn[] }[] = [];
  readonly scope: GeneratorScope;

  constructor(scope: GeneratorScope) {
    this.scope = scope;
  }

  expression(node: ResolvedNode): string {
    return expressionSql(this, node);
  }

  scan(node: ResolvedNode, options?: ScanOptions): string {
    return scanSql(this, node, options);
  }

  column(column: ResolvedColumn): string {
    return this.columnSql.get(column.id) ?? columnName(column.id);
  }

  table(node: ResolvedNode): string {
    const key = node.referenceName("table").toLowerCase();
    this.tables.add(key);
    return this.scope.tableSql(key);
  }

  /** A function of the library; one that is not there, or not for these types, is an error of this statement. */
  expand(name: string, args: readonly string[], kinds: readonly (SqlKind | undefined)[], node: ResolvedNode): string {
    try {
      return expand(name, args, kinds);
    } catch (error) {
      if (error instanceof RollcallError && error.code === "SQL_UNSUPPORTED")
        return this.refuse(error.message, name.toUpperCase(), node);
      throw error;
    }
  }

  /** Fails the statement, naming the construct and where it stands. Nothing half-translated leaves the generator. */
  unsupported(construct: string, node?: ResolvedNode): never {
    return this.refuse(`${construct} has no form in the embedded warehouse`, construct, node);
  }

  /** The same in words of one's own. */
  refuse(message: string, construct: string, node?: ResolvedNode): never {
    const { text, position, origin } = this.scope;
    // The analyzer counts bytes.
    const before = Buffer.from(text).subarray(0, node?.offset ?? 0);
    const place = positionAt(text, before.toString().length, position);
    throw new RollcallError("SQL_UNSUPPORTED", located(origin, place, message), {
      isRetriable: false,
      details: { construct, origin: origin ?? null, ...place },
    });
  }

  isNumber(type: GoogleType): boolean {
    return ["INT64", "DOUBLE", "NUMERIC", "BIGNUMERIC"].includes(type.kind);
  }
}
