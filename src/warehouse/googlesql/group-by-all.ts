import { RollcallError } from "../../platform/errors.js";
import { located } from "./analyzer.js";
import { positionAt, type SourcePosition, type SourceStatement, type Token, tokenize } from "./lexer.js";

/**
 * GROUP BY ALL for an analyzer that is older than it: ALL becomes the numbers of the columns to group by. Which those are, the
 * analyzer says itself: it refuses to group by a column with an aggregate or a window function, and it resolves a column alone that
 * needs nothing of FROM. What cannot be told so is refused.
 */
export interface GroupByAllDeps {
  /** Resolves a text at the statement's position. Throws what the analyzer throws. */
  analyze(text: string): Promise<unknown>;
  readonly origin: string | undefined;
}

export interface Rewritten {
  readonly text: string;
  /** Where a place of the new text stands in the statement's file. */
  place(position: SourcePosition): SourcePosition;
}

/** One GROUP BY ALL with the columns of its SELECT. */
interface Grouping {
  /** Where GROUP begins. */
  readonly start: number;
  /** Where ALL stands. */
  readonly all: number;
  readonly items: readonly string[];
  /** Why it cannot be rewritten; null when it can. */
  readonly obstacle: string | null;
  readonly keys: Set<number>;
  /** Keys that may be the same for all rows. */
  readonly unclear: Set<number>;
  hasAggregate: boolean;
}

const GROUP_BY_ALL = /\bGROUP\s+BY\s+ALL\b/i;

const NOT_A_KEY = /Column (\d+) contains an (aggregation|analytic) function, which is not allowed in GROUP BY/;

/** Null when there is no GROUP BY ALL in it. */
export async function rewriteGroupByAll(statement: SourceStatement, deps: GroupByAllDeps): Promise<Rewritten | null> {
  const { text, position } = statement;
  const groupings = GROUP_BY_ALL.test(text) ? groupingsOf(tokenize(text)) : [];
  if (groupings.length === 0) return null;
  const refuse = (grouping: Grouping, reason: string): never => {
    const place = positionAt(text, grouping.start, position);
    const message = located(deps.origin, place, `GROUP BY ALL ${reason}; name the columns to group by instead`);
    throw new RollcallError("SQL_UNSUPPORTED", message, {
      isRetriable: false,
      details: { construct: "GROUP BY ALL", origin: deps.origin ?? null, ...place },
    });
  };
  for (const grouping of groupings) {
    if (grouping.obstacle !== null) refuse(grouping, grouping.obstacle);
    await leaveOutConstants(grouping, deps);
  }
  while (true) {
    const rewritten = withKeys(text, position, groupings);
    try {
      await deps.analyze(rewritten.text);
    } catch (error) {
      if (!dropColumn(error, rewritten, groupings)) throw relocated(error, rewritten, deps.origin);
      continue;
    }
    for (const grouping of groupings) {
      const { keys, unclear, hasAggregate } = grouping;
      if (keys.size === 0 && !hasAggregate) refuse(grouping, "without a column to group by or an aggregate");
      if ([...keys].every((key) => unclear.has(key)) && keys.size > 0)
        refuse(grouping, "of columns that may be constants");
    }
    return rewritten;
  }
}

/** An error about the new text as one about the statement that was written. */
export function relocated(error: unknown, rewritten: Rewritten, origin: string | undefined): unknown {
  if (!(error instanceof RollcallError)) return error;
  const { line, column } = error.details;
  if (typeof line !== "number" || typeof column !== "number") return error;
  const place = rewritten.place({ line, column });
  const message = error.message.replace(located(origin, { line, column }, ""), located(origin, place, ""));
  return new RollcallError(error.code, message, {
    isRetriable: error.isRetriable,
    cause: error.cause,
    details: { ...error.details, ...place },
  });
}

/** A column that resolves without its FROM is the same for all rows, and no key: that matters where it would be the only one. */
async function leaveOutConstants({ items, keys, unclear }: Grouping, deps: GroupByAllDeps): Promise<void> {
  for (const [index, item] of items.entries()) {
    try {
      await deps.analyze(`SELECT ${item}\nFROM (SELECT 1 AS _) GROUP BY 1`);
      keys.delete(index);
    } catch (error) {
      if (!(error instanceof RollcallError) || error.code !== "SQL_INVALID") throw error;
      if (!/Unrecognized name/.test(error.message) && !NOT_A_KEY.test(error.message)) unclear.add(index);
    }
  }
}

/** Leaves out the column that the analyzer will not group by. False when its error is about something else. */
function dropColumn(error: unknown, rewritten: Placed, groupings: readonly Grouping[]): boolean {
  if (!(error instanceof RollcallError)) return false;
  const [, column, kind] = NOT_A_KEY.exec(error.message) ?? [];
  const { line, column: at } = error.details;
  const index = rewritten.spans.findIndex(
    ({ from, length }) => from.line === line && from.column <= Number(at) && Number(at) < from.column + length,
  );
  const grouping = groupings[index];
  if (column === undefined || grouping === undefined) return false;
  if (kind === "aggregation") grouping.hasAggregate = true;
  return grouping.keys.delete(Number(column) - 1);
}

