import { isJsonPath } from "../../googlesql/json-path.js";
import { type Token, tokenize } from "../../googlesql/lexer.js";
import type { Action, CompiledProject } from "../../project/action.js";
import { offsetAt } from "../positions.js";
import type { Problem } from "../problem.js";
import { LINTS, type LintCode, type LintContext } from "./lint.js";

/** Rules about the words of a statement, where its resolved form says too little. */
export function textProblems(context: LintContext): Problem[] {
  return [...context.analysis.actions.values()].flatMap(({ action }) =>
    FIELDS.flatMap((field) =>
      textsOf(action, field).flatMap((text, index) => {
        if (!WORTH_READING.test(text)) return [];
        const tokens = tokenize(text).filter(({ kind }) => kind !== "blank");
        const found = [...badPaths(tokens), ...(isKept(action) ? starsOfBronze(action, tokens) : [])];
        return found.map(({ code, message, token }): Problem => {
          const make = (project: CompiledProject): string | null => {
            const own = project.byId.get(action.id);
            return own === undefined ? null : (textsOf(own, field)[index] ?? null);
          };
          const place = context.map.locate(make, offsetAt(text, token.position));
          const { file, line, column } = place ?? { file: action.fileName, line: 1, column: 1 };
          return { code, severity: LINTS[code], file, line, column, message };
        });
      }),
    ),
  );
}

/** What the rules look for: reading a text word by word takes time. */
const WORTH_READING = /\bJSON_|\*[\s\S]*bronze/i;

interface Found {
  readonly code: LintCode;
  readonly message: string;
  readonly token: Token;
}

const FIELDS = [
  "sql",
  "incrementalSql",
  "statements",
  "preOps",
  "postOps",
  "incrementalPreOps",
  "incrementalPostOps",
] as const;

function textsOf(action: Action, field: (typeof FIELDS)[number]): readonly string[] {
  return [action[field]].flat();
}

function isKept({ kind }: Action): boolean {
  return kind === "table" || kind === "incremental";
}

/**
 * `*` and `alias.*` of a table of bronze that reach the model's own columns: in its last SELECT, or in a query that one takes every
 * column of. New columns would come along, personal ones among them.
 */
function starsOfBronze(action: Action, tokens: readonly Token[]): Found[] {
  const words = tokens.map(({ text }) => text.trim().toUpperCase());
  const stars = starsOf(words);
  const isPassedOn = stars.some(({ depth }) => depth === 0);
  return stars.flatMap(({ at, depth }) => {
    const token = tokens[at];
    const from = words.indexOf("FROM", at);
    const between = words.slice(at, from);
    if (token === undefined || from === -1 || between.includes("(") || between.includes(")")) return [];
    const table = words.slice(from + 1, from + 6).join("");
    if (!/^(?:ROLLCALL\.)?BRONZE\./.test(table) || (depth > 0 && !isPassedOn)) return [];
    const message = `${action.id} takes every column of bronze: name those it needs`;
    return [{ code: "select-star" as const, message, token }];
  });
}

/** Where a list of columns says `*`, and inside of how many brackets. */
function starsOf(words: readonly string[]): { readonly at: number; readonly depth: number }[] {
  const found: { at: number; depth: number }[] = [];
  let depth = 0;
  words.forEach((word, at) => {
    if (word === "(") depth += 1;
    if (word === ")") depth -= 1;
    const before = words[at - 1] ?? "";
    const isItem = /^(?:SELECT|DISTINCT|ALL|,)$/.test(before) || before.endsWith(".");
    if (word === "*" && isItem) found.push({ at, depth });
  });
  return found;
}

const JSON_READER = /^JSON_(?:VALUE|QUERY|EXTRACT)\w*$/;

/** A constant path that the function does not take: it would fail at the first row that has JSON there. */
function badPaths(tokens: readonly Token[]): Found[] {
  return tokens.flatMap((token, at) => {
    const name = token.text.toUpperCase();
    if (!JSON_READER.test(name) || tokens[at + 1]?.text !== "(") return [];
    const path = secondArgument(tokens, at + 2);
    const text = path === null ? null : /^r?(["'])(.*)\1$/s.exec(path.text)?.[2];
    if (path === null || text == null || /\\/.test(text) || isJsonPath(name.toLowerCase(), text)) return [];
    return [{ code: "json-path" as const, message: `${path.text} is no JSON path that ${name} takes`, token: path }];
  });
}

/** The one token that is the second argument of a call whose arguments begin at `from`; null for more than one. */
function secondArgument(tokens: readonly Token[], from: number): Token | null {
  let depth = 0;
  for (let at = from; at < tokens.length; at += 1) {
    const text = tokens[at]?.text ?? "";
    if (depth === 0 && text === ")") return null;
    if (depth === 0 && text === ",") return tokens[at + 2]?.text === ")" ? (tokens[at + 1] ?? null) : null;
    if (text === "(" || text === "[") depth += 1;
    if (text === ")" || text === "]") depth -= 1;
  }
  return null;
}
