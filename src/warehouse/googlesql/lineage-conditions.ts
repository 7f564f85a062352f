import type { Facts } from "./lineage-given.js";
import { restrict } from "./lineage-given.js";
import {
  ANY_ROW,
  both,
  complement,
  either,
  intersect,
  isEmpty,
  type KeySet,
  type KeyValue,
  NULL_KEY,
  oneOf,
} from "./lineage-keys.js";
import type { Tracer } from "./lineage-tracer.js";
import { CONSTANT, type Value } from "./lineage-values.js";
import { functionName, type ResolvedNode } from "./resolved.js";
import type { GoogleType } from "./types.js";

/** How a condition comes out: SQL has three ways. */
export type Outcome = "true" | "false" | "null";

const NOT_NULL = complement(NULL_KEY);
const OPPOSITE: Readonly<Record<Outcome, Outcome>> = { true: "false", false: "true", null: "null" };

/** Types of which two values are equal exactly when their texts are. */
function isKeyType({ kind }: GoogleType): boolean {
  return kind === "STRING" || kind === "INT64" || kind === "BOOL";
}

/** The value of a literal that can be a key; undefined of everything else. */
function keyValue(node: ResolvedNode | undefined): KeyValue | undefined {
  if (node?.kind !== "Literal" || !isKeyType(node.type)) return undefined;
  const value = node.literal();
  return value === null ? null : String(value);
}

/** More values than a key has that anybody asks for by name. */
const MOST_VALUES = 64;

/** The values an expression can have, where all of them are known. */
export function literalsOf(tracer: Tracer, node: ResolvedNode): KeySet | undefined {
  const symbol = tracer.symbol(node);
  if (symbol !== null) return tracer.domain(symbol);
  const values = new Set<KeyValue>();
  return addLiterals(tracer, node, values) && values.size <= MOST_VALUES && !(values.size === 1 && values.has(null))
    ? oneOf([...values])
    : undefined;
}

function addLiterals(tracer: Tracer, node: ResolvedNode, values: Set<KeyValue>): boolean {
  if (node.kind === "Literal") {
    const value = keyValue(node);
    if (value !== undefined) values.add(value);
    return value !== undefined;
  }
  const symbol = tracer.symbol(node);
  if (symbol !== null) {
    const domain = tracer.domain(symbol);
    if (domain === undefined || !("in" in domain)) return false;
    for (const value of domain.in) values.add(value);
    return true;
  }
  const results = node.kind === "FunctionCall" ? resultsOf(functionName(node), node.nodes("argumentList")) : [];
  return results.length > 0 && results.every((result) => addLiterals(tracer, result, values));
}

/** What a function that chooses chooses from. */
function resultsOf(name: string, nodes: readonly ResolvedNode[]): readonly ResolvedNode[] {
  switch (name) {
    case "if":
    case "iff":
      return nodes.slice(1);
    case "coalesce":
    case "ifnull":
      return nodes;
    case "$case_no_value":
      return nodes.filter((_, i) => i % 2 === 1 || i === nodes.length - 1);
    case "$case_with_value":
      return nodes.filter((_, i) => i > 0 && (i % 2 === 0 || i === nodes.length - 1));
    default:
      return [];
  }
}

/** Facts about the row that hold when the condition comes out so. */
export function factsOf(tracer: Tracer, node: ResolvedNode, outcome: Outcome): Facts {
  const value = node.kind === "Literal" && node.type.kind === "BOOL" ? String(node.literal()) : null;
  if (value !== null) return value === outcome ? ANY_ROW : null;
  if (tracer.symbol(node) !== null) return about(tracer, node, oneOf([outcome === "null" ? null : outcome]));
  if (node.kind !== "FunctionCall" || node.has("collationList")) return ANY_ROW;
  const nodes = node.nodes("argumentList");
  const [first, second] = nodes;
  if (first === undefined) return ANY_ROW;
  switch (functionName(node)) {
    case "$not":
      return factsOf(tracer, first, OPPOSITE[outcome]);
    case "$and":
      return connected(tracer, nodes, outcome, "true");
    case "$or":
      return connected(tracer, nodes, outcome, "false");
    case "$equal":
      return second === undefined ? ANY_ROW : comparison(tracer, first, second, outcome);
    case "$not_equal":
      return second === undefined ? ANY_ROW : comparison(tracer, first, second, OPPOSITE[outcome]);
    case "$in":
      return equality(tracer, first, nodes.slice(1), outcome);
    case "$is_null":
      return outcome === "null" ? null : about(tracer, first, outcome === "true" ? NULL_KEY : NOT_NULL);
    default:
      return ANY_ROW;
  }
}

