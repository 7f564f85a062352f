import { positionAt } from "../../googlesql/lexer.js";
import { didYouMean } from "../../project/suggest.js";
import { inOrder, type Problem } from "../problem.js";
import type { ProjectFiles } from "../project-files.js";
import { LINTS } from "./lint.js";

/** "rollcall:allow select-star: the register keeps what landed" in a comment of the file. */
const ALLOW = /rollcall:allow ([\w-]+)(?:\(([\w.]+)\))?[ \t]*(?::[ \t]*(\S[^\n]*))?/g;

interface Allowance {
  readonly code: string;
  /** Only findings that name this; null for all of the code in the file. */
  readonly name: string | null;
  readonly reason: string | null;
  readonly offset: number;
}

/**
 * What is left of the findings when each file has its say: a comment silences one rule in its file, or one name of that rule. It has
 * to give a reason, to name a rule, and to silence something. Bad SQL is never silenced.
 */
export function withoutSilenced(
  problems: readonly Problem[],
  candidates: readonly string[],
  files: ProjectFiles,
): Problem[] {
  const silenced = new Set<Problem>();
  const complaints: Problem[] = [];
  for (const file of new Set([...candidates, ...problems.map((problem) => problem.file)])) {
    const source = files.read(file) ?? "";
    for (const allowance of allowancesOf(source)) {
      const complaint = complaintOf(allowance);
      const matching = problems.filter(
        (problem) =>
          problem.file === file &&
          problem.code === allowance.code &&
          problem.code in LINTS &&
          (allowance.name === null || new RegExp(`(?<!\\w)${allowance.name}(?!\\w)`).test(problem.message)),
      );
      if (complaint === null) for (const problem of matching) silenced.add(problem);
      const message = complaint ?? (matching.length === 0 ? `this silences nothing: take it out` : null);
      if (message === null) continue;
      const place = positionAt(source, allowance.offset, { line: 1, column: 1 });
      complaints.push({ code: "allow", severity: complaint === null ? "warn" : "error", file, ...place, message });
    }
  }
  return inOrder([...problems.filter((problem) => !silenced.has(problem)), ...complaints]);
}

function allowancesOf(source: string): Allowance[] {
  return [...source.matchAll(ALLOW)].map((match) => ({
    code: match[1] ?? "",
    name: match[2] ?? null,
    reason: match[3]?.replace(/\*\/\s*$/, "").trim() ?? null,
    offset: match.index,
  }));
}

function complaintOf({ code, reason }: Allowance): string | null {
  if (!(code in LINTS)) return `there is no rule ${code}${didYouMean(code, Object.keys(LINTS))}`;
  return reason === null || reason === "" ? `say why: rollcall:allow ${code}: <reason>` : null;
}
