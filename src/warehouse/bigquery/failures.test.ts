import { describe, expect, it, test } from "vitest";
import { requestFailure, statementFailure } from "./failures.js";

const PLACE = { origin: "definitions/silver/events.sqlx", position: { line: 7, column: 1 } };
const inScript = (message: string, reason = "invalidQuery") =>
  statementFailure({ reason, message }, { ...PLACE, isScript: true });
const alone = (message: string, reason = "invalidQuery") =>
  statementFailure({ reason, message }, { ...PLACE, isScript: false });

describe("a statement", () => {
  test.each([
    "Unrecognized name: emial; Did you mean email?",
    'Syntax error: Unexpected identifier "FORM"',
    "No matching signature for operator + for argument types: INT64, STRING",
    "Function not found: FOO; Did you mean floor?",
    'Table "things" must be qualified with a dataset (e.g. dataset.table).',
    "Not found: Table rollcall:silver.nothing was not found in location EU",
    "Inserted row has wrong column count; Has 2, expected 3",
    "Query column 1 has type INT64 which cannot be inserted into column a, which has type STRING",
  ])("that BigQuery does not understand keeps its words, in a script or alone: %s", (message) => {
    const expected = { code: "SQL_INVALID", isRetriable: false, message: `${PLACE.origin}:3:8: ${message}` };
    expect(inScript(`Query error: ${message} at [3:8]`)).toMatchObject(expected);
    expect(alone(`${message} at [3:8]`)).toMatchObject({ ...expected, details: { line: 3, column: 8 } });
  });

  it("that names a table nobody has is wrong, not missing", () => {
    expect(alone("Not found: Dataset rollcall:gold was not found in location EU", "notFound")).toMatchObject({
      code: "SQL_INVALID",
      message: expect.stringMatching(/^definitions\/silver\/events\.sqlx:7:1: Not found: Dataset/),
    });
  });

  test.each([
    ["division by zero: 4711 / 0", "division by zero: ..."],
    ["Bad int64 value: ada@example.com", "Bad int64 value: ..."],
    ["Invalid timestamp: 'ada@example.com'", "Invalid timestamp: ..."],
    ['Failed to parse input string "ada@example.com"', 'Failed to parse input string "..."'],
    [
      "UPDATE/MERGE must match at most one source row for each target row",
      "at most one source row for each target row",
    ],
    ["Value ada@example.com has no such field", "Value ... has no such field"],
  ])("that met bad data fails where it stands, without the data: %s", (message, words) => {
    const failure = inScript(`Query error: ${message} at [12:3]`);
    expect(failure).toMatchObject({ code: "WAREHOUSE_FAILED", isRetriable: false, details: { line: 12, column: 3 } });
    expect(failure.message).toContain(words);
    expect(failure.message).not.toMatch(/ada|4711/);
    expect(alone(message)).toMatchObject({ code: "WAREHOUSE_FAILED", details: { line: 7, column: 1 } });
  });

  test.each([
    ["Assertion failed: keys are unique at [4:1]", "keys are unique", 4],
    ["Query error: Assertion failed: keys are unique at [4:1]", "keys are unique", 4],
    ["Assertion failed", "the assertion does not hold", 7],
    ["Query error: check quality.keys failed on 12 rows at [4:1]", "check quality.keys failed on 12 rows", 4],
  ])("that asserts in vain: %s", (message, description, line) => {
    expect(inScript(message)).toMatchObject({
      code: "ASSERTION_FAILED",
      isRetriable: false,
      message: `${PLACE.origin}:${line}:1: ${description}`,
      details: { origin: PLACE.origin, description, line, column: 1 },
    });
  });

  test.each([
    [
      "Query error: Transaction is aborted due to concurrent update against table rollcall:ops.watermarks. Transaction ID: 1 at [24:9]",
      "invalidQuery",
    ],
    ["Could not serialize access to table rollcall:ops.watermarks due to concurrent update", "invalidQuery"],
    ["An internal error occurred and the request could not be completed.", "backendError"],
    ["Exceeded rate limits: too many concurrent queries", "jobRateLimitExceeded"],
    ["Quota exceeded: Your project exceeded quota for concurrent queries", "quotaExceeded"],
  ])("may do another time: %s", (message, reason) => {
    expect(inScript(message, reason)).toMatchObject({ code: "WAREHOUSE_FAILED", isRetriable: true });
  });

  test.each([
    ["stopped", "Job execution was cancelled: User requested cancellation", "CANCELLED", /cancelled/],
    [
      "bytesBilledLimitExceeded",
      "Query exceeded limit for bytes billed: 1000. 10485760 or higher required.",
      "TOO_LARGE",
      /10485760.*raise the limit/,
    ],
    [
      "accessDenied",
      "Access Denied: Table rollcall:gold.x: User does not have permission",
      "FORBIDDEN",
      /roles\/bigquery\.dataEditor/,
    ],
    ["resourcesExceeded", "Resources exceeded during query execution", "WAREHOUSE_FAILED", /Resources exceeded/],
  ])("%s is %s", (reason, message, code, words) => {
    expect(inScript(message, reason)).toMatchObject({
      code,
      isRetriable: false,
      message: expect.stringMatching(words),
    });
  });
});

describe("a request", () => {
  const failed = (status: number | null, reason: string, message = "") =>
    requestFailure({ status, reason, message, retryAfterMs: null }, "jobs.insert");

  test.each([
    [503, "backendError"],
    [500, ""],
    [429, ""],
    [403, "rateLimitExceeded"],
    [403, "quotaExceeded"],
    [null, ""],
  ])("that met %s %s is worth another", (status, reason) => {
    expect(failed(status, reason)).toMatchObject({ code: "WAREHOUSE_FAILED", isRetriable: true });
  });

  test.each([
    [401, "authError", "", "UNAUTHORIZED", /GOOGLE_APPLICATION_CREDENTIALS/],
    [null, "", "Could not load the default credentials. Browse to ...", "UNAUTHORIZED", /gcloud auth/],
    [403, "accessDenied", "Access Denied: Project rollcall", "FORBIDDEN", /roles\/bigquery\.user.*docs\/bigquery\.md/],
    [403, "somethingNew", "No.", "FORBIDDEN", /may not do this/],
    [403, "billingNotEnabled", "", "FORBIDDEN", /Billing/],
    [404, "notFound", "Not found: Project nope", "NOT_FOUND", /Check project and location/],
    [400, "invalid", "Label value is not valid", "WAREHOUSE_FAILED", /refused jobs\.insert: Label value/],
    [501, "notImplemented", "", "WAREHOUSE_FAILED", /refused/],
  ])("that met %s %s is not, and says what to do", (status, reason, message, code, words) => {
    expect(failed(status, reason, message)).toMatchObject({
      code,
      isRetriable: false,
      message: expect.stringMatching(words),
    });
  });
});
