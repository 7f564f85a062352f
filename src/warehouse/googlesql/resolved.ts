import { RollcallError } from "../../platform/errors.js";
import { type GoogleType, typeFromMessage } from "./types.js";
import { decodeValue, type LiteralValue } from "./values.js";

export interface ResolvedColumn {
  /** Unique within one statement. */
  readonly id: string;
  readonly name: string;
  readonly type: GoogleType;
}

type Message = Readonly<Record<string, unknown>>;

/**
 * Says nothing about what a statement means: source positions, the analyzer's own notes, hints for other engines, and the
 * columns a scan passes on, which whoever uses one names again.
 */
const WITHOUT_MEANING = new Set([
  "columnList",
  "parseLocationRange",
  "typeAnnotationMap",
  "hintList",
  "isOrdered",
  "nodeSource",
  "signature",
  "functionCallInfo",
  "columnAccessList",
  "columnIndexList",
  "parameterList",
  "hasExplicitType",
  "floatLiteralId",
  "preserveInLiteralRemover",
  "alias",
  "type",
]);

function isMessage(value: unknown): value is Message {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value);
}

/** Whether a field of the message says anything: absent, false, "", 0, [] and {} are how it says nothing. */
function isMeaningful(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === "" || value === "0") return false;
  if (Array.isArray(value)) return value.length > 0;
  if (isMessage(value)) return Object.values(value).some(isMeaningful);
  return true;
}

/** The message inside its oneof wrappers ("resolvedCastNode" in an "AnyResolvedExpr"), and what that node is called. */
function unwrap(raw: Message): { kind: string; message: Message } {
  let kind = "";
  let current = raw;
  while (typeof current.node === "string" && isMessage(current[current.node])) {
    kind = current.node.replace(/^resolved|Node$/g, "");
    current = current[current.node] as Message;
  }
  return { kind, message: current };
}

/** A message's own fields with those of the messages it inherits from. */
function flatten(message: Message): Record<string, unknown> {
  const { parent, ...own } = message;
  return { ...(isMessage(parent) ? flatten(parent) : {}), ...own };
}

function resolvedColumn(value: unknown): ResolvedColumn {
  const message = isMessage(value) ? value : {};
  return { id: String(message.columnId), name: String(message.name), type: typeFromMessage(message.type) };
}

/**
 * One node of a resolved statement, with typed access to its fields. It remembers which fields were read: `unread`
 * names a part of the statement that the reader did not look at, so that nothing is translated half.
 */
export class ResolvedNode {
  /** "FunctionCall", "TableScan", ...; empty where the field's own type says what it is (a column reference). */
  readonly kind: string;
  readonly #fields: Readonly<Record<string, unknown>>;
  readonly #read = new Set<string>();
  readonly #children = new Map<string, readonly ResolvedNode[]>();

  constructor(raw: unknown) {
    const { kind, message } = unwrap(isMessage(raw) ? raw : {});
    this.kind = kind;
    this.#fields = flatten(message);
  }

