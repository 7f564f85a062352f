import { createHash } from "node:crypto";
import { resolve } from "node:path";
import { readErasureRules } from "../../src/cli/wiring/erasure-rules.js";
import { describe, type Trait } from "../../src/identity/normalise/features.js";
import type { IdentifierType } from "../../src/identity/normalise/types.js";
import { type Micros, microsToIso, systemClock } from "../../src/platform/clock.js";
import { type Erased, eraseProfile } from "../../src/privacy/erasure/erase.js";
import { createFolderStore } from "../../src/warehouse/duckdb/compiled-store.js";
import type { InstanceConfig } from "../../src/warehouse/duckdb/instance.js";
import { createDuckdbWarehouse } from "../../src/warehouse/duckdb/warehouse.js";
import type { Params, Row, SqlType, Warehouse } from "../../src/warehouse/port.js";
import { layerProject } from "../../src/warehouse/project/layers.js";
import { createRunner, type Runner } from "../../src/warehouse/run/run.js";

/**
 * The identity models in an empty warehouse, fed with observations and operators' decisions. No source and no landing take part, and
 * gates let everything pass: no student body is as torn as random histories.
 */

export interface Observation {
  readonly at: Micros;
  /** By the source's clock. Absent: when it arrived. */
  readonly occurredAt?: Micros;
  readonly node: string;
  readonly source: string;
  /** The first one owns the node. */
  readonly identifiers: readonly { readonly type: IdentifierType; readonly value: string }[];
  readonly traits: readonly Trait[];
}

export interface Decision {
  readonly at: Micros;
  readonly kind: "link" | "unlink" | "withdraw";
  readonly nodes: readonly [string, string];
}

export type Happening = Observation | Decision;

export interface IdentityWorld {
  /** Writes what happened. It counts from the first cycle on whose window covers it. */
  deliver(happenings: readonly Happening[]): Promise<void>;
  /** Runs the identity models up to `windowTo`, and again while nodes are pending. */
  cycle(windowTo: Micros): Promise<void>;
  /** Builds the identity tables from nothing, keeping the register. */
  rebuild(windowTo: Micros): Promise<void>;
  /** Takes a profile, or what one source knows of it, out of all tables. */
  erase(profileId: string, source: string | null, at: Micros): Promise<Erased>;
  query(sql: string, params?: Params): Promise<readonly Row[]>;
  /** What no happening brings about. */
  write(sql: string): Promise<void>;
  /** Every table there is, as "silver.events". */
  tables(): Promise<readonly string[]>;
  close(): Promise<void>;
}

const ROOT = resolve(import.meta.dirname, "../..");
const QUIET = { info: () => undefined, warn: () => undefined, error: () => undefined };
const SELECTED = ["silver", "quality", "identity"];
const REGION = "GB";
const NAMESPACE = "campus";
/** Before anything happens, and the window in which all models are made, empty. */
export const BEGINNING: Micros = Date.UTC(2026, 0, 1) * 1000;

export interface IdentityWorldConfig extends Pick<InstanceConfig, "memoryLimit"> {
  /** The project's folder. Absent: this one. */
  readonly root?: string;
  /** Absent: in memory. */
  readonly file?: string;
  /** Where translated statements are kept for the next world. */
  readonly compiledFolder: string;
}

export async function openIdentityWorld({
  compiledFolder,
  root = ROOT,
  ...config
}: IdentityWorldConfig): Promise<IdentityWorld> {
  const store = createFolderStore({ folder: compiledFolder });
  const warehouse = await createDuckdbWarehouse({ file: ":memory:", ...config, threads: 2 }, { store });
  const runner = createRunner({ root }, { warehouse, clock: systemClock, logger: QUIET });
  await runner.runCycle({ windowTo: BEGINNING, select: SELECTED });
  const rules = readErasureRules(runner.project);
  const checks = layerProject(runner.project).layers.flatMap((layer) => layer.checks);
  const accept = checks
    .filter(({ schedule, severity }) => schedule === "cycle" && severity === "error")
    .map(({ action }) => action.id);
  return {
    deliver: (happenings) => deliver(warehouse, happenings),
    cycle: (windowTo) => cycle(runner, warehouse, windowTo, accept),
    rebuild: async (windowTo) => {
      await runner.runFull({ windowTo, select: ["identity"], accept });
    },
    erase: (profileId, source, at) =>
      eraseProfile({ warehouse, rules, appended: [], now: at }, { profileId, source, isConfirmed: true }),
    query: async (sql, params) => (await warehouse.query(sql, params)).rows,
    write: async (sql) => {
      await warehouse.execute(sql);
    },
    tables: async () =>
      (await warehouse.tables())
        .filter(({ kind }) => kind === "table")
        .map(({ dataset, table }) => `${dataset}.${table}`),
    close: () => warehouse.close(),
  };
}

