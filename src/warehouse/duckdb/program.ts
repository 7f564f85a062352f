import type { SourcePosition } from "../googlesql/lexer.js";
import type { GoogleType } from "../googlesql/types.js";
import type { FunctionScope } from "./functions.js";
import type { CompiledStatement } from "./translate.js";

/** A place in a program. It is filled in when the statement it stands for is written. */
export interface Target {
  index: number;
}

/**
 * What a step does besides running its SQL. A script is a list of steps with jumps, so that running it needs no more than a
 * number that says where it is.
 */
export type Control =
  | { readonly op: "jump"; readonly to: Target }
  /** Goes on when the first value of its query is TRUE. */
  | { readonly op: "unless"; readonly to: Target }
  /** Runs the query of a FOR and keeps its rows. */
  | { readonly op: "fetch"; readonly loop: number }
  /** Gives the variable of a FOR its next row; jumps when there is none. */
  | { readonly op: "next"; readonly loop: number; readonly to: Target; readonly variable: string }
  /** Raises the text of its query or, without one, what the handler with this number is handling. */
  | { readonly op: "raise"; readonly handler: number | null }
  /** Says of what is handled from here on, where a handler inside of another has ended. */
  | { readonly op: "handling"; readonly handler: number }
  | DynamicStatement;

/** EXECUTE IMMEDIATE: the text is the first value of its query. */
export interface DynamicStatement {
  readonly op: "execute";
  readonly into: readonly { readonly name: string; readonly type: GoogleType }[];
  /** Its parameters, kept in variables of the connection. */
  readonly using: readonly { readonly name: string; readonly variable: string; readonly type: GoogleType }[];
  readonly functions: FunctionScope;
}

/** A statement that runs no SQL, for what is told by its kind, its changes or its control alone. */
export const NOTHING: CompiledStatement = {
  kind: "control",
  name: "",
  templates: [],
  tables: [],
  columns: [],
  changes: [],
  description: "",
  lineage: { writes: null, outputs: [], conditions: [] },
};

export interface ScriptStatement extends CompiledStatement {
  readonly position: SourcePosition;
  readonly control?: Control;
  /**
   * What the tables it names looked like when it was translated, by key. Where statements may be left out or repeated, it is asked
   * again before the statement runs.
   */
  readonly assumes?: ReadonlyMap<string, string | null>;
  /** Its source, for `@@error.statement_text`. */
  readonly text?: string;
}

/** BEGIN ... EXCEPTION: an error from `from` up to `to` goes on at `target`. Inner ones come first. */
export interface Handler {
  readonly number: number;
  readonly from: number;
  readonly to: number;
  readonly target: number;
}

export interface TranslatedScript {
  readonly statements: readonly ScriptStatement[];
  readonly handlers: readonly Handler[];
}
