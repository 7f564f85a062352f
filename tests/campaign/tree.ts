/** A generated query as a tree that knows how it may become shorter. */
export interface SqlNode {
  /** Text, and nodes between. */
  readonly parts: readonly (string | SqlNode)[];
  /** The GoogleSQL type, of an expression. */
  readonly type?: string;
  /** The column, of an expression that is one. */
  readonly column?: string;
  /** A clause or an item the query may do without. */
  readonly isOptional?: boolean;
  /** Set for a list: its parts are joined by it, and some of them may go. */
  readonly separator?: string;
}

export function sql(strings: TemplateStringsArray, ...values: readonly (string | SqlNode)[]): SqlNode {
  return { parts: strings.flatMap((text, i) => (i < values.length ? [text, values[i] as string | SqlNode] : [text])) };
}

export function text(words: string): SqlNode {
  return { parts: [words] };
}

export function typed(type: string, node: SqlNode): SqlNode {
  return { ...node, type };
}

export function optional(node: SqlNode): SqlNode {
  return { ...node, isOptional: true };
}

export function list(items: readonly SqlNode[], separator = ", "): SqlNode {
  return { parts: items, separator };
}

export const NOTHING: SqlNode = { parts: [] };

export function render(node: SqlNode): string {
  return node.parts.map((part) => (typeof part === "string" ? part : render(part))).join(node.separator ?? "");
}

/** Literals to put in an expression's place: the values of its column, or plain ones of its type. */
export type Plainer = (node: SqlNode) => readonly string[];

/** Every tree that is one step shorter, the longest steps first. */
export function* shorter(node: SqlNode, plainer: Plainer): Generator<SqlNode> {
  if (node.isOptional === true && node.parts.length > 0) yield NOTHING;
  if (node.separator !== undefined && node.parts.length > 1) {
    for (const index of node.parts.keys()) yield { ...node, parts: node.parts.filter((_, i) => i !== index) };
  }
  if (node.type !== undefined) {
    for (const inner of expressionsIn(node)) if (inner.type === node.type) yield inner;
    for (const literal of plainer(node)) if (node.parts[0] !== literal) yield typed(node.type, text(literal));
  }
  for (const [index, part] of node.parts.entries()) {
    if (typeof part === "string") continue;
    for (const replaced of shorter(part, plainer)) yield { ...node, parts: node.parts.with(index, replaced) };
  }
}

function* expressionsIn(node: SqlNode): Generator<SqlNode> {
  for (const part of node.parts) {
    if (typeof part === "string") continue;
    if (part.type !== undefined) yield part;
    yield* expressionsIn(part);
  }
}
