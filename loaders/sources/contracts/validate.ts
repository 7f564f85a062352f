import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";
import type { DeadLetterReason } from "../../record.js";

/** Why a value breaks its contract. `detail` names the place and what was expected there, never what was found. */
export interface Violation {
  readonly reason: Extract<DeadLetterReason, "missing_field" | "wrong_type" | "contract_violation">;
  readonly detail: string;
}

export type Validate = (value: unknown) => Violation | null;

/** Strict: a schema with a typo in a keyword does not compile. */
const ajv = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true, validateFormats: false });
ajv.addKeyword({ keyword: "x-personal", metaSchema: { enum: ["identifier", "direct", "text"] } });
ajv.addKeyword({ keyword: "x-identifier", metaSchema: { type: "string" } });
ajv.addKeyword({ keyword: "x-unnamed", metaSchema: { enum: ["personal"] } });

/**
 * Compiles at the first use, once. `hasName` says whether the contract knows a name: only those are printed, because a
 * key that came from outside may itself be somebody's address.
 */
export function createValidate(schema: object, hasName: (name: string) => boolean): Validate {
  let compiled: ValidateFunction | null = null;
  return (value) => {
    compiled ??= ajv.compile(schema);
    if (compiled(value)) return null;
    const [error] = compiled.errors ?? [];
    return error === undefined ? { reason: "contract_violation", detail: "/" } : toViolation(error, hasName);
  };
}

function toViolation(error: ErrorObject, hasName: (name: string) => boolean): Violation {
  const path = printablePath(error.instancePath, hasName);
  if (error.keyword === "required") {
    return { reason: "missing_field", detail: `${path}/${String(error.params.missingProperty)}: required` };
  }
  const place = path === "" ? "/" : path;
  if (error.keyword === "type") {
    return { reason: "wrong_type", detail: `${place}: expected ${[error.params.type].flat().join(" or ")}` };
  }
  return { reason: "contract_violation", detail: `${place}: expected ${expectation(error)}` };
}

/** What the schema asks for, in the schema's own words. */
function expectation(error: ErrorObject): string {
  switch (error.keyword) {
    case "enum":
      return `one of ${JSON.stringify(error.params.allowedValues)}`;
    case "const":
      return JSON.stringify(error.params.allowedValue);
    case "additionalProperties":
      return "no fields beyond those of the contract";
    default:
      return error.message?.replace(/^must /, "to ") ?? error.keyword;
  }
}

function printablePath(path: string, hasName: (name: string) => boolean): string {
  return path
    .split("/")
    .map((part) => (part === "" || /^\d{1,6}$/.test(part) || hasName(part) ? part : "*"))
    .join("/");
}
