import { expect, test } from "vitest";
import { openFailure, statementFailure } from "./failures.js";

const place = { origin: "m.sqlx", position: { line: 3, column: 7 } };

test("a full disk is said as such, and is worth another try", () => {
  const message = 'IO Error: Could not write file "/data/warehouse.duckdb.wal": No space left on device';
  const failure = statementFailure(new Error(message), place);
  expect(failure).toMatchObject({ code: "WAREHOUSE_FAILED", isRetriable: true });
  expect(failure.message).toBe(
    "m.sqlx:3:7: the statement stopped: no space is left on the disk. What had committed stays. Free some, then run it again.",
  );
  expect(openFailure(new Error(message), "w.duckdb").message).toMatch(/w\.duckdb cannot be opened: no space is left/);
});

test("who has the file is named where the system tells", () => {
  const lock = (by: string) =>
    new Error(`IO Error: Could not set lock on file "w.duckdb": Conflicting lock is held in ${by}`);
  const known = openFailure(lock("/usr/bin/node (PID 4711). See also https://..."), "w.duckdb");
  expect(known).toMatchObject({ code: "WAREHOUSE_BUSY", details: { pid: 4711 } });
  expect(known.message).toMatch(/in use by process 4711 \(node\)\. Ask the engine/);
  expect(openFailure(lock("a place that is not told"), "w.duckdb").message).toMatch(/in use by another process\./);
});

test("values that DuckDB quotes never reach a message", () => {
  const failure = statementFailure(
    new Error("Conversion Error: Could not convert string 'ana@example.com' to INT64"),
    place,
  );
  expect(failure.message).not.toContain("ana@");
  expect(failure.isRetriable).toBe(false);
});
