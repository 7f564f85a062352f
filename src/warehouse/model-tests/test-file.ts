import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { messageOf, RollcallError } from "../../platform/errors.js";
import { type Fixtures, parseYamlFile, type WrittenFixture, type YamlFile, type YamlPath } from "./fixture.js";

/**
 * Model tests stand beside the models, in `<model>.test.yaml`: rows in, rows out.
 *
 * ```yaml
 * tests:
 *   - name: a re-sent event counts once
 *     story: A tablet that was offline sends its lesson again when in doubt.
 *     model: silver.events
 *     arrivals:
 *       - at: 2026-01-02T00:00:00Z
 *         given: { bronze.website_events: [{ event_id: e1 }] }
 *       - at: 2026-01-03T00:00:00Z
 *         given: { bronze.website_events: [{ event_id: e1 }] }
 *     columns: [event_id]
 *     expect: [{ event_id: e1 }]
 * ```
 *
 * Timestamps are ISO texts, dates "YYYY-MM-DD", NUMERIC texts, BYTES base64; JSON, arrays and structs are written as
 * they are. A column a row does not name is NULL, except the one by which the model bounds its window (`ingested_at`):
 * that follows the arrival. Rows may also be a query: `silver.events: { sql: "SELECT ..." }`, or only the text.
 */
const fixture = z.union(
  [z.array(z.record(z.string(), z.unknown())), z.string().min(1), z.strictObject({ sql: z.string().min(1) })],
  "give rows, or a query as a text or { sql: ... }",
);
const tableId = z.string().regex(/^\w+\.\w+$/, "a table is written dataset.name");
const given = z.record(tableId, fixture);
const names = z.array(z.string()).min(1);
const instant = z.iso.datetime({ offset: true });

const modelTest = z
  .strictObject({
    name: z.string().min(1),
    /** What the rows are about. */
    story: z.string().min(1),
    /** The one model under test; or `run`, for several in their order. */
    model: z.string().optional(),
    run: names.optional(),
    vars: z.record(z.string(), z.string()).default({}),
    /** The window's end for `given` when there are no arrivals. */
    at: instant.optional(),
    given: given.default({}),
    arrivals: z.array(z.strictObject({ at: instant, given: given.default({}) })).default([]),
    /** `any`: the rows come out the same in whatever order they arrive. `fixed`: they do not, and `reason` says why. */
    order: z.enum(["any", "fixed"]).optional(),
    reason: z.string().min(1).optional(),
    /** Compares only these; all columns otherwise. */
    columns: z.union([names, z.record(tableId, names)]).optional(),
    /** The rows of `model`, or of each table of `run`. */
    expect: z.union([fixture, given], "expect rows, a query, or for run: rows or a query by table"),
  })
  .refine((test) => (test.model === undefined) !== (test.run === undefined), "name either model or run")
  .refine(
    (test) => isFixture(test.expect) === (test.run === undefined),
    "expect: rows or a query for model, tables for run",
  )
  .refine((test) => test.run === undefined || !Array.isArray(test.columns), "columns: a list per table for run")
  .refine((test) => (test.order === "fixed") === (test.reason !== undefined), "order: fixed and reason go together");

const testFile = z
  .strictObject({ tests: z.array(modelTest).min(1) })
  .refine(({ tests }) => new Set(tests.map(({ name }) => name)).size === tests.length, "two tests have one name");

export interface Arrival {
  /** The end of the window that takes it in. */
  readonly at: string;
  readonly given: Fixtures;
}

export interface ModelTest {
  readonly name: string;
  readonly story: string;
  /** The file's path as it was given, "definitions/silver/events.test.yaml". */
  readonly file: string;
  /** The file and the test's line in it. */
  readonly place: string;
  /** In the order they run. */
  readonly models: readonly string[];
  readonly vars: Readonly<Record<string, string>>;
  /** Inputs that are there from the beginning. */
  readonly given: Fixtures;
  /** Rising. None: all of `given` is one arrival, taken in at `at`. */
  readonly arrivals: readonly Arrival[];
  readonly at: string;
  /** Null: the rows themselves tell whether their order is free. */
  readonly order: "any" | "fixed" | null;
  /** By table. */
  readonly columns: Readonly<Record<string, readonly string[]>>;
  readonly expect: Fixtures;
}

