import type { SourcePosition, SourceStatement } from "./lexer.js";

/** The procedural language around statements, as BigQuery has it: what the analyzer itself does not read. */
export type ScriptNode =
  | { readonly kind: "statement"; readonly statement: SourceStatement }
  | Declare
  | SetVariables
  | Block
  | Conditional
  | Loop
  | ForLoop
  | Leave
  | { readonly kind: "return"; readonly position: SourcePosition }
  /** Without a message: what is being handled is raised again. */
  | { readonly kind: "raise"; readonly message: SourceStatement | null; readonly position: SourcePosition }
  | ExecuteImmediate;

export interface Declare {
  readonly kind: "declare";
  readonly names: readonly string[];
  /** Null: the type of the value. */
  readonly type: string | null;
  readonly value: SourceStatement | null;
  readonly position: SourcePosition;
}

/** SET x = value, or SET (x, y) = a struct of as many fields. */
export interface SetVariables {
  readonly kind: "set";
  readonly names: readonly string[];
  readonly isTuple: boolean;
  readonly value: SourceStatement;
  readonly position: SourcePosition;
}

export interface Block {
  readonly kind: "block";
  readonly label: string | null;
  readonly body: readonly ScriptNode[];
  /** What EXCEPTION WHEN ERROR THEN does; null where nothing is caught. */
  readonly handler: readonly ScriptNode[] | null;
  readonly position: SourcePosition;
}

/** IF, and CASE of both forms. */
export interface Conditional {
  readonly kind: "if";
  /** `operand` is what a CASE compares each condition with. */
  readonly operand: SourceStatement | null;
  readonly branches: readonly { readonly condition: SourceStatement; readonly body: readonly ScriptNode[] }[];
  readonly otherwise: readonly ScriptNode[];
}

/** LOOP, WHILE and REPEAT. */
export interface Loop {
  readonly kind: "loop";
  readonly label: string | null;
  readonly body: readonly ScriptNode[];
  /** Goes on while it holds, asked before each turn. */
  readonly whilst: SourceStatement | null;
  /** Ends when it holds, asked after each turn. */
  readonly until: SourceStatement | null;
  readonly position: SourcePosition;
}

export interface ForLoop {
  readonly kind: "for";
  readonly label: string | null;
  readonly variable: string;
  readonly query: SourceStatement;
  readonly body: readonly ScriptNode[];
  readonly position: SourcePosition;
}

export interface Leave {
  readonly kind: "break" | "continue";
  readonly label: string | null;
  readonly position: SourcePosition;
}

export interface ExecuteImmediate {
  readonly kind: "execute";
  readonly sql: SourceStatement;
  readonly into: readonly string[];
  readonly using: readonly { readonly value: SourceStatement; readonly name: string | null }[];
  readonly position: SourcePosition;
}
