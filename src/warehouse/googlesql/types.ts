import { RollcallError } from "../../platform/errors.js";

/** GoogleSQL types as data, with their two other forms: the text of DDL ("ARRAY<STRING>") and the analyzer's message. */
export const SCALAR_KINDS = [
  "STRING",
  "BYTES",
  "INT64",
  "DOUBLE",
  "NUMERIC",
  "BIGNUMERIC",
  "BOOL",
  "DATE",
  "TIMESTAMP",
  "DATETIME",
  "TIME",
  "INTERVAL",
  "JSON",
] as const;

/** FLOAT64 is called DOUBLE inside, as the analyzer does; its text is always "FLOAT64". */
export type ScalarKind = (typeof SCALAR_KINDS)[number];

export interface StructField {
  /** Empty for an anonymous field. */
  readonly name: string;
  readonly type: GoogleType;
}

export type GoogleType =
  | { readonly kind: ScalarKind }
  | { readonly kind: "ARRAY"; readonly element: GoogleType }
  | { readonly kind: "STRUCT"; readonly fields: readonly StructField[] }
  /** Date parts and the like: only ever the type of a literal argument, never of a column. */
  | { readonly kind: "ENUM"; readonly name: string };

/** The analyzer's message for a type (`TypeProto`), as the client library wants and gives it. */
export type TypeMessage = Readonly<Record<string, unknown>>;

const ALIASES: Readonly<Record<string, ScalarKind>> = {
  FLOAT64: "DOUBLE",
  INT: "INT64",
  INTEGER: "INT64",
  BIGINT: "INT64",
  SMALLINT: "INT64",
  TINYINT: "INT64",
  BYTEINT: "INT64",
  BOOLEAN: "BOOL",
  DECIMAL: "NUMERIC",
  BIGDECIMAL: "BIGNUMERIC",
};

function scalarKind(name: string): ScalarKind | undefined {
  const upper = name.toUpperCase();
  return SCALAR_KINDS.find((kind) => kind === upper) ?? ALIASES[upper];
}

/** Parses type text. Length and precision, as in STRING(20) or NUMERIC(10, 2), are read over. Throws INPUT_INVALID. */
export function parseType(text: string): GoogleType {
  let at = 0;
  const fail = (): never => {
    throw new RollcallError("INPUT_INVALID", `"${text}" is not a GoogleSQL type (character ${at + 1})`, {
      isRetriable: false,
    });
  };
  const skip = (): void => {
    while (/\s/.test(text[at] ?? "")) at += 1;
  };
  const accept = (symbol: string): boolean => {
    skip();
    if (text[at] !== symbol) return false;
    at += 1;
    return true;
  };
  const word = (): string => {
    skip();
    const quoted = /^`([^`]+)`/.exec(text.slice(at));
    const match = quoted ?? /^([A-Za-z_]\w*)/.exec(text.slice(at));
    if (!match) return fail();
    at += match[0].length;
    return match[1] ?? fail();
  };
  const field = (): StructField => {
    const start = at;
    const name = word();
    skip();
    if (/[<(,>)]/.test(text[at] ?? ")")) {
      at = start;
      return { name: "", type: type() };
    }
    return { name, type: type() };
  };
  const type = (): GoogleType => {
    const name = word().toUpperCase();
    if (name === "ARRAY") {
      if (!accept("<")) fail();
      const element = type();
      if (!accept(">")) fail();
      return { kind: "ARRAY", element };
    }
    if (name === "STRUCT") {
      if (!accept("<")) fail();
      const fields: StructField[] = [];
      if (accept(">")) return { kind: "STRUCT", fields };
      do fields.push(field());
      while (accept(","));
      if (!accept(">")) fail();
      return { kind: "STRUCT", fields };
    }
    const kind = scalarKind(name) ?? fail();
    skip();
    const size = /^\([\d\s,]+\)/.exec(text.slice(at));
    if (size) at += size[0].length;
    return { kind };
  };
  const result = type();
  skip();
  return at === text.length ? result : fail();
}

export function formatType(type: GoogleType): string {
  switch (type.kind) {
    case "ARRAY":
      return `ARRAY<${formatType(type.element)}>`;
    case "STRUCT":
      return `STRUCT<${type.fields.map((f) => (f.name === "" ? "" : `${f.name} `) + formatType(f.type)).join(", ")}>`;
    case "ENUM":
      return type.name;
    case "DOUBLE":
      return "FLOAT64";
    default:
      return type.kind;
  }
}

export function typeToMessage(type: GoogleType): TypeMessage {
  switch (type.kind) {
    case "ARRAY":
      return { typeKind: "TYPE_ARRAY", arrayType: { elementType: typeToMessage(type.element) } };
    case "STRUCT":
      return {
        typeKind: "TYPE_STRUCT",
        structType: {
          field: type.fields.map((f) => ({ fieldName: f.name, fieldType: typeToMessage(f.type) })),
        },
      };
    default:
      return { typeKind: `TYPE_${type.kind}` };
  }
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

/** Throws SQL_UNSUPPORTED for a type no warehouse table of ours can hold (GEOGRAPHY, PROTO, RANGE). */
export function typeFromMessage(message: unknown): GoogleType {
  const { typeKind, arrayType, structType, enumType } = record(message);
  if (typeKind === "TYPE_ARRAY") return { kind: "ARRAY", element: typeFromMessage(record(arrayType).elementType) };
  if (typeKind === "TYPE_STRUCT") {
    const fields = record(structType).field;
    return {
      kind: "STRUCT",
      fields: (Array.isArray(fields) ? fields : []).map((entry: unknown) => {
        const { fieldName, fieldType } = record(entry);
        return { name: typeof fieldName === "string" ? fieldName : "", type: typeFromMessage(fieldType) };
      }),
    };
  }
  if (typeKind === "TYPE_ENUM") return { kind: "ENUM", name: String(record(enumType).enumName) };
  if (typeKind === "TYPE_FLOAT") return { kind: "DOUBLE" };
  if (typeKind === "TYPE_INT32" || typeKind === "TYPE_UINT32") return { kind: "INT64" };
  const kind = scalarKind(String(typeKind).replace("TYPE_", ""));
  if (kind === undefined) {
    throw new RollcallError("SQL_UNSUPPORTED", `The type ${String(typeKind).replace("TYPE_", "")} is not supported`, {
      isRetriable: false,
    });
  }
  return { kind };
}
