/** Values of a warehouse that JSON holds as they are: what comes from a socket is what was there. */
export type Cell = string | number | boolean | null | readonly Cell[] | { readonly [name: string]: Cell };

/**
 * A value of the warehouse's rows as JSON can hold it, as BigQuery writes it there: integers beyond 2^53 and floats that are no number
 * ("NaN", "-Infinity") as text, bytes in base64, within structs, arrays and JSON as well.
 */
export function cellOf(value: unknown): Cell {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      return Number.isFinite(value) ? value : String(value);
    case "bigint":
      return value.toString();
    default:
      return value === null || value === undefined ? null : cellOfObject(value);
  }
}

function cellOfObject(value: unknown): Cell {
  if (Buffer.isBuffer(value)) return value.toString("base64");
  if (Array.isArray(value)) return value.map(cellOf);
  return Object.fromEntries(Object.entries(value as object).map(([name, member]) => [name, cellOf(member)]));
}

/** Types whose texts are numbers. */
const NUMBERS = new Set(["INT64", "FLOAT64", "NUMERIC", "BIGNUMERIC"]);

export function isNumberType(type: string): boolean {
  return NUMBERS.has(type);
}

/** Types whose texts anybody may have written. */
export function isTextType(type: string): boolean {
  return type === "STRING" || type === "JSON";
}
