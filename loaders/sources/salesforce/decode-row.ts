import { isoToMicros } from "../../../src/platform/clock.js";
import type { Json } from "../../../src/platform/documents/port.js";
import type { Decoded, EventTable, JsonObject } from "../../record.js";
import type { Contract, ContractNode } from "../contracts/contract.js";
import { split } from "../contracts/split.js";
import { featuresOf, SALESFORCE_TRAITS } from "../describe.js";
import { createNamespaceOf, SALESFORCE_STRENGTH } from "../namespaces.js";
import {
  boundTime,
  contentId,
  type IntakeContext,
  identifiersOf,
  stableJson,
  toDeadLetter,
  withNotes,
} from "../outcome.js";
import { contactContract, enrollmentContract } from "./contracts.js";

export type CsvRow = Readonly<Record<string, string>>;

/** What differs between the exports Rollcall reads. */
export interface RowKind {
  readonly table: EventTable;
  readonly eventType: string;
  readonly contract: Contract;
  /** The column that says whose row it is. */
  readonly keyColumn: string;
  readonly keyExpectation: string;
}

export const CONTACT_ROW: RowKind = {
  table: "salesforce_contacts",
  eventType: "contact",
  contract: contactContract,
  keyColumn: "Id",
  keyExpectation: "a Salesforce id of 15 or 18 characters",
};

export const ENROLLMENT_ROW: RowKind = {
  table: "salesforce_enrollments",
  eventType: "enrollment",
  contract: enrollmentContract,
  keyColumn: "Student_Number__c",
  keyExpectation: "a student number",
};

const DATE_ONLY = /^\d{4}-\d\d-\d\d$/;
const DECIMAL = /^[+-]?\d{1,15}(?:\.\d{1,15})?$/;
const BOOLEANS: Readonly<Record<string, boolean>> = { true: true, "1": true, false: false, "0": false };

export function decodeContactRow(row: CsvRow, line: number, original: Buffer, ctx: IntakeContext): Decoded {
  return decodeRow(CONTACT_ROW, row, line, original, ctx);
}

export function decodeEnrollmentRow(row: CsvRow, line: number, original: Buffer, ctx: IntakeContext): Decoded {
  return decodeRow(ENROLLMENT_ROW, row, line, original, ctx);
}

/** A row that did not change since the last export has the same event id, whatever the order of its columns. */
function decodeRow(kind: RowKind, row: CsvRow, line: number, original: Buffer, ctx: IntakeContext): Decoded {
  const { contract } = kind;
  const filled = Object.fromEntries(Object.entries(row).filter(([, text]) => text !== ""));
  const eventId = contentId(ctx, kind.eventType, stableJson(filled));
  const refuse = (reason: "wrong_type", detail: string): Decoded =>
    toDeadLetter(kind.table, original, { ...ctx, line }, { eventId, reason, detail, contract: contract.id });

  const values = toValues(filled, contract.root);
  const fault = contract.check(values);
  if (fault !== null) {
    return toDeadLetter(kind.table, original, { ...ctx, line }, { eventId, ...fault, contract: contract.id });
  }
  const modified = filled.LastModifiedDate;
  const modifiedAt = modified === undefined ? ctx.receivedAt : timeOf(modified);
  if (modifiedAt === null) return refuse("wrong_type", "/LastModifiedDate: expected an ISO 8601 time");
  const { payload, personal, found } = split(values, contract, ctx.region);
  const identifiers = identifiersOf(
    found.map(({ type, raw }) => ({ type, raw, role: "own" })),
    ctx,
    createNamespaceOf(ctx.institution, "salesforce"),
    SALESFORCE_STRENGTH,
  );
  const keyType = contract.root.properties.get(kind.keyColumn)?.identifier;
  if (!identifiers.some(({ type }) => type === keyType)) {
    return refuse("wrong_type", `/${kind.keyColumn}: expected ${kind.keyExpectation}`);
  }
  const { occurredAt, isCut } = boundTime(modifiedAt, ctx.receivedAt);
  return {
    kind: "event",
    table: kind.table,
    eventId,
    eventType: kind.eventType,
    source: ctx.source,
    contract: contract.id,
    occurredAt,
    sentAt: null,
    receivedAt: ctx.receivedAt,
    payload: isCut ? withNotes(payload, { reported_at: modified }) : payload,
    personal,
    identifiers,
    features: featuresOf(values, SALESFORCE_TRAITS, identifiers, ctx),
  };
}

/** CSV knows only texts: each becomes what its column is; one that does not fit stays a text, which the contract refuses. */
function toValues(row: CsvRow, root: ContractNode): JsonObject {
  return Object.fromEntries(
    Object.entries(row).map(([column, text]) => [column, toValue(text, root.properties.get(column)?.types ?? [])]),
  );
}

function toValue(text: string, types: readonly string[]): Json {
  if (types.includes("boolean")) return BOOLEANS[text.trim().toLowerCase()] ?? text;
  if (types.includes("number")) return DECIMAL.test(text.trim()) ? Number(text) : text;
  return text;
}

function timeOf(text: string): number | null {
  const trimmed = text.trim();
  return isoToMicros(DATE_ONLY.test(trimmed) ? `${trimmed}T00:00:00Z` : trimmed);
}
