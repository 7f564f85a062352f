import type { Json } from "../../../src/platform/documents/port.js";
import type { IdentifierType, JsonObject } from "../../record.js";
import { holdsContactData, type TextPlace } from "./contact-data.js";
import { type Contract, type ContractNode, OPEN_NODE } from "./contract.js";
import { looksPersonal, looksWritten } from "./personal-names.js";

export interface FoundIdentifier {
  readonly type: IdentifierType;
  readonly raw: string;
}

export interface Split {
  readonly payload: JsonObject;
  /** Null when nothing was personal. */
  readonly personal: JsonObject | null;
  /** What the contract calls an identifier, in the order of the message. */
  readonly found: readonly FoundIdentifier[];
}

/**
 * Parts a message into what may be seen and what is personal, each leaf under its own path.
 *
 * Personal is: what the contract marks; in places the contract does not name, everything where it says so
 * (`x-unnamed`), else what a field's name gives away; and anywhere, a text with somebody's email address or phone number
 * in it (a link with `?email=`, a bounce reason). In an array the other part keeps its position with null in the place of
 * what was taken out. `region` is where numbers without a country code belong.
 * Expects a message that keeps the contract and is no deeper than `parseJson` allows.
 */
export function split(value: JsonObject, contract: Pick<Contract, "root">, region: string): Split {
  const found: FoundIdentifier[] = [];
  const parts = splitObject(value, contract.root, { found, region });
  return { payload: parts.payload as JsonObject, personal: (parts.personal as JsonObject | undefined) ?? null, found };
}

/** `undefined` where a part holds nothing. */
interface Parts {
  readonly payload: Json | undefined;
  readonly personal: Json | undefined;
}

/** What one split shares. */
interface Splitting {
  readonly found: FoundIdentifier[];
  readonly region: string;
}

function splitValue(value: Json, node: ContractNode, isPersonal: boolean, splitting: Splitting): Parts {
  if (isPersonal) {
    collect(value, node, splitting.found);
    return { payload: undefined, personal: value };
  }
  if (typeof value === "string") {
    const place: TextPlace = node === OPEN_NODE ? "unnamed" : "named";
    const isPrivate = holdsContactData(value, place, splitting.region);
    return isPrivate ? { payload: undefined, personal: value } : { payload: value, personal: undefined };
  }
  if (typeof value !== "object" || value === null) return { payload: value, personal: undefined };
  return isArray(value) ? splitArray(value, node, splitting) : splitObject(value, node, splitting);
}

function splitObject(object: JsonObject, node: ContractNode, splitting: Splitting): Parts {
  const payload: Record<string, Json> = {};
  let personal: Record<string, Json> | undefined;
  for (const key of Object.keys(object)) {
    const value = object[key];
    // Writing to `__proto__` would set the prototype of the copy.
    if (value === undefined || key === "__proto__") continue;
    const child = node.properties.get(key);
    const isPersonal = child === undefined ? node.hidesUnnamed || tellsOfAPerson(key, value) : child.personal !== null;
    const parts = splitValue(value, child ?? OPEN_NODE, isPersonal, splitting);
    if (parts.payload !== undefined) payload[key] = parts.payload;
    if (parts.personal !== undefined) {
      personal ??= {};
      personal[key] = parts.personal;
    }
  }
  return { payload, personal };
}

function splitArray(array: readonly Json[], node: ContractNode, splitting: Splitting): Parts {
  const items = node.items ?? OPEN_NODE;
  const parts = array.map((item) => splitValue(item, items, items.personal !== null, splitting));
  if (parts.every((part) => part.personal === undefined)) return { payload: array, personal: undefined };
  return {
    payload: parts.map((part) => part.payload ?? null),
    personal: parts.map((part) => part.personal ?? null),
  };
}

/** Identifiers of a personal part: the leaf itself, or leaves within it. */
function collect(value: Json, node: ContractNode, found: FoundIdentifier[]): void {
  if (node.identifier !== null && (typeof value === "string" || typeof value === "number")) {
    found.push({ type: node.identifier, raw: String(value) });
  } else if (isArray(value)) {
    if (node.items !== null) for (const item of value) collect(item, node.items, found);
  } else if (typeof value === "object" && value !== null) {
    for (const [key, child] of node.properties) {
      const part = value[key];
      if (part !== undefined) collect(part, child, found);
    }
  }
}

/** A number or a flag is no writing, whatever its field is called: `comments: 3`. */
function tellsOfAPerson(key: string, value: Json): boolean {
  if (looksPersonal(key)) return true;
  return (typeof value === "string" || (typeof value === "object" && value !== null)) && looksWritten(key);
}

function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
