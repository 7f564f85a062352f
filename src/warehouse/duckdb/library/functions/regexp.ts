import { FLAG, INTEGER, type ScriptFunction, script, TEXT, TEXTS } from "./define.js";

const CLASSES: Readonly<Record<string, string>> = {
  alnum: "0-9A-Za-z",
  alpha: "A-Za-z",
  ascii: "\\x00-\\x7F",
  blank: "\\t ",
  cntrl: "\\x00-\\x1F\\x7F",
  digit: "0-9",
  graph: "!-~",
  lower: "a-z",
  print: " -~",
  punct: "!-\\/:-@[-`{-~",
  space: "\\t\\n\\v\\f\\r ",
  upper: "A-Z",
  word: "\\w",
  xdigit: "0-9A-Fa-f",
};

/** How many groups of an RE2 pattern capture. */
export function captureGroups(pattern: string): number {
  // What is taken out leaves a letter: (\+?) must not become (?).
  const bare = pattern.replace(/\\[\s\S]/g, "x").replace(/\[\^?\]?(?:\[:\w+:\]|[^\]])*\]/g, "x");
  return (bare.match(/\((?!\?)|\(\?P?<[A-Za-z_]/g) ?? []).length;
}

/**
 * An RE2 pattern as a JavaScript one, for what DuckDB's own RE2 cannot tell (where a match lies).
 * Throws RangeError on a construct that has no counterpart.
 */
export function toJavaScript(pattern: string): RegExp {
  const leading = /^\(\?([imsU]+)\)/.exec(pattern);
  const flags = leading?.[1] ?? "";
  const rest = pattern.slice(leading?.[0].length ?? 0);
  if (flags.includes("U") || /\(\?[a-zA-Z-]+[:)]/.test(rest)) throw new RangeError("flags inside a pattern");
  let inClass = false;
  const source = rest.replace(/\\p[A-Z]|\\[pP]\{\^?\w+\}|\\[\s\S]|\[:\^?\w+:\]|\(\?P</g, (token) => translate(token));
  for (const token of source.match(/\\[\s\S]|[[\]]/g) ?? []) inClass = token === "[" || (inClass && token !== "]");
  if (inClass) throw new RangeError("a character class without end");
  return new RegExp(source, `dgu${flags}`);
}

function translate(token: string): string {
  if (token === "(?P<") return "(?<";
  const named = /^\[:(\w+):\]$/.exec(token)?.[1];
  if (named !== undefined) {
    const chars = CLASSES[named];
    if (chars === undefined) throw new RangeError("an unknown character class");
    return chars;
  }
  if (/^\\p[A-Z]$/.test(token)) return `\\p{${token[2]}}`;
  if (token === "\\A") return "^";
  if (token === "\\z") return "$";
  if (token === "\\a") return "\\x07";
  if (token === "\\Q" || token === "\\C") throw new RangeError("\\Q and \\C");
  // With the flag `u` JavaScript takes no escape it does not know; RE2 lets any punctuation be escaped.
  return /^\\[^\w^$\\.*+?()[\]{}|/-]$/.test(token) ? token.slice(1) : token;
}

const compiled = new Map<string, RegExp>();

function compile(pattern: string): RegExp {
  const known = compiled.get(pattern);
  if (known !== undefined) return known;
  if (captureGroups(pattern) > 1) throw new RangeError("a pattern may capture one group at most");
  const made = toJavaScript(pattern);
  if (compiled.size >= 200) compiled.clear();
  compiled.set(pattern, made);
  return made;
}

/**
 * REGEXP_INSTR in code points: where the nth match (or what its group captured) starts, or with `end` the position
 * after it. 0 when there is none, and for empty patterns or text.
 */
export function regexpInstr(text: string, pattern: string, position: number, occurrence: number, end: boolean): number {
  if (position < 1) throw new RangeError("position must be positive");
  if (occurrence < 1) throw new RangeError("occurrence must be positive");
  if (pattern === "" || text === "") return 0;
  const chars = [...text];
  const skipped = chars.slice(0, position - 1).join("");
  const searched = chars.slice(position - 1).join("");
  if (searched === "") return 0;
  let left = occurrence;
  for (const match of searched.matchAll(compile(pattern))) {
    left -= 1;
    if (left > 0) continue;
    const span = match.indices?.[match.length > 1 ? 1 : 0];
    if (span === undefined) return 0;
    return [...skipped].length + [...searched.slice(0, span[end ? 1 : 0])].length + 1;
  }
  return 0;
}

/** Whether the group of the first match took part in it. */
export function isCaptured(text: string, pattern: string): boolean {
  const [match] = text.matchAll(compile(pattern));
  return match?.[1] !== undefined;
}

/** REGEXP_EXTRACT_ALL: what matched, or what the group captured; no empty match at the end of a text. */
export function extractAll(text: string, pattern: string): readonly string[] {
  return [...text.matchAll(compile(pattern))]
    .filter((match) => match[0] !== "" || match.index < text.length || text === "")
    .map((match) => (match.length > 1 ? (match[1] ?? "") : match[0]));
}

export const regexpFunctions: readonly ScriptFunction[] = [
  script("u_regexp_extract_all", [TEXT, TEXT], TEXTS, extractAll),
  script("u_regexp_captured", [TEXT, TEXT], FLAG, isCaptured),
  script("u_regexp_groups", [TEXT], INTEGER, (pattern: string) => {
    const groups = captureGroups(pattern);
    if (groups > 1) throw new RangeError("a pattern may capture one group at most");
    return BigInt(groups);
  }),
  script(
    "u_regexp_instr",
    [TEXT, TEXT, INTEGER, INTEGER, INTEGER],
    INTEGER,
    (text: string, pattern: string, position: bigint, occurrence: bigint, end: bigint) =>
      BigInt(regexpInstr(text, pattern, Number(position), Number(occurrence), end !== 0n)),
  ),
];
