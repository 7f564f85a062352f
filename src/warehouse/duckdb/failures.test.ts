import { expect, test } from "vitest";
import { busy, openFailure, statementFailure } from "./failures.js";

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
  expect(known.message).toMatch(/in use by process 4711 \(node\)\. If that is a command, wait/);
  expect(openFailure(lock("a place that is not told"), "w.duckdb").message).toMatch(/in use by another process\./);
});

test("who waits for the file is not told to ask again as it just did", () => {
  expect(busy("w.duckdb").message).not.toMatch(/rollcall query/);
});

test.each([
  ["Conversion Error: Could not convert string 'ana@example.com' to INT64", "'...' to INT64"],
  ["Conversion Error: Could not convert string 'Ana O'Neil' to INT64", "string '...' to INT64"],
  ["Conversion Error: Could not convert string 'Ana\nNeil' to INT64", "string '...'"],
  ['Constraint Error: Duplicate key "email: ana@example.com" violates primary key constraint', '"..." violates'],
  ["Invalid Input Error: missing ): (Ana Neil", "missing ): ..."],
  ["Invalid Input Error: invalid perl operator: (?Ana Neil", "invalid perl operator: ..."],
  ["Invalid Input Error: Pattern failed to parse, error: 'unexpected ): Ana O'Neil)'", "error: '...'"],
  ["Invalid Input Error: invalid named capture group: (?P<Ana Neil>", "invalid named capture group: ..."],
  ["Out of Range Error: ana@example.com is too much", "... is too much"],
])("values that DuckDB quotes never reach a message: %s", (words, kept) => {
  const failure = statementFailure(new Error(words), place);
  expect(failure.message).not.toMatch(/ana|neil/i);
  expect(failure.message).toContain(kept);
  expect(failure.isRetriable).toBe(false);
});
