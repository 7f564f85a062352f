import { equalSql, type TypedSql } from "../comparisons.js";
import { duckdbType } from "../types.js";
import {
  arg,
  type Call,
  constantText,
  expandCall,
  type FunctionHandler,
  type FunctionTable,
  library,
  native,
} from "./call.js";
import { safely } from "./safe.js";

/** Operators and the functions that are one: comparison, logic, arithmetic, CASE. */
function infix(operator: string): FunctionHandler {
  return (call) => `(${arg(call, 0)} ${operator} ${arg(call, 1)})`;
}

const INFINITY = "'inf'::DOUBLE";

/**
 * NaN is unequal to all and neither below nor above anything; DuckDB has it equal to itself and above every number. `guarded`
 * is the operand that makes the difference when it is NaN.
 */
function comparison(operator: "=" | "<" | "<=" | ">" | ">=", guarded: 0 | 1): FunctionHandler {
  return (call) => {
    const plain = `(${arg(call, 0)} ${operator} ${arg(call, 1)})`;
    if (operator === "=" && call.kinds[0] === "STRUCT") return structsEqual(call, 0, 1);
    if (!isPossiblyNan(call, guarded)) return plain;
    // NaN is beyond infinity there. Said so, the operand stands once: DuckDB computes again what stands twice.
    if (operator === ">=" || operator === "<=") {
      return `(${arg(call, guarded)} BETWEEN ${arg(call, 1 - guarded)} AND ${INFINITY})`;
    }
    return `(${plain} AND NOT isnan(${arg(call, guarded)}))`;
  };
}

/** The analyzer makes a literal of CAST("NaN" AS FLOAT64), too. */
function isPossiblyNan(call: Call, index: number): boolean {
  const node = call.nodes[index];
  return node?.type.kind === "DOUBLE" && (node.kind !== "Literal" || /nan/i.test(arg(call, index)));
}

function structsEqual(call: Call, left: number, right: number): string {
  const typed = (index: number): TypedSql => ({ sql: arg(call, index), type: call.nodes[index]?.type ?? call.type });
  return equalSql(typed(left), typed(right));
}

const notEqual: FunctionHandler = (call) => {
  if (call.kinds[0] === "STRUCT") return `(NOT ${structsEqual(call, 0, 1)})`;
  const plain = `(${arg(call, 0)} <> ${arg(call, 1)})`;
  return isPossiblyNan(call, 0) && isPossiblyNan(call, 1) ? `(${plain} OR isnan(${arg(call, 0)}))` : plain;
};

/** + and - on numbers; DuckDB widens decimals, so NUMERIC is cast back. Other types have forms of their own. */
function plusOrMinus(operator: "+" | "-", otherTypes: string): FunctionHandler {
  return (call) => {
    if (!call.nodes.every((node) => call.generator.isNumber(node.type))) return expandCall(call, otherTypes);
    return keepDecimal(call, `(${arg(call, 0)} ${operator} ${arg(call, 1)})`);
  };
}

function keepDecimal(call: Call, sql: string): string {
  if (call.type.kind === "NUMERIC") return `${sql}::DECIMAL(38,9)`;
  if (call.type.kind === "BIGNUMERIC") return `${sql}::DECIMAL(38,18)`;
  return sql;
}

function caseBranches(args: readonly string[]): string {
  let sql = "";
  let at = 0;
  for (; at + 1 < args.length; at += 2) sql += ` WHEN ${args[at]} THEN ${args[at + 1]}`;
  return at < args.length ? `${sql} ELSE ${args[at]} END` : `${sql} END`;
}

function caseWithoutValue(call: Call): string {
  return `CASE${caseBranches(call.args)}`;
}

function caseWithValue(call: Call): string {
  return `CASE ${arg(call, 0)}${caseBranches(call.args.slice(1))}`;
}

/** GoogleSQL's LIKE has the backslash as escape, DuckDB's has none by default; a pattern without one stays plain and fast. */
function like(call: Call): string {
  const pattern = constantText(call, 1);
  if (call.kinds[0] === "BYTES") return expandCall(call, "like");
  const plain = `${arg(call, 0)} LIKE ${arg(call, 1)}`;
  return pattern !== null && !pattern.includes("\\") ? `(${plain})` : `(${plain} ESCAPE '\\')`;
}