const END_OF_TIME = "2100-01-01T00:00:00Z";

/** The test files beside the models, as paths inside `root`, in their order. */
export function findTestFiles(root: string): string[] {
  const entries = readdirSync(path.join(root, "definitions"), { recursive: true, encoding: "utf8" });
  return entries
    .filter((entry) => entry.endsWith(".test.yaml"))
    .map((entry) => path.posix.join("definitions", ...entry.split(path.sep)))
    .sort();
}

/** Reads the tests of `file`, a path inside `root`. Throws INPUT_INVALID with file and line for each problem. */
export function readModelTests(root: string, file: string): ModelTest[] {
  const yaml = parseYamlFile(file, readText(root, file));
  const parsed = testFile.safeParse(yaml.value);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => problemOf(issue, yaml));
    throw invalid(problems.join("\n"), parsed.error);
  }
  return parsed.data.tests.map((test, index) => readTest(test, file, yaml, ["tests", index]));
}

/** A wrong key stands at its own line, and is told by what a key has to be. */
function problemOf(issue: z.core.$ZodIssue, yaml: YamlFile): string {
  const at = issue.path.filter((part) => typeof part !== "symbol");
  if (issue.code === "unrecognized_keys") return `${yaml.place([...at, issue.keys[0] ?? ""])}: ${issue.message}`;
  const message = issue.code === "invalid_key" ? (issue.issues[0]?.message ?? issue.message) : issue.message;
  return `${yaml.place(at)}: ${message}`;
}

function readText(root: string, file: string): string {
  try {
    return readFileSync(path.resolve(root, file), "utf8");
  } catch (error) {
    throw invalid(`${file}: ${messageOf(error)}`, error);
  }
}

function readTest(test: z.infer<typeof modelTest>, file: string, yaml: YamlFile, at: YamlPath): ModelTest {
  const models = test.run ?? [test.model ?? ""];
  const only = models[0] ?? "";
  const { name, story, vars, columns, order } = test;
  const fixtures = (tables: Readonly<Record<string, WrittenFixture>>, path: YamlPath): Fixtures =>
    Object.fromEntries(Object.entries(tables).map(([id, rows]) => [id, yaml.fixture(rows, [...path, id])]));
  const place = yaml.place(at);
  const arrivals = test.arrivals.map((arrival, index) => ({
    at: arrival.at,
    given: fixtures(arrival.given, [...at, "arrivals", index, "given"]),
  }));
  for (const [index, arrival] of arrivals.entries()) {
    const before = arrivals[index - 1];
    if (before === undefined || Date.parse(before.at) < Date.parse(arrival.at)) continue;
    throw invalid(
      `${yaml.place([...at, "arrivals", index, "at"])}: arrivals come one after another: ${before.at} is no earlier`,
    );
  }
  return {
    name,
    story,
    file,
    place,
    models,
    vars,
    given: fixtures(test.given, [...at, "given"]),
    arrivals,
    at: test.at ?? END_OF_TIME,
    order: order ?? null,
    columns: Array.isArray(columns) ? { [only]: columns } : (columns ?? {}),
    expect: isFixture(test.expect)
      ? { [only]: yaml.fixture(test.expect, [...at, "expect"]) }
      : fixtures(test.expect, [...at, "expect"]),
  };
}

/** Rows or a query, and not several of them by table: a table's id has a dot in it. */
function isFixture(written: WrittenFixture | Readonly<Record<string, WrittenFixture>>): written is WrittenFixture {
  return typeof written === "string" || Array.isArray(written) || "sql" in written;
}

function invalid(message: string, cause?: unknown): RollcallError {
  return new RollcallError("INPUT_INVALID", message, { isRetriable: false, cause });
}
