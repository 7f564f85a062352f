import { resolve } from "node:path";
import { messageOf, RollcallError } from "../../platform/errors.js";
import { selectTests } from "../../warehouse/model-tests/select-tests.js";
import { type ListedTest, listTests } from "../../warehouse/model-tests/test-suite.js";
import { compileProject } from "../../warehouse/project/compile.js";
import { readConfig } from "../config.js";
import { openHome } from "../home.js";
import { formatCount, formatDuration } from "../print.js";
import { createTestReport, type TestResult, toJson } from "../test-report.js";
import type { Tester } from "../wiring/tester.js";
import type { BigQueryConfig } from "../wiring/warehouse.js";

export interface TestCommand {
  /** Only its cache of compiled statements is used. */
  readonly home: string;
  readonly list: boolean;
  readonly json: boolean;
  readonly failFast: boolean;
  readonly bigquery: boolean;
}

/** Throws ASSERTION_FAILED when a test fails, and INPUT_INVALID for a pattern that matches none. */
export async function test(patterns: readonly string[], options: TestCommand): Promise<void> {
  const bigquery = options.bigquery ? readBigQuery(options.home) : null;
  const project = compileProject({
    root: resolve(import.meta.dirname, "../../.."),
    vars: { runner: "rollcall" },
    ...(bigquery === null ? {} : { database: bigquery.project }),
  });
  const tests = selectTests(listTests(project), patterns);
  if (options.list) {
    print(tests, options.json);
    return;
  }
  const { openTester } = await import("../wiring/tester.js");
  const tester = await openTester({ project, cacheFolder: openHome(options.home).compiled, bigquery });
  try {
    await runAll(tests, tester, options);
  } finally {
    await tester.close();
  }
}

function readBigQuery(home: string): BigQueryConfig {
  const { warehouse } = readConfig({ ...process.env, ROLLCALL_WAREHOUSE: "bigquery" }, { home });
  return warehouse as BigQueryConfig;
}

function print(tests: readonly ListedTest[], isJson: boolean): void {
  if (isJson) {
    const rows = tests.map(({ name, file, line, kind, models, tables }) => ({
      name,
      file,
      line,
      kind,
      models,
      tables,
    }));
    process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
    return;
  }
  for (const { name, file, line } of tests) process.stdout.write(`${file}:${line}  ${name}\n`);
}

async function runAll(tests: readonly ListedTest[], tester: Tester, options: TestCommand): Promise<void> {
  const report = createTestReport({ output: process.stdout, isSilent: options.json, count: tests.length });
  const startedAt = performance.now();
  const results: TestResult[] = [];
  for (const listed of tests) {
    report.begin(listed);
    const result = await runOne(listed, tester);
    results.push(result);
    report.end(result);
    if (options.failFast && result.status === "failed") break;
  }
  const ms = performance.now() - startedAt;
  const failed = results.filter(({ status }) => status === "failed").length;
  const skipped = tests.length - results.length;
  if (options.json) process.stdout.write(`${toJson(results, { ms, skipped })}\n`);
  else {
    const counts = [`${formatCount(results.length - failed)} passed`, `${formatCount(failed)} failed`];
    if (skipped > 0) counts.push(`${formatCount(skipped)} not run`);
    process.stdout.write(`\n${counts.join(", ")} in ${formatDuration(ms)}\n`);
  }
  if (failed === 0) return;
  throw new RollcallError("ASSERTION_FAILED", `${formatCount(failed)} of ${formatCount(tests.length)} tests failed.`, {
    isRetriable: false,
  });
}

/** A test that could not run has failed, with why; the next one runs. */
async function runOne(listed: ListedTest, tester: Tester): Promise<TestResult> {
  const startedAt = performance.now();
  const result = (status: TestResult["status"], rest: Partial<TestResult>): TestResult => ({
    listed,
    status,
    ms: performance.now() - startedAt,
    ways: [],
    failures: [],
    error: null,
    ...rest,
  });
  if (listed.kind === "broken") return result("failed", { error: listed.error });
  try {
    const { ways, failures } = await tester.run(listed);
    return result(failures.length === 0 ? "passed" : "failed", { ways, failures });
  } catch (error) {
    return result("failed", { error: messageOf(error) });
  }
}
