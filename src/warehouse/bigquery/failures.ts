import { RollcallError } from "../../platform/errors.js";
import { located } from "../googlesql/analyzer.js";
import type { SourcePosition } from "../googlesql/lexer.js";
import { readCheckFailure } from "../project/script.js";
import type { ErrorProto } from "./api.js";

/** What BigQuery refused, told apart by its `reason`, as https://cloud.google.com/bigquery/docs/error-messages lists them. */

/** Nothing of the request's own: the same again may do. A job that failed by one of these had no effect. */
const MAY_PASS = new Set([
  "backendError",
  "internalError",
  "jobBackendError",
  "jobInternalError",
  "jobRateLimitExceeded",
  "quotaExceeded",
  "rateLimitExceeded",
  "tableUnavailable",
]);

/** BigQuery cancels one of two transactions that change the same table, and calls that an invalid query. */
const CONFLICT = /aborted due to concurrent update|Could not serialize access to table/i;

const HELP = "See docs/bigquery.md.";

/** What an HTTP request ran into. */
export interface RequestFailure extends ErrorProto {
  /** Null when there was no answer at all. */
  readonly status: number | null;
  readonly retryAfterMs: number | null;
}

const NO_CREDENTIALS = /default credentials|invalid_grant|invalid_client|\bENOENT\b|private.key|\bPEM\b/i;

/**
 * A failed request as an error of ours; `what` is what was asked, for the reader: "jobs.insert". The client's own error is not kept
 * as a cause: it holds the request with its credentials.
 */
export function requestFailure(failure: RequestFailure, what: string): RollcallError {
  const { status, reason = "", message = "", retryAfterMs } = failure;
  const details = { reason, status, ...(retryAfterMs === null ? {} : { retryAfterMs }) };
  if (status === 401 || NO_CREDENTIALS.test(message)) {
    return new RollcallError(
      "UNAUTHORIZED",
      `BigQuery knows no credentials for ${what}. Set GOOGLE_APPLICATION_CREDENTIALS to a key file, or run ` +
        `\`gcloud auth application-default login\`. ${HELP}`,
      { isRetriable: false, details },
    );
  }
  const isTransient = MAY_PASS.has(reason) || CONFLICT.test(message) || isDown(status);
  if (isTransient) {
    const said = status === null ? `did not answer ${what}: ${message}` : `answered ${what} with ${status} ${reason}`;
    return new RollcallError("WAREHOUSE_FAILED", `BigQuery ${said}`.trim(), { isRetriable: true, details });
  }
  const known = reasonFailure({ reason, message }, what, status);
  if (known !== null) return known;
  return new RollcallError("WAREHOUSE_FAILED", `BigQuery refused ${what}: ${withoutData(message)}`, {
    isRetriable: false,
    details,
  });
}

/** No answer, or from a server in trouble. */
function isDown(status: number | null): boolean {
  return status === null || status === 408 || status === 429 || (status >= 500 && status !== 501);
}

/** Refusals that say the same wherever they happen. */
function reasonFailure(error: ErrorProto, what: string, status: number | null): RollcallError | null {
  const { reason = "", message = "" } = error;
  const fail = (code: RollcallError["code"], text: string): RollcallError =>
    new RollcallError(code, text, { isRetriable: false, details: { reason } });
  switch (reason) {
    case "accessDenied":
    case "forbidden":
      return fail(
        "FORBIDDEN",
        `The account may not do this in BigQuery (${what}): ${withoutData(message)} Grant it roles/bigquery.user on the ` +
          `project and roles/bigquery.dataEditor on the datasets. ${HELP}`,
      );
    case "billingNotEnabled":
      return fail("FORBIDDEN", `Billing is not enabled for the project (${what}): enable it, DML needs it. ${HELP}`);
    case "bytesBilledLimitExceeded":
      return fail(
        "TOO_LARGE",
        `The query would be billed more than maximumBytesBilled allows: ${message} Narrow what it reads, or raise the limit.`,
      );
    case "stopped":
    case "timeout":
      return fail("CANCELLED", `The job was cancelled, or ran longer than jobTimeoutMs: ${withoutData(message)}`);
    case "notFound":
      return fail(
        "NOT_FOUND",
        `BigQuery does not find what ${what} names: ${message} Check project and location (a job or dataset of another ` +
          `location is not found either). ${HELP}`,
      );
    default:
      return status === 403 ? reasonFailure({ ...error, reason: "accessDenied" }, what, null) : null;
  }
}

