import type { Writable } from "node:stream";
import pc from "picocolors";
import { failureLines } from "../warehouse/diff/diff-text.js";
import type { TestFailure } from "../warehouse/model-tests/model-test.js";
import type { ListedTest } from "../warehouse/model-tests/test-suite.js";
import { formatDuration } from "./print.js";

export interface TestResult {
  readonly listed: ListedTest;
  readonly status: "passed" | "failed";
  readonly ms: number;
  readonly ways: readonly string[];
  readonly failures: readonly TestFailure[];
  /** Why it could not run at all. */
  readonly error: string | null;
}

/** One line per test, what differs below those that fail; on a terminal also the test that is running. */
export interface TestReport {
  begin(test: ListedTest): void;
  end(result: TestResult): void;
}

export interface TestReportConfig {
  readonly output: Writable & { readonly isTTY?: boolean };
  readonly isSilent: boolean;
  readonly count: number;
}

const CLEAR_LINE = "\r\x1b[2K";

export function createTestReport({ output, isSilent, count }: TestReportConfig): TestReport {
  const isTerminal = output.isTTY === true;
  const colors = pc.createColors(isTerminal && pc.isColorSupported);
  const paint = { wanted: colors.green, got: colors.red, quiet: colors.dim };
  let begun = 0;
  return {
    begin: (test) => {
      begun += 1;
      if (isTerminal && !isSilent) output.write(`${CLEAR_LINE}${colors.cyan("·")} ${begun}/${count} ${titleOf(test)}`);
    },
    end: ({ listed, status, ms, ways, failures, error }) => {
      if (isSilent) return;
      const mark = status === "passed" ? colors.green("✓") : colors.red("✗");
      const lines = [`${mark} ${titleOf(listed)}  ${colors.dim(formatDuration(ms))}`];
      if (status === "failed") lines.push(`    ${colors.dim(`${listed.file}:${listed.line}`)}`);
      if (error !== null) lines.push(...error.split("\n").map((line) => `    ${line}`));
      lines.push(...failureLines({ ways, failures }, paint).map((line) => `    ${line}`));
      output.write(`${isTerminal ? CLEAR_LINE : ""}${lines.join("\n")}\n`);
    },
  };
}

function titleOf({ name, models }: ListedTest): string {
  return models.length === 0 ? name : `${models.join(" + ")}: ${name}`;
}

export function toJson(
  results: readonly TestResult[],
  totals: { readonly ms: number; readonly skipped: number },
): string {
  const tests = results.map(({ listed, status, ms, ways, failures, error }) => ({
    name: listed.name,
    file: listed.file,
    line: listed.line,
    models: listed.models,
    status,
    ms: Math.round(ms),
    ways,
    failures,
    error,
  }));
  const failed = results.filter(({ status }) => status === "failed").length;
  const counts = { passed: results.length - failed, failed, skipped: totals.skipped, ms: Math.round(totals.ms) };
  return JSON.stringify({ ...counts, tests }, null, 2);
}
