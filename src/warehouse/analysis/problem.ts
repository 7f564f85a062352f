import type { ProjectFiles } from "./project-files.js";

export type Severity = "error" | "warn";

/** One thing to repair. Lines and columns count from 1, as editors do. */
export interface Problem {
  /** What kind: "sql", "compile", or the name of a lint as docs/check.md lists them. */
  readonly code: string;
  readonly severity: Severity;
  /** Path inside the project. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** By file and place, each said once: a full build and a cycle often stumble over the same word. */
export function inOrder(problems: readonly Problem[]): Problem[] {
  const byText = new Map(problems.map((problem) => [keyOf(problem), problem]));
  return [...byText.values()].sort(
    (a, b) =>
      compare(a.file, b.file) ||
      a.line - b.line ||
      a.column - b.column ||
      compare(a.code, b.code) ||
      compare(a.message, b.message),
  );
}

function keyOf({ code, file, line, column, message }: Problem): string {
  return JSON.stringify([code, file, line, column, message]);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

const WIDEST = 160;

/** "file:line:column: message [code]", then the line and a caret below the place. */
export function formatProblem(problem: Problem, files: ProjectFiles): string {
  const { file, line, column, message, code, severity } = problem;
  const word = severity === "warn" ? "warning: " : "";
  const head = `${file}:${line}:${column}: ${word}${message} [${code}]`;
  const source = files.read(file)?.split("\n")[line - 1];
  if (source === undefined || source.trim() === "") return head;
  // A long line is cut around the place, so that line and caret stay below each other in a terminal.
  const from = column <= WIDEST - 40 ? 0 : column - 80;
  const shown = source.slice(from, from + WIDEST).trimEnd();
  const before = source.slice(from, column - 1).replace(/[^\t]/g, " ");
  return `${head}\n  ${shown}\n  ${before}^`;
}
