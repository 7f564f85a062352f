import { describe, expect, it } from "vitest";
import { type ErrorCode, messageOf, RollcallError } from "../../platform/errors.js";
import { failureOfScript } from "./script-failure.js";

const SCRIPT = "BEGIN TRANSACTION\n;\n  INSERT INTO `silver.things` (id)\nSELECT 1\n;\nCOMMIT TRANSACTION\n;";

function failure(code: ErrorCode, message: string, details: Readonly<Record<string, unknown>>): RollcallError {
  return new RollcallError(code, message, { isRetriable: true, details });
}

describe("a failure of a script", () => {
  it("is told by its statement, its file put before it", () => {
    const error = failure("WAREHOUSE_FAILED", "silver layer:4:8: out of range", {
      origin: "silver layer",
      line: 4,
      column: 8,
      reason: "numbers",
    });
    const told = failureOfScript(error, SCRIPT, "definitions/silver/things.sqlx");
    expect(told).toMatchObject({
      code: "WAREHOUSE_FAILED",
      message:
        "definitions/silver/things.sqlx: out of range (in the statement that begins: INSERT INTO `silver.things` (id))",
      isRetriable: true,
      cause: error,
      details: { origin: "silver layer", reason: "numbers" },
    });
    expect(messageOf(failureOfScript(error, null, null))).toBe("out of range");
  });

  it("is shown by a check where the SQL does not hold", () => {
    for (const code of ["SQL_INVALID", "SQL_UNSUPPORTED"] as const) {
      const error = failure(code, "SQL:3:3: no", { origin: null, line: 3, column: 3 });
      expect(messageOf(failureOfScript(error, SCRIPT, null))).toBe("no; rollcall check says where");
    }
  });

  it("names no more of a statement than somebody reads", () => {
    const script = `SELECT ${"1, ".repeat(60)}2`;
    const error = failure("WAREHOUSE_FAILED", "SQL:1:1: no", { origin: null, line: 1, column: 1 });
    expect(messageOf(failureOfScript(error, script, null))).toBe(
      `no (in the statement that begins: ${script.slice(0, 80)}...)`,
    );
  });

  it("stays what it is without a place, and when it is none of ours", () => {
    const placeless = failure("WAREHOUSE_FAILED", "gone", {});
    expect(failureOfScript(placeless, SCRIPT, "a.sqlx")).toBe(placeless);
    const other = new Error("gone");
    expect(failureOfScript(other, SCRIPT, "a.sqlx")).toBe(other);
  });
});
