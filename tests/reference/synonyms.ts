import { type Token, tokenize } from "../../src/warehouse/googlesql/lexer.js";

const SYNONYMS: Readonly<Record<string, string>> = { MAX_BY: "HAVING MAX", MIN_BY: "HAVING MIN" };

/**
 * MAX_BY(x, y) as ANY_VALUE(x HAVING MAX y), which BigQuery's documentation calls the same, and which the evaluator, older than
 * MAX_BY, has; so with MIN_BY.
 */
export function withoutSynonyms(text: string): string {
  const tokens = tokenize(text);
  const open: (string | null)[] = [];
  return tokens.map((token, at) => written(token, tokens[at - 1], open)).join("");
}

/** `open`: what each open parenthesis wants its first comma to be; null where a comma is a comma. */
function written({ text }: Token, before: Token | undefined, open: (string | null)[]): string {
  if (text === "(") open.push(SYNONYMS[before?.text.toUpperCase() ?? ""] ?? null);
  if (text === ")") open.pop();
  const comma = open.at(-1) ?? null;
  if (text === "," && comma !== null) {
    open[open.length - 1] = null;
    return ` ${comma}`;
  }
  return text.toUpperCase() in SYNONYMS ? "ANY_VALUE" : text;
}