interface Placed extends Rewritten {
  /** What stands for each ALL, in the new text. */
  readonly spans: readonly { readonly from: SourcePosition; readonly length: number }[];
}

function withKeys(text: string, position: SourcePosition, groupings: readonly Grouping[]): Placed {
  let made = "";
  let copied = 0;
  const spans: { from: SourcePosition; length: number; grows: number }[] = [];
  for (const { start, all, keys } of groupings) {
    const numbers = [...keys].map((key) => key + 1).join(",");
    // Without a key the clause goes, and its place stays.
    const from = keys.size === 0 ? start : all;
    const end = all + "ALL".length;
    made += text.slice(copied, from);
    const replacement = keys.size === 0 ? text.slice(start, end).replace(/\S/g, " ") : numbers.padEnd("ALL".length);
    spans.push({
      from: positionAt(made, made.length, position),
      length: replacement.length,
      grows: replacement.length - (end - from),
    });
    made += replacement;
    copied = end;
  }
  made += text.slice(copied);
  return {
    text: made,
    spans,
    place({ line, column }) {
      const before = spans.filter(({ from, length }) => from.line === line && from.column + length <= column);
      return { line, column: column - before.reduce((sum, { grows }) => sum + grows, 0) };
    },
  };
}

/** Every GROUP BY ALL, with the columns of the SELECT that it belongs to. */
function groupingsOf(tokens: readonly Token[]): Grouping[] {
  const starts: number[] = [];
  let length = 0;
  for (const token of tokens) {
    starts.push(length);
    length += token.text.length;
  }
  const found: Grouping[] = [];
  const words = tokens.flatMap((token, index) =>
    token.kind === "blank" ? [] : [{ word: wordAt(tokens, index), index }],
  );
  for (const [i, { word, index }] of words.entries()) {
    const group = words[i - 2];
    if (word !== "ALL" || words[i - 1]?.word !== "BY" || group?.word !== "GROUP") continue;
    const { items, obstacle } = selectList(tokens, group.index);
    found.push({
      start: starts[group.index] ?? 0,
      all: starts[index] ?? 0,
      items,
      obstacle,
      keys: new Set(items.keys()),
      unclear: new Set(),
      hasAggregate: false,
    });
  }
  return found;
}

/** The token as a keyword or a sign; a name behind a dot or an @ is none. */
function wordAt(tokens: readonly Token[], index: number): string {
  const token = tokens[index];
  if (token === undefined || token.kind === "blank") return "";
  if (token.kind === "word" && /[.@]$/.test(tokens[index - 1]?.text ?? "")) return "";
  return token.text.toUpperCase();
}

const OPENING = new Set(["(", "["]);
const CLOSING = new Set([")", "]"]);

/** The columns of the nearest SELECT before GROUP in the same parentheses. */
function selectList(
  tokens: readonly Token[],
  group: number,
): { readonly items: readonly string[]; readonly obstacle: string | null } {
  let depth = 0;
  let select = group - 1;
  for (; select >= 0; select -= 1) {
    const word = wordAt(tokens, select);
    if (CLOSING.has(word)) depth += 1;
    if (OPENING.has(word)) depth -= 1;
    if (depth === 0 && word === "SELECT") break;
  }
  const items: string[] = [];
  let obstacle: string | null = select < 0 ? "without its SELECT" : null;
  let item = "";
  let previous = "SELECT";
  let angles = 0;
  depth = 0;
  for (let at = select + 1; at < group; at += 1) {
    const word = wordAt(tokens, at);
    const isBare = depth === 0 && angles === 0;
    if (isBare && word === "FROM" && previous !== "DISTINCT") break;
    if (OPENING.has(word)) depth += 1;
    if (CLOSING.has(word)) depth -= 1;
    // The types of ARRAY<STRUCT<a INT64, b STRING>> hold commas of their own.
    if (word === "<" && (angles > 0 || previous === "ARRAY" || previous === "STRUCT")) angles += 1;
    else if (word === ">" && angles > 0) angles -= 1;
    if (word === "*" && isBare && (item.trim() === "" || item.endsWith("."))) {
      obstacle ??= "beside * has no form in the embedded warehouse";
    }
    if (word === "AS" && previous === "SELECT") obstacle ??= "in SELECT AS has no form in the embedded warehouse";
    const isModifier = previous === "SELECT" && (word === "DISTINCT" || word === "ALL");
    if (isBare && word === ",") {
      items.push(item);
      item = "";
    } else if (!isModifier) item += tokens[at]?.text ?? "";
    if (word !== "" && !isModifier) previous = word;
    else if (tokens[at]?.kind === "word") previous = "";
  }
  if (item.trim() !== "") items.push(item);
  return { items, obstacle };
}
