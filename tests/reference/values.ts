import type { GoogleType } from "../../src/warehouse/googlesql/types.js";

/** A value as the evaluator takes and gives it (`ValueProto`). NULL has no field at all. */
export type ValueMessage = Readonly<Record<string, unknown>>;

const NUMERIC_SCALE = 9;
const NUMERIC_BYTES = 16;

/** A parameter's value, written as the warehouse port writes it, for the evaluator. */
export function encodeValue(value: unknown, type: GoogleType): ValueMessage {
  if (value === null || value === undefined) return {};
  switch (type.kind) {
    case "BOOL":
      return { boolValue: value };
    case "INT64":
      return { int64Value: String(value) };
    case "DOUBLE":
      return { doubleValue: Number(value) };
    case "STRING":
      return { stringValue: String(value) };
    case "BYTES":
      return { bytesValue: value };
    case "NUMERIC":
      return { numericValue: decimalBytes(String(value)) };
    case "JSON":
      return { jsonValue: JSON.stringify(value) };
    case "DATE":
      return { dateValue: Date.parse(`${String(value)}T00:00:00Z`) / 86_400_000 };
    case "TIMESTAMP": {
      const seconds = Math.floor(Number(value) / 1_000_000);
      return { timestampValue: { seconds: String(seconds), nanos: (Number(value) - seconds * 1_000_000) * 1000 } };
    }
    case "ARRAY":
      return {
        arrayValue: { element: (value as readonly unknown[]).map((entry) => encodeValue(entry, type.element)) },
      };
    case "STRUCT": {
      const fields = value as Readonly<Record<string, unknown>>;
      return { structValue: { field: type.fields.map(({ name, type: of }) => encodeValue(fields[name], of)) } };
    }
    default:
      throw new Error(`No parameter of type ${type.kind} goes to the reference evaluator`);
  }
}

/** Little-endian two's complement of the number without its point. */
function decimalBytes(text: string): Buffer {
  const [whole = "0", fraction = ""] = text.replace("-", "").split(".");
  const digits = BigInt(whole + fraction.padEnd(NUMERIC_SCALE, "0"));
  let rest = BigInt.asUintN(NUMERIC_BYTES * 8, text.startsWith("-") ? -digits : digits);
  const bytes = Buffer.alloc(NUMERIC_BYTES);
  for (let at = 0; at < NUMERIC_BYTES; at += 1, rest >>= 8n) bytes[at] = Number(rest & 0xffn);
  return bytes;
}
