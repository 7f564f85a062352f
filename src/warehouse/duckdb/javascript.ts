import { createContext, runInContext, Script } from "node:vm";
import {
  DuckDBBlobValue,
  type DuckDBConnection,
  DuckDBListValue,
  DuckDBScalarFunction,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  type DuckDBValue,
  listValue,
  structValue,
} from "@duckdb/node-api";
import { messageOf } from "../../platform/errors.js";
import type { GoogleType } from "../googlesql/types.js";
import { fieldName } from "./generator/types.js";
import { parameterType } from "./values.js";

/** A function written in JavaScript (CREATE FUNCTION ... LANGUAGE js). Plain data, so that it can be kept. */
export interface JavascriptFunction {
  /** What DuckDB calls it: another definition has another name. */
  readonly name: string;
  /** What its author calls it: "silver.slug". */
  readonly title: string;
  readonly params: readonly { readonly name: string; readonly type: GoogleType }[];
  readonly result: GoogleType;
  readonly body: string;
  readonly isVolatile: boolean;
}

/** Which functions DuckDB knows already. Functions are of the instance, not of a connection. */
export interface JavascriptFunctions {
  install(connection: DuckDBConnection, functions: readonly JavascriptFunction[]): void;
}

export function createJavascriptFunctions(): JavascriptFunctions {
  const installed = new Set<string>();
  return {
    install(connection, functions) {
      for (const one of functions) {
        if (installed.has(one.name)) continue;
        registerJavascript(connection, one);
        installed.add(one.name);
      }
    },
  };
}

/** How long one batch of rows, at most 2,048, may take: an endless loop would hold up the whole process. */
const TIMEOUT_MS = 10_000;

/**
 * Lets DuckDB call the function. Types go as BigQuery documents it: INT64 is returned as a number or text and never an argument;
 * NUMERIC is a number when that is a whole one it holds exactly, else text; BYTES are base64; DATE and TIMESTAMP are a Date, the
 * latter with its `microsecond`; JSON, ARRAY and STRUCT are what they look like. NULL is null.
 *
 * The code runs in a context without Node's modules. That keeps it from depending on this process; it is no wall against code
 * that means harm, so functions come from who may write models.
 */
function registerJavascript(connection: DuckDBConnection, definition: JavascriptFunction): void {
  let evaluate: ((rows: readonly (readonly DuckDBValue[])[]) => readonly DuckDBValue[]) | null = null;
  connection.registerScalarFunction(
    DuckDBScalarFunction.create({
      name: definition.name,
      parameterTypes: definition.params.map(({ type }) => parameterType(type)),
      returnType: parameterType(definition.result),
      specialHandling: true,
      volatile: definition.isVolatile,
      mainFunction: (info, input, output) => {
        try {
          evaluate ??= evaluatorOf(definition);
          const columns = definition.params.map((_, index) => input.getColumnVector(index));
          const rows = Array.from({ length: input.rowCount }, (_, row) => columns.map((column) => column.getItem(row)));
          for (const [row, value] of evaluate(rows).entries()) output.setItem(row, value);
          output.flush();
        } catch (error) {
          info.setError(`${definition.title}: ${javascriptMessage(error, definition.title)}`);
        }
      },
    }),
  );
}

/** Objects of the context's own kinds, so that `instanceof Date` and the like hold inside. */
interface Intrinsics {
  readonly makeDate: (micros: number, microsecond: number | null) => object;
  readonly makeArray: (items: readonly unknown[]) => object;
  readonly makeObject: (entries: readonly (readonly [string, unknown])[]) => object;
  readonly parseJson: (text: string) => unknown;
}

const INTRINSICS = `({
  makeDate: (ms, microsecond) => {
    const date = new Date(ms);
    if (microsecond !== null) date.microsecond = microsecond;
    return date;
  },
  makeArray: (items) => Array.from(items),
  makeObject: (entries) => Object.fromEntries(entries),
  parseJson: JSON.parse,
})`;

function evaluatorOf({
  title,
  params,
  result,
  body,
}: JavascriptFunction): (rows: readonly (readonly DuckDBValue[])[]) => readonly DuckDBValue[] {
  const context = createContext({});
  const make = runInContext(INTRINSICS, context) as Intrinsics;
  const names = params.map(({ name }) => name).join(", ");
  const source = `(function (${names}) {\n${body}\n})`;
  const call: unknown = new Script(source, { filename: title, lineOffset: -1 }).runInContext(context);
  const batch = new Script("__rows.map((row) => __call.apply(null, row))", { filename: "batch" });
  Object.assign(context, { __call: call, __rows: [] });
  return (rows) => {
    const given = rows.map((row) => make.makeArray(row.map((value, i) => toJavascript(value, params[i]?.type, make))));
    context.__rows = make.makeArray(given);
    const returned = batch.runInContext(context, { timeout: TIMEOUT_MS }) as readonly unknown[];
    return Array.from(returned, (value) => fromJavascript(value, result));
  };
}

