import {
  DuckDBArrayValue,
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBIntervalValue,
  DuckDBListValue,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTimeValue,
  type DuckDBType,
  type DuckDBValue,
} from "@duckdb/node-api";
import { ANYTHING, type ScriptFunction, script, TEXT, TEXTS, type Typed } from "./define.js";
import { doubleText, withoutTrailingZeros } from "./numerictext.js";
import { formatTime } from "./timeformat.js";

/** JSON numbers hold integers exactly up to here; GoogleSQL writes larger ones as text. */
const LARGEST_EXACT = 2n ** 53n;

/** TO_JSON_STRING quotes numbers a FLOAT64 would not hold, TO_JSON writes every number as one. */
type NumberStyle = "quoted" | "bare";

/** Any value as JSON. Object members keep their order; a JSON value is written without white space. */
export function toJsonText(value: DuckDBValue, type: DuckDBType, style: NumberStyle): string {
  if (value === null) return "null";
  if (type.alias === "JSON" && typeof value === "string") return JSON.stringify(JSON.parse(value));
  if (typeof value === "string") return quoteJson(value);
  if (typeof value === "boolean") return String(value);
  if (typeof value === "bigint") return integerText(value, style);
  if (typeof value === "number") {
    return Number.isFinite(value)
      ? floatingText(value, style)
      : quoteJson(value > 0 ? "Infinity" : value < 0 ? "-Infinity" : "NaN");
  }
  if (value instanceof DuckDBDecimalValue) {
    const text = withoutTrailingZeros(value.toString());
    if (style === "bare") return text;
    return text.includes(".") ? quoteJson(text) : integerText(BigInt(text), style);
  }
  if (value instanceof DuckDBBlobValue) return quoteJson(Buffer.from(value.bytes).toString("base64"));
  if (value instanceof DuckDBDateValue) return quoteJson(value.toString());
  if (value instanceof DuckDBTimestampValue) return quoteJson(isoText(value.micros));
  if (value instanceof DuckDBTimestampTZValue) return quoteJson(`${isoText(value.micros)}Z`);
  if (value instanceof DuckDBTimeValue) return quoteJson(isoText(value.micros).slice(11));
  if (value instanceof DuckDBIntervalValue) return quoteJson(isoDuration(value));
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue) {
    const element = elementType(type);
    return `[${value.items.map((item) => toJsonText(item, element, style)).join(",")}]`;
  }
  if (value instanceof DuckDBStructValue) return structText(value, type, style);
  throw new TypeError(`no JSON form of ${type.toString()}`);
}

/** As a JSON value a FLOAT64 shows that it is none of INT64. */
function floatingText(value: number, style: NumberStyle): string {
  const text = doubleText(value);
  return style === "bare" && /^-?\d+$/.test(text) ? `${text}.0` : text;
}

function integerText(value: bigint, style: NumberStyle): string {
  return style === "bare" || (value >= -LARGEST_EXACT && value <= LARGEST_EXACT) ? String(value) : `"${value}"`;
}

/** Escapes what JSON demands, and the two line separators that JavaScript once forbade in text. */
function quoteJson(text: string): string {
  return JSON.stringify(text).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
}

function elementType(type: DuckDBType): DuckDBType {
  if (!("valueType" in type)) throw new TypeError(`${type.toString()} has no elements`);
  return type.valueType;
}

/** Fields without a name are stored as `_f0`, `_f1`... and written with an empty name. */
function structText(value: DuckDBStructValue, type: DuckDBType, style: NumberStyle): string {
  if (!("entryNames" in type)) throw new TypeError(`${type.toString()} has no fields`);
  const members = type.entryNames.map((name, index) => {
    const fieldType = type.entryTypes[index];
    if (fieldType === undefined) throw new TypeError(`field ${name} has no type`);
    return `${quoteJson(/^_f\d+$/.test(name) ? "" : name)}:${toJsonText(value.entries[name] ?? null, fieldType, style)}`;
  });
  return `{${members.join(",")}}`;
}

function isoText(micros: bigint): string {
  return formatTime("%E4Y-%m-%dT%H:%M:%E?S", micros, "DATETIME");
}

