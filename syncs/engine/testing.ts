import { createManualClock, type ManualClock } from "../../src/platform/clock.js";
import { createDuckdbWarehouse } from "../../src/warehouse/duckdb/warehouse.js";
import type { Row, Warehouse } from "../../src/warehouse/port.js";
import type { Checkpoint } from "./context.js";
import { createSyncEngine, type SyncEngine, type SyncEngineConfig, type SyncRun } from "./engine.js";
import type { ObjectReport, SyncReport } from "./report.js";
import { SYNC_TABLES } from "./tables.js";
import type { Operation, Outcome, Target, TargetSpec } from "./target.js";

const START = Date.UTC(2026, 0, 5);

/** A destination in memory that shows what was sent and answers as it is told. For tests. */
export interface MemoryTarget extends Target {
  readonly held: Map<string, string>;
  /** Every operation ever applied, in order. */
  readonly sent: Operation[];
  /** Decides outcomes; everything is synced when it is null. */
  answer: ((operation: Operation) => Outcome) | null;
  /** Thrown by the next call, once. */
  failure: Error | null;
}

export const THINGS: TargetSpec = {
  name: "memory",
  objects: [
    {
      object: "things",
      table: { dataset: "activation", table: "act_memory__things" },
      key: "thing_id",
      mode: "state",
      successor: "merged_into",
    },
  ],
};

export const FACTS: TargetSpec = {
  name: "memory_facts",
  objects: [
    {
      object: "facts",
      table: { dataset: "activation", table: "act_memory_facts__facts" },
      key: "fact_id",
      mode: "append",
    },
  ],
};

export function createMemoryTarget(spec: TargetSpec): MemoryTarget {
  const target: MemoryTarget = {
    spec,
    held: new Map(),
    sent: [],
    answer: null,
    failure: null,
    apply: async (_object, operations) => {
      const { failure } = target;
      target.failure = null;
      if (failure) throw failure;
      return operations.map((operation) => {
        target.sent.push(operation);
        const outcome: Outcome = target.answer?.(operation) ?? { key: operation.key, status: "synced" };
        if (outcome.status !== "synced") return outcome;
        if (operation.kind === "remove") target.held.delete(operation.key);
        else target.held.set(operation.key, String(operation.row?.content));
        return outcome;
      });
    },
  };
  return target;
}

/** A row of the state table. `isRemoved` rows stay in it, marked. */
export interface Thing {
  readonly id: string;
  readonly content: string;
  readonly isRemoved?: boolean;
  readonly mergedInto?: string;
}

async function makeTables(warehouse: Warehouse): Promise<void> {
  await warehouse.ensureTables([
    {
      dataset: "activation",
      table: "act_memory__things",
      columns: [
        { name: "thing_id", type: "STRING" },
        { name: "content", type: "STRING" },
        { name: "row_hash", type: "STRING" },
        { name: "is_removed", type: "BOOL" },
        { name: "merged_into", type: "STRING" },
      ],
    },
    {
      dataset: "activation",
      table: "act_memory_facts__facts",
      columns: [
        { name: "fact_id", type: "STRING" },
        { name: "content", type: "STRING" },
        { name: "ingested_at", type: "TIMESTAMP" },
      ],
    },
  ]);
}

export async function setThings(warehouse: Warehouse, things: readonly Thing[]): Promise<void> {
  const value = things.map((thing) => ({
    thing_id: thing.id,
    content: thing.content,
    is_removed: thing.isRemoved ?? false,
    merged_into: thing.mergedInto ?? null,
  }));
  await warehouse.execute(
    `DELETE FROM activation.act_memory__things WHERE TRUE;
     INSERT INTO activation.act_memory__things (thing_id, content, row_hash, is_removed, merged_into)
     SELECT t.thing_id, t.content, CONCAT("hash of ", t.content), t.is_removed, t.merged_into FROM UNNEST(@things) AS t`,
    { things: { type: "ARRAY<STRUCT<thing_id STRING, content STRING, is_removed BOOL, merged_into STRING>>", value } },
  );
}