/** So few are compared one by one. */
const FEW = 4;
/** Above, a hash table is faster. */
const MOST_LISTED = 200;

/**
 * IN. For more than a few values DuckDB plans a join, each with its pipelines and its hash table, which a statement with many
 * of them pays even for no rows. Texts are looked up in a constant list instead, which is as fast over many rows too.
 */
function isIn(call: Call): string {
  const [value = "", ...wanted] = call.args;
  if (call.kinds[0] === "STRUCT") return `(${wanted.map((_, i) => structsEqual(call, 0, i + 1)).join(" OR ")})`;
  const isListed =
    wanted.length > FEW &&
    wanted.length <= MOST_LISTED &&
    call.node.nodes("collationList").length === 0 &&
    call.nodes.slice(1).every((_, i) => constantText(call, i + 1) !== null);
  return isListed ? `list_contains([${wanted.join(", ")}], ${value})` : `(${value} IN (${wanted.join(", ")}))`;
}

/** SAFE_ADD and its like. */
function safeArithmetic(write: (args: readonly string[]) => string): FunctionHandler {
  return (call) => safely(call.nodes, call.args, (args) => keepDecimal(call, write(args)));
}

const safeInfix = (operator: string): FunctionHandler => safeArithmetic(([a, b]) => `(${a} ${operator} ${b})`);

export const operators: FunctionTable = {
  $and: (call) => `(${call.args.join(" AND ")})`,
  $or: (call) => `(${call.args.join(" OR ")})`,
  $not: (call) => `(NOT ${arg(call, 0)})`,
  $is_null: (call) => `(${arg(call, 0)} IS NULL)`,
  $is_true: (call) => `(${arg(call, 0)} IS TRUE)`,
  $is_false: (call) => `(${arg(call, 0)} IS FALSE)`,
  $equal: comparison("=", 0),
  $not_equal: notEqual,
  $less: comparison("<", 1),
  $less_or_equal: comparison("<=", 1),
  $greater: comparison(">", 0),
  $greater_or_equal: comparison(">=", 0),
  $between: (call) => `(${arg(call, 0)} BETWEEN ${arg(call, 1)} AND ${arg(call, 2)})`,
  $is_distinct_from: infix("IS DISTINCT FROM"),
  $is_not_distinct_from: infix("IS NOT DISTINCT FROM"),
  $in: isIn,
  $in_array: library("in_unnest"),
  $like: like,
  $case_no_value: caseWithoutValue,
  $case_with_value: caseWithValue,
  if: (call) => `CASE WHEN ${arg(call, 0)} THEN ${arg(call, 1)} ELSE ${arg(call, 2)} END`,
  ifnull: native("coalesce"),
  coalesce: native("coalesce"),
  nullif: native("nullif"),
  error: (call) => `u_fail(${arg(call, 0)})::${duckdbType(call.type)}`,
  $add: plusOrMinus("+", "plus"),
  $subtract: plusOrMinus("-", "minus"),
  $multiply: (call) => keepDecimal(call, `(${arg(call, 0)} * ${arg(call, 1)})`),
  $divide: library("div"),
  $unary_minus: (call) => `(-${arg(call, 0)})`,
  div: library("idiv"),
  mod: library("mod"),
  safe_add: safeInfix("+"),
  safe_subtract: safeInfix("-"),
  safe_multiply: safeInfix("*"),
  safe_negate: safeArithmetic(([a]) => `(-${a})`),
  $concat_op: infix("||"),
  concat: (call) => `(${call.args.join(" || ")})`,
  $bitwise_and: library("bit_and"),
  $bitwise_or: library("bit_or"),
  $bitwise_xor: library("bit_xor"),
  $bitwise_not: library("bit_not"),
  $bitwise_left_shift: library("shift_left"),
  $bitwise_right_shift: library("shift_right"),
  $grouping: (call) => `grouping(${arg(call, 0)})`,
  generate_uuid: () => "CAST(uuid() AS VARCHAR)",
  session_user: () => "'local@localhost'",
};