/** ISO 8601, as GoogleSQL writes an INTERVAL in JSON: "P1Y2M3DT4H5M6.789S", "P0Y" for none. */
function isoDuration(value: DuckDBIntervalValue): string {
  const years = Math.trunc(value.months / 12);
  const months = value.months % 12;
  const hours = value.micros / 3_600_000_000n;
  const minutes = (value.micros / 60_000_000n) % 60n;
  const micros = value.micros % 60_000_000n;
  const size = micros < 0n ? -micros : micros;
  const fraction = String(size % 1_000_000n).padStart(6, "0");
  const seconds = withoutTrailingZeros(`${micros < 0n ? "-" : ""}${size / 1_000_000n}.${fraction}`);
  const part = (amount: number | bigint | string, unit: string): string =>
    amount === 0 || amount === 0n || amount === "0" || amount === "-0" ? "" : `${amount}${unit}`;
  const day = `${part(years, "Y")}${part(months, "M")}${part(value.days, "D")}`;
  const time = `${part(hours, "H")}${part(minutes, "M")}${part(seconds, "S")}`;
  return day === "" && time === "" ? "P0Y" : `P${day}${time === "" ? "" : `T${time}`}`;
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** `$.a."b c"[0]` as its steps. Throws RangeError when the path is none. */
export function pathSteps(path: string): readonly (string | number)[] {
  const step = /\.(?:"((?:[^"\\]|\\.)*)"|([^.[\]"]+))|\[(?:(\d+)|'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\]/y;
  if (!path.startsWith("$")) throw new RangeError("a JSON path starts with $");
  const steps: (string | number)[] = [];
  step.lastIndex = 1;
  while (step.lastIndex < path.length) {
    const found = step.exec(path);
    if (found === null) throw new RangeError("not a JSON path");
    const key = found[1] ?? found[2] ?? found[4] ?? found[5];
    steps.push(key === undefined ? Number(found[3]) : key.replace(/\\(.)/g, "$1"));
  }
  return steps;
}

/**
 * JSON_SET with one path: makes missing members and pads arrays with null; a path that runs through a scalar, or
 * takes an array for an object, leaves the value as it is.
 */
export function setAt(root: Json, steps: readonly (string | number)[], value: Json): Json {
  const [step, ...rest] = steps;
  if (step === undefined) return value;
  if (typeof step === "number") {
    if (root !== null && !Array.isArray(root)) return root;
    const items = [...(root ?? [])];
    while (items.length < step) items.push(null);
    items[step] = setAt(items[step] ?? null, rest, value);
    return items;
  }
  if (root !== null && (typeof root !== "object" || Array.isArray(root))) return root;
  return { ...root, [step]: setAt(root?.[step] ?? null, rest, value) };
}

/** JSON_REMOVE with one path: what is not there stays not there. */
export function removeAt(root: Json, steps: readonly (string | number)[]): Json {
  const [step, ...rest] = steps;
  if (step === undefined) throw new RangeError("$ cannot be removed");
  if (root === null || typeof root !== "object") return root;
  if (Array.isArray(root)) {
    if (typeof step !== "number") return root;
    return rest.length === 0
      ? root.filter((_, index) => index !== step)
      : root.map((item, index) => (index === step ? removeAt(item, rest) : item));
  }
  if (typeof step !== "string" || !Object.hasOwn(root, step)) return root;
  const { [step]: member = null, ...others } = root;
  return rest.length === 0 ? others : { ...root, [step]: removeAt(member, rest) };
}

/** JSON_STRIP_NULLS: null members and null items go; what is left empty stays. */
export function stripNulls(value: Json): Json {
  if (Array.isArray(value)) return value.filter((item) => item !== null).map(stripNulls);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== null)
      .map(([key, member]) => [key, stripNulls(member)]),
  );
}

/** JSON_KEYS: every path of names, sorted; names that are no identifiers are quoted. */
export function keyPaths(value: Json): readonly string[] {
  const found = new Set<string>();
  const walk = (node: Json, prefix: string): void => {
    if (Array.isArray(node)) for (const item of node) walk(item, prefix);
    else if (node !== null && typeof node === "object") {
      for (const [key, member] of Object.entries(node)) {
        const path = `${prefix}${/^[A-Za-z_]\w*$/.test(key) ? key : JSON.stringify(key)}`;
        found.add(path);
        walk(member, `${path}.`);
      }
    }
  };
  walk(value, "");
  return [...found].sort();
}

/** Lays JSON text out over lines with two spaces, without reading its numbers. */
export function prettyJson(text: string): string {
  let depth = 0;
  const indent = (): string => `\n${"  ".repeat(depth)}`;
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|\[\]|\{\}|[[\]{},:]|[^\s"[\]{},:]+/g) ?? [];
  return tokens
    .map((token) => {
      if (token === "{" || token === "[") {
        depth += 1;
        return `${token}${indent()}`;
      }
      if (token === "}" || token === "]") {
        depth -= 1;
        return `${indent()}${token}`;
      }
      return token === "," ? `,${indent()}` : token === ":" ? ": " : token;
    })
    .join("");
}

function parse(text: string): Json {
  return JSON.parse(text) as Json;
}

export const jsonFunctions: readonly ScriptFunction[] = [
  script("u_to_json", [ANYTHING], TEXT, ({ value, type }: Typed) => toJsonText(value, type, "quoted")),
  script("u_to_json_value", [ANYTHING], TEXT, ({ value, type }: Typed) => toJsonText(value, type, "bare")),
  script("u_json_pretty", [TEXT], TEXT, prettyJson),
  script("u_json_strict", [TEXT], TEXT, (text: string) => {
    try {
      parse(text);
    } catch {
      throw new RangeError("The text is not valid JSON");
    }
    return text;
  }),
  script("u_json_set", [TEXT, TEXT, TEXT], TEXT, (root: string, path: string, value: string) =>
    JSON.stringify(setAt(parse(root), pathSteps(path), parse(value))),
  ),
  script("u_json_remove", [TEXT, TEXT], TEXT, (root: string, path: string) =>
    JSON.stringify(removeAt(parse(root), pathSteps(path))),
  ),
  script("u_json_strip", [TEXT], TEXT, (text: string) => JSON.stringify(stripNulls(parse(text)))),
  script("u_json_keys", [TEXT], TEXTS, (text: string) => keyPaths(parse(text))),
];
