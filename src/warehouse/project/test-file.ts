import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import { messageOf, RollcallError } from "../../platform/errors.js";

/**
 * Model tests stand beside the models, in `<model>.test.yaml`: rows in, rows out.
 *
 * ```yaml
 * tests:
 *   - name: a re-sent event counts once
 *     story: A tablet that was offline sends its lesson again when in doubt.
 *     model: silver.events
 *     given:
 *       bronze.website_events:
 *         - { event_id: e1, ingested_at: 2026-01-01T00:00:00Z }
 *     arrivals:
 *       - at: 2026-01-02T00:00:00Z
 *         given: { bronze.website_events: [{ event_id: e1, ingested_at: 2026-01-01T12:00:00Z }] }
 *     columns: [event_id]
 *     expect: [{ event_id: e1 }]
 * ```
 *
 * Timestamps are ISO texts, dates "YYYY-MM-DD", NUMERIC texts, BYTES base64; JSON, arrays and structs are written as
 * they are. A column a row does not name is NULL.
 */
const rows = z.array(z.record(z.string(), z.unknown()));
const given = z.record(z.string(), rows);
const names = z.array(z.string()).min(1);

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
    at: z.iso.datetime({ offset: true }).optional(),
    given: given.default({}),
    arrivals: z.array(z.strictObject({ at: z.iso.datetime({ offset: true }), given: given.default({}) })).default([]),
    /** Compares only these; all columns otherwise. */
    columns: z.union([names, z.record(z.string(), names)]).optional(),
    /** The rows of `model`, or of each table of `run`. */
    expect: z.union([rows, given]),
  })
  .refine((test) => (test.model === undefined) !== (test.run === undefined), "name either model or run")
  .refine((test) => Array.isArray(test.expect) === (test.run === undefined), "expect: rows for model, tables for run")
  .refine((test) => test.run === undefined || !Array.isArray(test.columns), "columns: a list per table for run");

const testFile = z.strictObject({ tests: z.array(modelTest).min(1) });

export type TestRows = readonly Readonly<Record<string, unknown>>[];

export interface ModelTest {
  readonly name: string;
  readonly story: string;
  /** In the order they run. */
  readonly models: readonly string[];
  readonly vars: Readonly<Record<string, string>>;
  /** Inputs that are there from the beginning. */
  readonly given: Readonly<Record<string, TestRows>>;
  /** At least one; without arrivals in the file, an empty one at the end of time. */
  readonly arrivals: readonly { readonly at: string; readonly given: Readonly<Record<string, TestRows>> }[];
  /** By table. */
  readonly columns: Readonly<Record<string, readonly string[]>>;
  readonly expect: Readonly<Record<string, TestRows>>;
}

const END_OF_TIME = "2100-01-01T00:00:00Z";

/** Throws INPUT_INVALID with the file and what is wrong with it. */
export function readModelTests(file: string): ModelTest[] {
  try {
    return testFile.parse(parse(readFileSync(file, "utf8"))).tests.map(readTest);
  } catch (error) {
    const message = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error);
    throw new RollcallError("INPUT_INVALID", `${file}: ${message}`, { isRetriable: false, cause: error });
  }
}

function readTest(test: z.infer<typeof modelTest>): ModelTest {
  const models = test.run ?? [test.model ?? ""];
  const only = models[0] ?? "";
  const { name, story, vars, expect, columns } = test;
  return {
    name,
    story,
    models,
    vars,
    given: test.given,
    arrivals: test.arrivals.length > 0 ? test.arrivals : [{ at: test.at ?? END_OF_TIME, given: {} }],
    columns: Array.isArray(columns) ? { [only]: columns } : (columns ?? {}),
    expect: Array.isArray(expect) ? { [only]: expect } : expect,
  };
}
