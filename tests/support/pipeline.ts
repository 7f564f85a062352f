import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createLanding, EMBEDDED_LANDING } from "../../loaders/landing/landing.js";
import { SOURCES } from "../../loaders/record.js";
import { createEventSink } from "../../loaders/sink.js";
import { type Clock, type Micros, systemClock } from "../../src/platform/clock.js";
import { createSqliteDocuments } from "../../src/platform/documents/sqlite.js";
import { createLocalEventLog } from "../../src/platform/eventlog/local.js";
import { createMetrics } from "../../src/platform/telemetry/metrics.js";
import { createDuckdbWarehouse } from "../../src/warehouse/duckdb/warehouse.js";
import type { Column, Row, Warehouse } from "../../src/warehouse/port.js";
import { createRunner, type Runner } from "../../src/warehouse/run/run.js";
import type { Arrival } from "./arrivals.js";

/** Landing and models in this process, with the product's own adapters and a clock that the test moves. */
const PROJECT = resolve(import.meta.dirname, "../..");
const QUIET = { info: () => undefined, warn: () => undefined, error: () => undefined };
const DERIVED = ["silver", "identity", "gold", "activation", "quality"];
/** Bookkeeping of the runner, not derived from arrivals. */
const BOOKKEEPING = new Set(["quality.check_results"]);

export interface Delivery {
  readonly arrivals: readonly Arrival[];
  /** How long what was received waits until landing takes it up. */
  readonly waitMs: number;
}

export interface Bronze {
  /** A warehouse file that holds bronze and nothing else. */
  readonly file: string;
  /** Where a cycle after each delivery would read up to. */
  readonly boundaries: readonly Micros[];
  dispose(): void;
}

/** Sends deliveries through the event log and landing into a new warehouse. No model runs. */
export async function landDeliveries(deliveries: readonly Delivery[], startMs: number): Promise<Bronze> {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-bronze-"));
  let nowMs = startMs;
  // Landing may wait as often as it likes; only the test lets time pass.
  const clock: Clock = { now: () => nowMs, sleep: (_, signal) => systemClock.sleep(1, signal) };
  const file = join(folder, "warehouse.duckdb");
  const log = createLocalEventLog({ file: join(folder, "log.sqlite") }, { clock });
  const documents = createSqliteDocuments({ file: join(folder, "documents.sqlite") });
  const warehouse = await openWarehouse(file);
  const metrics = createMetrics();
  const sink = createEventSink({ log, objects: { put: async () => ({ bytes: 0 }) }, metrics });
  const landing = createLanding(EMBEDDED_LANDING, { log, warehouse, documents, clock, logger: QUIET, metrics });
  const boundaries: Micros[] = [];
  await landing.start();
  for (const { arrivals, waitMs } of deliveries) {
    if (waitMs > 0) await landing.idle();
    for (const source of SOURCES) {
      await sink.append(
        source,
        arrivals.filter((arrival) => arrival.source === source).map(({ item }) => item),
      );
    }
    nowMs += waitMs;
    await landing.idle();
    boundaries.push(landing.closedUpTo());
    nowMs += 60_000;
  }
  await landing.stop();
  await log.close();
  await documents.close();
  await warehouse.close();
  return { file, boundaries, dispose: () => rmSync(folder, { recursive: true }) };
}

function openWarehouse(file: string): Promise<Warehouse> {
  return createDuckdbWarehouse({ file, memoryLimit: "512MB", threads: 2 });
}

export interface Built {
  readonly warehouse: Warehouse;
  readonly runner: Runner;
  dispose(): Promise<void>;
}

/** A copy of the bronze file with the models' runner. */
export async function openCopy(bronze: Bronze): Promise<Built> {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-built-"));
  const file = join(folder, "warehouse.duckdb");
  cpSync(bronze.file, file);
  const warehouse = await openWarehouse(file);
  return {
    warehouse,
    runner: createRunner({ root: PROJECT }, { warehouse, clock: systemClock, logger: QUIET }),
    dispose: async () => {
      await warehouse.close();
      rmSync(folder, { recursive: true });
    },
  };
}

export interface TableContent {
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
}
export type Snapshot = ReadonlyMap<string, TableContent>;

/** Every table and view that models make. */
export async function takeSnapshot({ warehouse }: Pick<Built, "warehouse">): Promise<Snapshot> {
  const content = new Map<string, TableContent>();
  for (const { dataset, table } of await warehouse.tables()) {
    const name = `${dataset}.${table}`;
    if (!DERIVED.includes(dataset) || BOOKKEEPING.has(name)) continue;
    content.set(name, await warehouse.query(`SELECT * FROM \`${dataset}\`.\`${table}\``));
  }
  return content;
}

/** What the models made in the home of a product that is not running. */
export async function readWarehouse(home: string): Promise<Snapshot> {
  const warehouse = await openWarehouse(join(home, "warehouse.duckdb"));
  try {
    return await takeSnapshot({ warehouse });
  } finally {
    await warehouse.close();
  }
}

function countRows(rows: readonly Row[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const row of rows) {
    const text = JSON.stringify(row, (_, value: unknown) => (typeof value === "bigint" ? `${value}n` : value));
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return counts;
}

const SHOWN = 3;

/** Rows that only one of the two has, table by table, without regard to order. Empty when they hold the same. */
export function differences(expected: Snapshot, actual: Snapshot): string[] {
  const problems: string[] = [];
  for (const name of new Set([...expected.keys(), ...actual.keys()])) {
    const left = countRows(expected.get(name)?.rows ?? []);
    const right = countRows(actual.get(name)?.rows ?? []);
    const only = (these: Map<string, number>, those: Map<string, number>): string[] =>
      [...these].filter(([row, count]) => count > (those.get(row) ?? 0)).map(([row]) => row);
    const [missing, extra] = [only(left, right), only(right, left)];
    if (missing.length + extra.length === 0) continue;
    problems.push(`${name}: ${missing.length} rows missing, ${extra.length} not expected`);
    problems.push(...missing.slice(0, SHOWN).map((row) => `  missing: ${row}`));
    problems.push(...extra.slice(0, SHOWN).map((row) => `  not expected: ${row}`));
  }
  return problems;
}

/** These say in which window a row was last written: another batching writes it in another, a full refresh in the last. */
const WRITTEN_AT = new Set(["changed_at", "cut_at", "described_at", "found_at", "parked_at", "status_changed_at"]);

/**
 * The tables, without those named, with only the rows for which `keep` holds, and without the columns that only say when a
 * row was written.
 */
export function restrict(
  snapshot: Snapshot,
  left: ReadonlySet<string>,
  keep: (row: Row) => boolean = () => true,
): Snapshot {
  return new Map(
    [...snapshot]
      .filter(([name]) => !left.has(name))
      .map(([name, { columns, rows }]) => [name, { columns, rows: rows.filter(keep).map(withoutWriting) }]),
  );
}

function withoutWriting(row: Row): Row {
  return Object.fromEntries(Object.entries(row).filter(([column]) => !WRITTEN_AT.has(column)));
}