export interface StatementPlace {
  readonly origin?: string | undefined;
  /** Where the failed statement begins, for messages that name no place. */
  readonly position: SourcePosition;
  /** In a script BigQuery names a place for whatever fails; elsewhere only for what it could not understand. */
  readonly isScript: boolean;
}

/** What BigQuery could not understand. Everything else is data or circumstance, whose words may quote rows. */
const MISUNDERSTOOD = new RegExp(
  "^(?:Invalid value: )?(?:Syntax error|Unrecognized name|Undeclared variable|(?:Aggregate )?[Ff]unction not found|" +
    "No matching signature|Table(?: name)? \\S+ (?:must be qualified|missing dataset|does not exist)|" +
    "Not found: (?:Table|Dataset|Routine|Function)|Type not found|Name \\S+ (?:not found|is ambiguous)|" +
    "Column (?:name )?\\S+ (?:is|in|not|of)|Field name \\S+ does not|Query column|Query parameter|Duplicate (?:column|table|alias)|" +
    "Inserted row has wrong column count|INSERT (?:has|missing)|Value (?:of type|has type)|Required column|" +
    "SELECT list|Star expansion|Scalar subquery cannot have|Operands of|Cannot (?:access field|coerce|GROUP BY)|" +
    "Grouping by|Partitioning by|Expression references|Use of CREATE TEMPORARY TABLE)",
);

/** What a job or an immediate refusal of its SQL says, as an error that names file, line and column. */
export function statementFailure(error: ErrorProto, place: StatementPlace): RollcallError {
  const reason = error.reason ?? "";
  const { words, named } = takePosition(error.message ?? "");
  const position = named ?? place.position;
  const details = { origin: place.origin ?? null, ...position, reason };
  const fail = (code: RollcallError["code"], text: string, isRetriable = false): RollcallError =>
    new RollcallError(code, located(place.origin, position, text), { isRetriable, details });
  if (CONFLICT.test(words)) return fail("WAREHOUSE_FAILED", "Another transaction changed the same table", true);
  if (MAY_PASS.has(reason)) return fail("WAREHOUSE_FAILED", withoutData(words), true);
  const description = assertionOf(words);
  if (description !== null) {
    return new RollcallError("ASSERTION_FAILED", located(place.origin, position, description), {
      isRetriable: false,
      details: { ...details, description },
    });
  }
  const isNamed = reason === "notFound" && /^Not found: (?:Table|Dataset|Routine)/.test(words);
  const isQuery = reason === "invalidQuery" || reason === "invalid";
  const isMisunderstood = MISUNDERSTOOD.test(words) || (!place.isScript && named !== null);
  if (isNamed || (isQuery && isMisunderstood)) return fail("SQL_INVALID", words);
  return reasonFailure(error, "the query", null) ?? fail("WAREHOUSE_FAILED", withoutData(words));
}

/** BigQuery ends a message with "at [3:8]", and begins it with "Query error: " when the statement stands in a script. */
function takePosition(message: string): { readonly words: string; readonly named: SourcePosition | null } {
  const text = message.replace(/^Query error: /, "");
  const [, words, line, column] = /^([\s\S]*?);? at \[(\d+):(\d+)\]$/.exec(text.trim()) ?? [];
  return words === undefined
    ? { words: text, named: null }
    : { words, named: { line: Number(line), column: Number(column) } };
}

/** The description of a failed ASSERT, or the words of a check that counts the rows it failed on. */
function assertionOf(words: string): string | null {
  const failed = /^Assertion failed(?:: ([\s\S]+))?$/.exec(words);
  if (failed !== null) return failed[1] ?? "the assertion does not hold";
  return words.startsWith("check ") && readCheckFailure(words) !== null ? words : null;
}

/** BigQuery's words without data: it quotes the value that did not convert or divide, and rows are personal. */
export function withoutData(message: string): string {
  const [line = ""] = message.split("\n");
  return line
    .replace(/'(?:[^']|'')*'/g, "'...'")
    .replace(/"(?:[^"]|"")*"/g, '"..."')
    .replace(/\S+@\S+/g, "...")
    .replace(/-?\d[\d.]{6,}/g, "...")
    .replace(
      /((?:Bad|Invalid|Malformed|Failed|Could not|Cannot|Unable|division by zero|overflow)[^:]*:).*$/i,
      "$1 ...",
    );
}
