import path from "node:path";
import type { SourcePosition } from "../googlesql/lexer.js";

/** A call, as a stack of JavaScript tells it. Lines of a SQLX file are those of the code it compiles to. */
export interface Frame extends SourcePosition {
  /** Path inside the project. */
  readonly file: string;
}

/** The calls inside the project's own files, innermost first; where a file cannot be read at all, the place that stopped it. */
export function framesOf(stack: string, root: string): Frame[] {
  const frames: Frame[] = [];
  const add = (absolute: string, line: string, column: number): void => {
    const file = path.relative(root, absolute);
    if (/^(definitions|includes)[\\/]/.test(file)) frames.push({ file, line: Number(line), column });
  };
  const stopped = /^(\/[^\n]*):(\d+)\n[^\n]*\n( *)\^/.exec(stack);
  if (stopped?.[1] !== undefined && stopped[2] !== undefined)
    add(stopped[1], stopped[2], (stopped[3] ?? "").length + 1);
  for (const [, file, line, column] of stack.matchAll(/^\s+at (?:.*\()?(\/[^\n()]*):(\d+):(\d+)\)?$/gm))
    if (file !== undefined && line !== undefined) add(file, line, Number(column));
  return frames;
}
