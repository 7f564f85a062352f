import {
  ANY,
  BIGINT,
  BLOB,
  BOOLEAN,
  blobValue,
  DOUBLE,
  DuckDBBlobValue,
  DuckDBScalarFunction,
  DuckDBTimestampValue,
  type DuckDBType,
  type DuckDBValue,
  LIST,
  listValue,
  TIMESTAMP,
  timestampValue,
  VARCHAR,
} from "@duckdb/node-api";
import { messageOf } from "../../../../platform/errors.js";

/** How a DuckDB value is read into JavaScript and written back. */
export interface Slot<T> {
  readonly type: DuckDBType;
  readonly read: (value: DuckDBValue, type: DuckDBType) => T;
  readonly write: (value: T) => DuckDBValue;
}

/** Of any type, with that type beside it. Only for parameters. */
export interface Typed {
  readonly value: DuckDBValue;
  readonly type: DuckDBType;
}

function slot<T>(type: DuckDBType, is: (value: DuckDBValue) => value is T & DuckDBValue): Slot<T> {
  return {
    type,
    read: (value) => {
      if (!is(value)) throw new TypeError(`expected ${type.toString()}`);
      return value;
    },
    write: (value) => value as T & DuckDBValue,
  };
}

export const TEXT: Slot<string> = slot(VARCHAR, (value) => typeof value === "string");
export const INTEGER: Slot<bigint> = slot(BIGINT, (value) => typeof value === "bigint");
export const NUMBER: Slot<number> = slot(DOUBLE, (value) => typeof value === "number");
export const FLAG: Slot<boolean> = slot(BOOLEAN, (value) => typeof value === "boolean");

export const BYTES: Slot<Uint8Array> = {
  type: BLOB,
  read: (value) => {
    if (!(value instanceof DuckDBBlobValue)) throw new TypeError("expected BLOB");
    return value.bytes;
  },
  write: (value) => blobValue(value),
};

/** A DATETIME as microseconds since 1970 on its own clock. */
export const READING: Slot<bigint> = {
  type: TIMESTAMP,
  read: (value) => {
    if (!(value instanceof DuckDBTimestampValue)) throw new TypeError("expected TIMESTAMP");
    return value.micros;
  },
  write: (value) => timestampValue(value),
};

export const TEXTS: Slot<readonly string[]> = {
  type: LIST(VARCHAR),
  read: () => {
    throw new TypeError("lists of text are only returned");
  },
  write: (value) => listValue([...value]),
};

export const ANYTHING: Slot<Typed> = {
  type: ANY,
  read: (value, type) => ({ value, type }),
  write: () => {
    throw new TypeError("values of any type are only taken");
  },
};

/** A function of one row, for DuckDB to call. */
export interface ScriptFunction {
  readonly name: string;
  readonly params: readonly DuckDBType[];
  readonly result: DuckDBType;
  readonly isVolatile: boolean;
  /** Never called with a NULL among the values. */
  readonly evaluate: (values: readonly DuckDBValue[], types: readonly DuckDBType[]) => DuckDBValue;
}

type Slots<A extends readonly unknown[]> = { readonly [K in keyof A]: Slot<A[K]> };

/**
 * Declares a JavaScript function DuckDB can call. A NULL argument gives NULL without a call; a returned null is NULL;
 * what it throws fails the query with its message, so messages name rules, never values.
 * Costs one to two microseconds a row on the event loop: native SQL first.
 */
export function script<A extends readonly unknown[], R>(
  name: string,
  params: Slots<A>,
  result: Slot<R>,
  call: (...args: A) => R | null,
  options: { readonly isVolatile?: boolean } = {},
): ScriptFunction {
  const slots = params as readonly Slot<unknown>[];
  return {
    name,
    params: slots.map((one) => one.type),
    result: result.type,
    isVolatile: options.isVolatile ?? false,
    evaluate: (values, types) => {
      const args = slots.map((one, index) => one.read(values[index] ?? null, types[index] ?? one.type));
      const value = call(...(args as unknown as A));
      return value === null ? null : result.write(value);
    },
  };
}

export function toScalarFunction(script: ScriptFunction): DuckDBScalarFunction {
  return DuckDBScalarFunction.create({
    name: script.name,
    parameterTypes: script.params,
    returnType: script.result,
    volatile: script.isVolatile,
    mainFunction: (info, input, output) => {
      try {
        const columns = script.params.map((_, index) => input.getColumnVector(index));
        const types = columns.map((column) => column.type);
        for (let row = 0; row < input.rowCount; row += 1) {
          const values = columns.map((column) => column.getItem(row));
          output.setItem(row, values.includes(null) ? null : script.evaluate(values, types));
        }
        output.flush();
      } catch (error) {
        const where = script.name === "u_fail" ? "" : `${script.name.slice(2)}: `;
        info.setError(`${where}${messageOf(error)}`);
      }
    },
  });
}
