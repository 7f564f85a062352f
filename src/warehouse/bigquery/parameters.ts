import { microsToIso } from "../../platform/clock.js";
import { RollcallError } from "../../platform/errors.js";
import { type GoogleType, parseType } from "../googlesql/types.js";
import type { Column, Params } from "../port.js";
import type { FieldSchema, ParameterType, ParameterValue, QueryParameter } from "./api.js";

/** What goes to BigQuery as a typed value: query parameters, and the fields of a table. */

/** Throws INPUT_INVALID, without the value, when one is not of its type. */
export function queryParameters(params: Params): QueryParameter[] {
  return Object.entries(params).map(([name, { type: text, value }]) => {
    const type = parseType(text);
    return { name, parameterType: parameterType(name, type), parameterValue: parameterValue(name, type, value) };
  });
}

/** FLOAT64 is called DOUBLE inside. */
function apiName(type: GoogleType): string {
  return type.kind === "DOUBLE" ? "FLOAT64" : type.kind;
}

function parameterType(name: string, type: GoogleType): ParameterType {
  if (type.kind === "ARRAY") return { type: "ARRAY", arrayType: parameterType(name, type.element) };
  if (type.kind !== "STRUCT") return { type: apiName(type) };
  return {
    type: "STRUCT",
    structTypes: type.fields.map((field) => {
      if (field.name === "") throw unnamed(name);
      return { name: field.name, type: parameterType(name, field.type) };
    }),
  };
}

/** Values travel by the name of their field. */
function unnamed(name: string): RollcallError {
  return new RollcallError("INPUT_INVALID", `Parameter @${name} has a field without a name: name every field`, {
    isRetriable: false,
    details: { parameter: name },
  });
}

function refuse(name: string, type: GoogleType): never {
  throw new RollcallError("INPUT_INVALID", `Parameter @${name} is not a value of type ${type.kind}`, {
    isRetriable: false,
    details: { parameter: name, type: type.kind },
  });
}

function parameterValue(name: string, type: GoogleType, value: unknown): ParameterValue {
  const isNull = value === null || value === undefined;
  if (type.kind === "ARRAY") {
    if (isNull) return {};
    if (!Array.isArray(value)) return refuse(name, type);
    return { arrayValues: value.map((entry: unknown) => parameterValue(name, type.element, entry)) };
  }
  if (type.kind === "STRUCT") {
    if (isNull) return {};
    if (typeof value !== "object") return refuse(name, type);
    const given = value as Readonly<Record<string, unknown>>;
    const fields = type.fields.map(
      (field) => [field.name, parameterValue(name, field.type, given[field.name])] as const,
    );
    return { structValues: Object.fromEntries(fields) };
  }
  return { value: isNull ? null : scalarText(name, type, value) };
}

function scalarText(name: string, type: GoogleType, value: unknown): string {
  switch (type.kind) {
    case "INT64":
      if (typeof value === "bigint") return String(value);
      return typeof value === "number" && Number.isSafeInteger(value) ? String(value) : refuse(name, type);
    case "DOUBLE":
      return typeof value === "number" ? String(value) : refuse(name, type);
    case "BOOL":
      return typeof value === "boolean" ? String(value) : refuse(name, type);
    case "BYTES":
      return value instanceof Uint8Array ? Buffer.from(value).toString("base64") : refuse(name, type);
    case "TIMESTAMP":
      return typeof value === "number" && Number.isSafeInteger(value) ? microsToIso(value) : refuse(name, type);
    case "JSON":
      return JSON.stringify(value) ?? refuse(name, type);
    case "INTERVAL":
    case "ENUM":
      return refuse(name, type);
    default:
      return typeof value === "string" ? value : refuse(name, type);
  }
}

export function fieldsOf(columns: readonly Column[]): FieldSchema[] {
  return columns.map(({ name, type }) => fieldOf(name, parseType(type)));
}

/** Throws INPUT_INVALID for a list of lists, which no BigQuery column can be. */
function fieldOf(name: string, type: GoogleType): FieldSchema {
  if (type.kind === "ARRAY") {
    if (type.element.kind === "ARRAY") {
      throw new RollcallError("INPUT_INVALID", `Column ${name}: BigQuery has no list of lists; put a STRUCT between`, {
        isRetriable: false,
      });
    }
    return { ...fieldOf(name, type.element), mode: "REPEATED" };
  }
  if (type.kind !== "STRUCT") return { name, type: apiName(type), mode: "NULLABLE" };
  return {
    name,
    type: "STRUCT",
    mode: "NULLABLE",
    fields: type.fields.map((field) => fieldOf(field.name, field.type)),
  };
}
