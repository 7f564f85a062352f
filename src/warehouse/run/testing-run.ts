import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach } from "vitest";
import { createManualClock } from "../../platform/clock.js";
import { RollcallError } from "../../platform/errors.js";
import { createDuckdbWarehouse } from "../duckdb/warehouse.js";
import type { Row, Warehouse } from "../port.js";
import { readBronzeTables } from "../project/bronze.js";
import { compileProject } from "../project/compile.js";
import { createFixtureProject, type FixtureProject } from "../project/testing.js";
import { isoOf, microsOf } from "../project/typed-value.js";
import { identityStanding } from "./identity-standing.js";
import { recordAcceptance } from "./identity-versions.js";
import { createRunner, type Runner, type RunnerDeps } from "./run.js";

/** The fixture project on a warehouse in memory, new for each test of a file. */
export interface RunScene {
  readonly fixture: FixtureProject;
  readonly warehouse: Warehouse;
  /** An empty warehouse in the place of the one there was. */
  reopen(): Promise<void>;
  /** Compiles the project as it is now. */
  runnerOf(target?: Warehouse, deps?: Partial<RunnerDeps>): Runner;
  /** Accepts the rules of identity as they are now. */
  acceptIdentity(): Promise<void>;
  /** Lands one batch on day `day` of the fixture's calendar; the window of that day ends with the next. */
  land(day: number, events: readonly Event[], table?: string): Promise<void>;
  rows(sql: string): Promise<readonly Row[]>;
  snapshot(): Promise<Record<string, readonly Row[]>>;
  /** In microseconds, by model. */
  watermarks(): Promise<Record<string, unknown>>;
  /** `run_results.json` of a run. */
  results(runId: string): Record<string, unknown>;
}

export interface Event {
  readonly id: string;
  readonly user?: string;
  readonly name?: string;
  readonly value?: string;
}

const DAY = 86_400_000_000;
export const FIRST = microsOf("2026-01-01T00:00:00Z");
export const endOf = (day: number): number => FIRST + (day + 1) * DAY;

const VARS = { runner: "rollcall" };
const QUIET = { info: () => undefined, warn: () => undefined, error: () => undefined };
const NOW_MS = Date.parse("2026-03-01T00:00:00Z");

export function useRunScene(): RunScene {
  let fixture: FixtureProject;
  let warehouse: Warehouse;
  let folder: string;
  let batch = 0;

  async function open(): Promise<void> {
    warehouse = await createDuckdbWarehouse({ file: ":memory:" });
    await warehouse.ensureTables(readBronzeTables(fixture.root));
    batch = 0;
  }

  beforeEach(async () => {
    fixture = createFixtureProject();
    folder = mkdtempSync(path.join(tmpdir(), "rollcall-results-"));
    await open();
  });
  afterEach(async () => {
    await warehouse.close();
    fixture.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  const rows: RunScene["rows"] = async (sql) => (await warehouse.query(sql)).rows;

  return {
    get fixture() {
      return fixture;
    },
    get warehouse() {
      return warehouse;
    },
    rows,
    reopen: async () => {
      await warehouse.close();
      await open();
    },
    // Each runner a little later than the one before: as in life, no two runs begin at the same instant.
    runnerOf: (target = warehouse, deps = {}) => {
      const clock = createManualClock(NOW_MS);
      const tick = { ...clock, now: () => NOW_MS + ++batch };
      return createRunner(
        { root: fixture.root, resultsFolder: folder },
        { warehouse: target, clock: tick, logger: QUIET, ...deps },
      );
    },
    acceptIdentity: async () => {
      const { fingerprint } = identityStanding(compileProject({ root: fixture.root, vars: VARS }), [], new Map());
      const acceptance = { at: NOW_MS * 1000 + ++batch, by: "operator", reason: null };
      await recordAcceptance(warehouse, { fingerprint: fingerprint ?? "", modelVersion: null, ...acceptance });
    },
    land: async (day, events, table = "website_events") => {
      const ingestedAt = FIRST + day * DAY + 1_000;
      batch += 1;
      await warehouse.land({
        batchId: `b${batch}`,
        topic: "website",
        partition: 0,
        firstOffset: batch,
        lastOffset: batch,
        ingestedAt,
        tables: {
          [table]: events.map(({ id, user = "u1", name = "visit", value }) => ({
            event_id: id,
            event_type: "track",
            occurred_at: isoOf(ingestedAt - 60_000_000),
            ingested_at: isoOf(ingestedAt),
            payload: { userId: user, event: name, value },
            identifiers: [{ type: "user_id", hmac: user }],
          })),
        },
      });
    },
    snapshot: async () => ({
      events: await rows("SELECT event_id, node_id, value FROM silver.events ORDER BY event_id"),
      days: await rows("SELECT node_id, day, event_count FROM silver.identity_days ORDER BY 1, 2"),
      nodes: await rows("SELECT node_id FROM identity.nodes ORDER BY 1"),
      totals: await rows("SELECT node_id, event_count FROM activation.act_profiles__totals ORDER BY 1"),
    }),
    watermarks: async () => {
      const found = await rows("SELECT model, UNIX_MICROS(window_to) AS micros FROM ops.watermarks ORDER BY model");
      return Object.fromEntries(found.map(({ model, micros }) => [model, micros]));
    },
    results: (runId) => JSON.parse(readFileSync(path.join(folder, runId, "run_results.json"), "utf8")),
  };
}

/** The error that a promise is rejected with. */
export async function failureOf(work: Promise<unknown>): Promise<RollcallError> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof RollcallError) return error;
  throw new Error("expected a RollcallError", { cause: error });
}