function toJavascript(value: DuckDBValue, type: GoogleType | undefined, make: Intrinsics): unknown {
  if (value === null || type === undefined) return null;
  switch (type.kind) {
    case "NUMERIC":
    case "BIGNUMERIC":
      return numberOrText(String(value));
    case "BYTES":
      return value instanceof DuckDBBlobValue ? Buffer.from(value.bytes).toString("base64") : null;
    case "DATE":
      return make.makeDate(Date.parse(`${String(value)}T00:00:00Z`), null);
    case "TIMESTAMP": {
      if (!(value instanceof DuckDBTimestampTZValue)) return null;
      const microsecond = ((value.micros % 1000n) + 1000n) % 1000n;
      return make.makeDate(Number((value.micros - microsecond) / 1000n), Number(microsecond));
    }
    case "JSON":
      return make.parseJson(String(value));
    case "ARRAY": {
      const items = value instanceof DuckDBListValue ? value.items : [];
      return make.makeArray(items.map((item) => toJavascript(item, type.element, make)));
    }
    case "STRUCT": {
      const entries = value instanceof DuckDBStructValue ? value.entries : {};
      return make.makeObject(
        type.fields.map((field, i) => {
          return [field.name, toJavascript(entries[fieldName(type.fields, i)] ?? null, field.type, make)] as const;
        }),
      );
    }
    default:
      return value;
  }
}

/** A NUMERIC as BigQuery hands it over: a number when it is whole and exact as one. */
function numberOrText(text: string): number | string {
  const short = text.includes(".") ? text.replace(/\.?0+$/, "") : text;
  const number = Number(short);
  return Number.isSafeInteger(number) ? number : short;
}

function fromJavascript(value: unknown, type: GoogleType): DuckDBValue {
  if (value === null || value === undefined) return null;
  const refuse = (): never => {
    throw new TypeError(`returns a ${typeof value} that is no ${type.kind === "DOUBLE" ? "FLOAT64" : type.kind}`);
  };
  if (typeof value === "object" && typeof (value as { then?: unknown }).then === "function") {
    throw new TypeError("returns a Promise, which nothing here waits for");
  }
  switch (type.kind) {
    case "INT64":
      return typeof value === "bigint" || isWhole(value) ? BigInt.asIntN(64, BigInt(value as string)) : refuse();
    case "DOUBLE": {
      const number = typeof value === "number" || typeof value === "string" ? Number(value) : Number.NaN;
      return Number.isNaN(number) && !isNotANumber(value) ? refuse() : number;
    }
    case "BOOL":
      return typeof value === "boolean" ? value : refuse();
    case "NUMERIC":
    case "BIGNUMERIC":
      return typeof value === "number" || typeof value === "string" ? String(value) : refuse();
    case "BYTES":
      return typeof value === "string" ? new DuckDBBlobValue(Buffer.from(value, "base64")) : refuse();
    case "DATE":
    case "TIMESTAMP":
      return momentOf(value, type.kind) ?? refuse();
    case "JSON":
      return JSON.stringify(value) ?? refuse();
    case "ARRAY":
      if (!Array.isArray(value)) return refuse();
      return listValue(value.map((item: unknown) => fromJavascript(item, type.element)));
    case "STRUCT": {
      if (typeof value !== "object") return refuse();
      const given = value as Readonly<Record<string, unknown>>;
      const entries = type.fields.map((field, i) => {
        return [fieldName(type.fields, i), fromJavascript(given[field.name], field.type)] as const;
      });
      return structValue(Object.fromEntries(entries));
    }
    default:
      return String(value);
  }
}

function isWhole(value: unknown): boolean {
  if (typeof value === "number") return Number.isInteger(value);
  if (typeof value !== "string" || !/^[+-]?\d+$/.test(value)) return false;
  const number = BigInt(value.replace("+", ""));
  return BigInt.asIntN(64, number) === number;
}

function isNotANumber(value: unknown): boolean {
  return typeof value === "number" || value === "NaN";
}

/** A Date of either realm. */
function momentOf(value: unknown, kind: "DATE" | "TIMESTAMP"): DuckDBValue {
  if (Object.prototype.toString.call(value) !== "[object Date]") return null;
  const date = value as Date & { readonly microsecond?: unknown };
  const ms = date.getTime();
  if (Number.isNaN(ms)) return null;
  if (kind === "DATE") return new Date(ms).toISOString().slice(0, 10);
  const microsecond = typeof date.microsecond === "number" ? Math.trunc(date.microsecond) : 0;
  return new DuckDBTimestampTZValue(BigInt(ms) * 1000n + BigInt(microsecond));
}

/** With the line of the author's code where it is known: "x is not defined (line 2)". */
function javascriptMessage(error: unknown, title: string): string {
  const stack = typeof error === "object" && error !== null && "stack" in error ? String(error.stack) : "";
  const line = stack.split(`${title}:`)[1]?.match(/^\d+/)?.[0];
  const message = messageOf(error instanceof Error || typeof error !== "object" ? error : (error as Error).message);
  return `${message.split("\n")[0]}${line === undefined ? "" : ` (line ${line} of the function)`}`;
}
