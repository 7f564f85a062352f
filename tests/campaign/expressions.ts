import { DOMAINS } from "./domains.js";
import { SIGNATURES, type Signature, TOTAL } from "./functions.js";
import { literal } from "./literals.js";
import type { Random } from "./random.js";
import { type SqlNode, text, typed } from "./tree.js";

export interface ScopeColumn {
  /** As the query writes it: "a.k". */
  readonly sql: string;
  readonly type: string;
}

export interface ExpressionOptions {
  readonly columns: readonly ScopeColumn[];
  /** How deep calls may stand in each other. */
  readonly depth: number;
  /** Without values at the ends of their types. */
  readonly isTame?: boolean;
  /** Only functions that have a result for every argument: where a filter or a join decides what is evaluated, an error is no result. */
  readonly isTotal?: boolean;
}

type ByResult = ReadonlyMap<string, readonly (readonly Signature[])[]>;

/** By result type, then by template as written: a template of ten types is as likely as one of a single type. */
function index(signatures: readonly Signature[]): ByResult {
  const byResult = new Map<string, Map<string, Signature[]>>();
  for (const signature of signatures) {
    const shape = signature.template.replaceAll(/\{[^}]*\}/g, "_");
    const templates = byResult.get(signature.result) ?? new Map<string, Signature[]>();
    byResult.set(signature.result, templates.set(shape, [...(templates.get(shape) ?? []), signature]));
  }
  return new Map([...byResult].map(([type, templates]) => [type, [...templates.values()]]));
}

const EXACT = index(SIGNATURES.filter(({ isApproximate }) => !isApproximate));
const TOTAL_BY_RESULT = index(TOTAL);
const SHAPES = [...index(SIGNATURES).values()].flat();

/** A call of any function, and the group it belongs to. */
export function anyCall(
  random: Random,
  options: ExpressionOptions,
): { readonly group: string; readonly node: SqlNode } {
  const signature = random.pick(random.pick(SHAPES));
  return { group: signature.group, node: call(random, signature, options) };
}

export function expression(random: Random, type: string, options: ExpressionOptions): SqlNode {
  const shapes = (options.isTotal === true ? TOTAL_BY_RESULT : EXACT).get(type);
  if (options.depth <= 0 || shapes === undefined || random.oneIn(4)) return leaf(random, type, options);
  return call(random, random.pick(random.pick(shapes)), options);
}

function call(random: Random, signature: Signature, options: ExpressionOptions): SqlNode {
  const inner = { ...options, depth: options.depth - 1 };
  const parts = signature.template.split(/\{([^}]+)\}/).map((part, i) => {
    if (i % 2 === 0) return part;
    const domain = DOMAINS[part];
    return domain === undefined ? expression(random, part, inner) : text(random.pick(domain));
  });
  return typed(signature.result, { parts: ["(", ...parts, ")"] });
}

function leaf(random: Random, type: string, options: ExpressionOptions): SqlNode {
  const columns = options.columns.filter((column) => column.type === type);
  if (columns.length === 0 || random.oneIn(5)) return typed(type, text(literal(random, type, options.isTame)));
  const { sql } = random.pick(columns);
  return { parts: [sql], type, column: sql };
}
