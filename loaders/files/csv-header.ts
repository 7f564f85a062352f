import { RollcallError } from "../../src/platform/errors.js";
import { CONTACT_ROW, ENROLLMENT_ROW, type RowKind } from "../sources/salesforce/decode-row.js";

export type CsvObject = "contacts" | "enrollments";

const KINDS: Readonly<Record<CsvObject, RowKind>> = { contacts: CONTACT_ROW, enrollments: ENROLLMENT_ROW };
/** The columns without which a row of the object says nothing. */
const REQUIRED: Readonly<Record<CsvObject, readonly string[]>> = {
  contacts: ["Id"],
  enrollments: ["Student_Number__c", "Module__c", "Presentation__c"],
};

export interface CsvHeader {
  readonly object: CsvObject;
  readonly kind: RowKind;
  readonly columns: readonly string[];
}

/**
 * What an export holds, by its first row. Throws INPUT_INVALID, not retriable, before anything landed when the columns
 * are not those of the object: a column nobody described may hold anything, so it is not guessed at.
 */
export function readCsvHeader(cells: readonly string[], expected: CsvObject | undefined): CsvHeader {
  const columns = cells.map((cell) => cell.trim());
  const object = expected ?? recognise(columns);
  if (object === null) {
    throw invalid(
      "The first row names no columns of a contact or an enrolment export. Begin the file with a row of column names: " +
        `${REQUIRED.contacts.join(", ")} for contacts; ${REQUIRED.enrollments.join(", ")} for enrolments. ` +
        "A table of another system comes in with its columns renamed so, or as events, one JSON object a line.",
      {},
    );
  }
  const known = [...KINDS[object].contract.root.properties.keys()];
  const missing = REQUIRED[object].filter((column) => !columns.includes(column));
  const isHeader = columns.some((column) => known.includes(column));
  // A first row without one known name is a row of values: they are not printed.
  const unknown = isHeader ? [...new Set(columns.filter((column) => !known.includes(column)))] : [];
  const repeated = known.filter((column) => columns.filter((other) => other === column).length > 1);
  if (missing.length > 0 || unknown.length > 0 || repeated.length > 0) {
    const faults = [said("missing", missing), said("unknown", unknown), said("repeated", repeated)].filter(Boolean);
    throw invalid(
      `The columns are not those of ${object} (${faults.join("; ")}). Known columns: ${known.join(", ")}. ` +
        "Export exactly these, or add the column to the contract.",
      { missing, unknown, repeated },
    );
  }
  return { object, kind: KINDS[object], columns };
}

function recognise(columns: readonly string[]): CsvObject | null {
  if (columns.includes("Module__c") || columns.includes("Presentation__c")) return "enrollments";
  return columns.includes("Id") ? "contacts" : null;
}

function said(what: string, columns: readonly string[]): string {
  return columns.length === 0 ? "" : `${what}: ${columns.join(", ")}`;
}

function invalid(message: string, details: Readonly<Record<string, unknown>>): RollcallError {
  return new RollcallError("INPUT_INVALID", message, { isRetriable: false, details });
}