  /** Whether the field is there and says something. Asking counts as reading. */
  has(field: string): boolean {
    this.#read.add(field);
    return isMeaningful(this.#fields[field]);
  }

  nodes(field: string): readonly ResolvedNode[] {
    this.#read.add(field);
    let children = this.#children.get(field);
    if (children === undefined) {
      const value = this.#fields[field];
      const raws: readonly unknown[] = Array.isArray(value) ? value : isMessage(value) ? [value] : [];
      children = raws.map((raw) => new ResolvedNode(raw));
      this.#children.set(field, children);
    }
    return children;
  }

  optionalNode(field: string): ResolvedNode | null {
    return this.nodes(field)[0] ?? null;
  }

  node(field: string): ResolvedNode {
    return this.optionalNode(field) ?? this.#missing(field);
  }

  text(field: string): string {
    this.#read.add(field);
    const value = this.#fields[field];
    return typeof value === "string" || typeof value === "number" ? String(value) : "";
  }

  flag(field: string): boolean {
    this.#read.add(field);
    return this.#fields[field] === true;
  }

  texts(field: string): readonly string[] {
    this.#read.add(field);
    const value = this.#fields[field];
    return Array.isArray(value) ? value.map(String) : [];
  }

  column(field: string): ResolvedColumn {
    this.#read.add(field);
    return resolvedColumn(this.#fields[field] ?? this.#missing(field));
  }

  columns(field: string): readonly ResolvedColumn[] {
    this.#read.add(field);
    const value = this.#fields[field];
    return Array.isArray(value) ? value.map(resolvedColumn) : [];
  }

  /** The type of an expression. */
  get type(): GoogleType {
    return typeFromMessage(this.#fields.type);
  }

  /** A field that is itself a type (of a column definition, say). */
  typeOf(field: string): GoogleType {
    this.#read.add(field);
    return typeFromMessage(this.#fields[field]);
  }

  /** The name inside a reference to a table, function or constant. */
  referenceName(field: string): string {
    this.#read.add(field);
    const reference = this.#fields[field];
    const message = isMessage(reference) ? reference : {};
    const fullName = message.fullName;
    return typeof fullName === "string" && fullName !== "" ? fullName : String(message.name ?? "");
  }

  /** Every query parameter below, by name, with its type: declared, or taken from its use. */
  parameters(): ReadonlyMap<string, GoogleType> {
    const found = new Map<string, GoogleType>();
    const visit = (value: unknown): void => {
      if (Array.isArray(value)) value.forEach(visit);
      if (!isMessage(value)) return;
      if (isMessage(value.resolvedParameterNode)) {
        const parameter = flatten(value.resolvedParameterNode);
        found.set(String(parameter.name).toLowerCase(), typeFromMessage(parameter.type));
      }
      Object.values(value).forEach(visit);
    };
    visit(this.#fields);
    return found;
  }

  /** Every node of this kind among the fields and below, to look ahead: what is read of these counts for none of the others. */
  descendants(kind: string): readonly ResolvedNode[] {
    const field = `resolved${kind}Node`;
    const found: ResolvedNode[] = [];
    const visit = (value: unknown): void => {
      if (Array.isArray(value)) value.forEach(visit);
      if (!isMessage(value)) return;
      if (isMessage(value[field])) found.push(new ResolvedNode({ node: field, [field]: value[field] }));
      Object.values(value).forEach(visit);
    };
    visit(this.#fields);
    return found;
  }

  /** A field as the analyzer sent it, to be sent back to it. */
  raw(field: string): unknown {
    this.#read.add(field);
    return this.#fields[field];
  }

  /** The value of a Literal node; date parts and other enums come as their number. */
  literal(): LiteralValue {
    this.#read.add("value");
    const typed = this.#fields.value;
    return decodeValue(isMessage(typed) ? typed.value : undefined, this.type);
  }

  /** Byte offset of the node's text in its statement; null where the analyzer keeps none. */
  get offset(): number | null {
    const range = this.#fields.parseLocationRange;
    return isMessage(range) && typeof range.start === "number" ? range.start : null;
  }

  /** A field that says something and that nobody read, with the node it belongs to; null when all were read. */
  unread(): { readonly node: ResolvedNode; readonly field: string } | null {
    for (const [field, value] of Object.entries(this.#fields)) {
      if (!this.#read.has(field) && !WITHOUT_MEANING.has(field) && isMeaningful(value)) return { node: this, field };
    }
    for (const children of this.#children.values()) {
      for (const child of children) {
        const found = child.unread();
        if (found !== null) return found;
      }
    }
    return null;
  }

  /** Takes fields as read that have no meaning here; the caller says why. */
  ignore(...fields: readonly string[]): void {
    for (const field of fields) this.#read.add(field);
  }

  #missing(field: string): never {
    throw new RollcallError("INTERNAL", `The resolved ${this.kind || "node"} has no ${field}`, { isRetriable: false });
  }
}

/** The name of the function that a node calls: "net.host" for NET.HOST, "$add" for +. */
export function functionName(node: ResolvedNode): string {
  return node.referenceName("function").replace(/^\w+:/, "").toLowerCase();
}