export async function addFacts(warehouse: Warehouse, ingestedAt: number, ids: readonly string[]): Promise<void> {
  await warehouse.execute(
    `INSERT INTO activation.act_memory_facts__facts (fact_id, content, ingested_at)
     SELECT id, CONCAT("content of ", id), @ingested_at FROM UNNEST(@ids) AS id`,
    { ids: { type: "ARRAY<STRING>", value: ids }, ingested_at: { type: "TIMESTAMP", value: ingestedAt } },
  );
}

/** What a destination should hold. */
export function wanted(things: readonly Thing[]): Map<string, string> {
  return new Map(things.filter((thing) => !thing.isRemoved).map((thing) => [thing.id, thing.content]));
}

export interface EngineOptions {
  readonly warehouse: Warehouse;
  readonly target: Target;
  readonly clock: ManualClock;
  readonly config?: SyncEngineConfig;
  readonly checkpoint?: Checkpoint;
}

/** An engine with small batches, as after a restart: it knows nothing but what is in the warehouse. */
export function startEngine(options: EngineOptions): SyncEngine {
  return createSyncEngine(
    { batchRows: 2, acknowledgeRows: 3, ...options.config },
    {
      warehouse: options.warehouse,
      targets: [options.target],
      clock: options.clock,
      random: () => 0.5,
      logger: { info: () => {}, warn: () => {} },
      metrics: { synced: () => {} },
      ...(options.checkpoint ? { checkpoint: options.checkpoint } : {}),
    },
  );
}

/** A warehouse in memory with a target of its own, emptied between tests. */
export interface Scene {
  readonly warehouse: Warehouse;
  clock: ManualClock;
  target: MemoryTarget;
  /** One run of an engine with one object. Time passes before it. */
  run(engine: SyncEngine, options?: SyncRun): Promise<ObjectReport>;
  /** The same, of an engine as after a restart. */
  sync(options?: Partial<EngineOptions>, marker?: string): Promise<ObjectReport>;
  rows(sql: string): Promise<readonly Row[]>;
  /** Empties every table and starts over with a new target and clock. */
  forget(): Promise<void>;
  close(): Promise<void>;
}

export async function openScene(spec: TargetSpec): Promise<Scene> {
  const warehouse = await createDuckdbWarehouse({ file: ":memory:" });
  await warehouse.ensureTables(SYNC_TABLES);
  await makeTables(warehouse);
  const tables = [
    ...SYNC_TABLES,
    ...THINGS.objects.map(({ table }) => table),
    ...FACTS.objects.map(({ table }) => table),
  ];
  const scene: Scene = {
    warehouse,
    clock: createManualClock(START),
    target: createMemoryTarget(spec),
    run: async (engine, options = {}) => {
      scene.clock.advance(1);
      return only(await engine.run(options));
    },
    sync: (options = {}, marker) => {
      const { target, clock } = scene;
      return scene.run(startEngine({ warehouse, target, clock, ...options }), marker === undefined ? {} : { marker });
    },
    rows: async (sql) => (await warehouse.query(sql)).rows,
    forget: async () => {
      await warehouse.execute(
        tables.map(({ dataset, table }) => `DELETE FROM ${dataset}.${table} WHERE TRUE`).join(";\n"),
      );
      scene.clock = createManualClock(START);
      scene.target = createMemoryTarget(spec);
    },
    close: () => warehouse.close(),
  };
  return scene;
}

function only(report: SyncReport): ObjectReport {
  const object = report.targets[0]?.objects[0];
  if (!object || report.targets.length > 1) throw new Error("expected a report of one object");
  return object;
}

/** Synced, except for one key. */
export function rejecting(key: string, status: "rejected" | "retry_later"): (operation: Operation) => Outcome {
  return (operation) =>
    operation.key === key ? { key, status, reason: "not today" } : { key: operation.key, status: "synced" };
}