/** What arrived in silver was written there: its models have read all there is. */
const SILVER_READ = "UPDATE ops.watermarks SET window_to = @window_to WHERE STARTS_WITH(model, 'silver.')";

async function cycle(runner: Runner, warehouse: Warehouse, windowTo: Micros, accept: readonly string[]): Promise<void> {
  for (let end = windowTo; ; end++) {
    await warehouse.execute(SILVER_READ, { window_to: { type: "TIMESTAMP", value: end } });
    await runner.runCycle({ windowTo: end, select: ["identity"], accept, isForced: true });
    const { rows } = await warehouse.query("SELECT 1 FROM identity.pending_nodes LIMIT 1");
    if (rows.length === 0) return;
  }
}

const hash = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 32);

async function deliver(warehouse: Warehouse, happenings: readonly Happening[]): Promise<void> {
  const observations = happenings.filter((happening) => "node" in happening);
  await insert(
    warehouse,
    "silver.identifier_observations",
    {
      event_key: "STRING",
      event_id: "STRING",
      node_id: "STRING",
      source: "STRING",
      namespace: "STRING",
      type: "STRING",
      hmac: "STRING",
      value: "STRING",
      role: "STRING",
      is_owner: "BOOL",
      is_blocked: "BOOL",
      occurred_at: "TIMESTAMP",
      ingested_at: "TIMESTAMP",
    },
    observations.flatMap((observation) =>
      observation.identifiers.map(({ type, value }, position) => ({
        ...factOf(observation),
        namespace: NAMESPACE,
        type,
        hmac: hash(`${type} ${value}`),
        value,
        role: "own",
        is_owner: position === 0,
        is_blocked: false,
        occurred_at: microsToIso(observation.occurredAt ?? observation.at),
      })),
    ),
  );
  await insert(
    warehouse,
    "silver.feature_observations",
    {
      event_key: "STRING",
      event_id: "STRING",
      node_id: "STRING",
      source: "STRING",
      field: "STRING",
      value: "STRING",
      observed_at: "TIMESTAMP",
      ingested_at: "TIMESTAMP",
    },
    observations.flatMap((observation) =>
      describe(observation.traits, REGION).map(({ field, value }) => ({
        ...factOf(observation),
        field,
        value,
        observed_at: microsToIso(observation.at),
      })),
    ),
  );
  await insert(
    warehouse,
    "identity.decisions",
    {
      decision_id: "STRING",
      kind: "STRING",
      node_a: "STRING",
      node_b: "STRING",
      decided_at: "TIMESTAMP",
      decided_by: "STRING",
      reason: "STRING",
    },
    happenings.flatMap((happening) => {
      if ("node" in happening) return [];
      const { at, kind, nodes } = happening;
      const row = { kind, node_a: nodes[0], node_b: nodes[1], decided_by: "operator", reason: "asked by phone" };
      return [{ ...row, decision_id: hash(`${at} ${nodes.join(" ")}`), decided_at: microsToIso(at) }];
    }),
  );
}

function factOf({ at, node, source }: Observation): Row {
  const id = hash(`${at} ${node}`);
  return { event_key: `${source}:${id}`, event_id: id, node_id: node, source, ingested_at: microsToIso(at) };
}

/** Timestamps travel as text: rows go as one list. */
async function insert(
  warehouse: Warehouse,
  table: string,
  columns: Readonly<Record<string, SqlType>>,
  rows: readonly Row[],
): Promise<void> {
  if (rows.length === 0) return;
  const names = Object.keys(columns);
  const type = names.map((name) => `${name} ${columns[name] === "TIMESTAMP" ? "STRING" : columns[name]}`).join(", ");
  const values = names.map((name) => (columns[name] === "TIMESTAMP" ? `TIMESTAMP(r.${name})` : `r.${name}`));
  await warehouse.execute(
    `INSERT INTO ${table} (${names.join(", ")}) SELECT ${values.join(", ")} FROM UNNEST(@rows) AS r`,
    {
      rows: { type: `ARRAY<STRUCT<${type}>>`, value: rows },
    },
  );
}