/** AND is true, and OR false, when all are; otherwise one is not, which may be any. */
function connected(tracer: Tracer, nodes: readonly ResolvedNode[], outcome: Outcome, all: "true" | "false"): Facts {
  const facts = nodes.map((node) => factsOf(tracer, node, outcome));
  return outcome === all ? facts.reduce(allOf) : facts.reduce(oneOfFacts);
}

function allOf(a: Facts, b: Facts): Facts {
  return a === null || b === null ? null : both(a, b);
}

function oneOfFacts(a: Facts, b: Facts): Facts {
  if (a === null) return b;
  return b === null ? a : either(a, b);
}

/** Facts that hold when the condition is not true. */
function factsOtherwise(tracer: Tracer, node: ResolvedNode): Facts {
  return oneOfFacts(factsOf(tracer, node, "false"), factsOf(tracer, node, "null"));
}

function comparison(tracer: Tracer, left: ResolvedNode, right: ResolvedNode, outcome: Outcome): Facts {
  return left.kind === "Literal" ? equality(tracer, right, [left], outcome) : equality(tracer, left, [right], outcome);
}

/** `node IN (literals)`. One that is no literal, a column say, may be equal to anything. */
function equality(tracer: Tracer, node: ResolvedNode, literals: readonly ResolvedNode[], outcome: Outcome): Facts {
  const values = literals.map(keyValue);
  const listed = values.filter((value) => value !== undefined);
  if (listed.length < values.length) return ANY_ROW;
  const set = oneOf(listed.filter((value) => value !== null));
  const hasNull = listed.includes(null);
  switch (outcome) {
    case "true":
      return about(tracer, node, set);
    case "false":
      return hasNull ? null : about(tracer, node, intersect(complement(set), NOT_NULL));
    case "null":
      return about(tracer, node, hasNull ? complement(set) : NULL_KEY);
  }
}

/** That a value is there tells hardly any rows apart, and is known of half of all columns. */
function saysLittle(set: KeySet): boolean {
  return "notIn" in set && set.notIn.length === 1 && set.notIn[0] === null;
}

function about(tracer: Tracer, node: ResolvedNode, set: KeySet): Facts {
  const symbol = isKeyType(node.type) ? tracer.symbol(node) : null;
  if (symbol === null) return ANY_ROW;
  const domain = tracer.domain(symbol);
  const known = domain === undefined ? set : intersect(domain, set);
  if (isEmpty(known)) return null;
  return saysLittle(known) ? ANY_ROW : { [symbol]: known };
}

/**
 * The arguments of IF and CASE, each result known to be taken only where its condition came out so, and those before it did not. Of
 * other functions the arguments as they are.
 */
export function branchesOf(
  tracer: Tracer,
  node: ResolvedNode,
  nodes: readonly ResolvedNode[],
  args: readonly Value[],
): readonly Value[] {
  switch (functionName(node)) {
    case "if":
    case "iff":
    case "$case_no_value":
      return branches(args, 0, (at) => {
        const condition = nodes[at] ?? tracer.unknown();
        return { isTrue: factsOf(tracer, condition, "true"), isNot: factsOtherwise(tracer, condition) };
      });
    case "$case_with_value": {
      if (node.has("collationList")) return args;
      return branches(args, 1, (at) => {
        const [value, other] = [nodes[0] ?? tracer.unknown(), nodes[at] ?? tracer.unknown()];
        const [isTrue, isFalse, isNull] = OUTCOMES.map((outcome) => comparison(tracer, value, other, outcome));
        return { isTrue: isTrue ?? null, isNot: oneOfFacts(isFalse ?? null, isNull ?? null) };
      });
    }
    default:
      return args;
  }
}

const OUTCOMES: readonly Outcome[] = ["true", "false", "null"];

interface Test {
  readonly isTrue: Facts;
  readonly isNot: Facts;
}

/** Condition and result by turns; what comes after the last result is for rows of which no condition is true. */
function branches(args: readonly Value[], from: number, test: (at: number) => Test): readonly Value[] {
  const known = [...args];
  const last = known.findLastIndex((value, i) => value.length > 0 && ((i - from) % 2 === 1 || i === args.length - 1));
  if (last < 0) return args;
  let before: Facts = ANY_ROW;
  for (let at = from; at < last; at += 2) {
    const { isTrue, isNot } = test(at);
    known[at + 1] = restrict(args[at + 1] ?? CONSTANT, allOf(before, isTrue));
    before = allOf(before, isNot);
  }
  if ((last - from) % 2 === 0) known[last] = restrict(args[last] ?? CONSTANT, before);
  return known;
}
