import { isoToMicros, type Micros } from "../../src/platform/clock.js";
import { RollcallError } from "../../src/platform/errors.js";
import type { Params, Row, Warehouse } from "../../src/warehouse/port.js";
import type { PlanCounts } from "./breaker.js";
import * as sql from "./statements.js";
import { SYNC_TABLES } from "./tables.js";
import type { AppendObjectSpec, ObjectSpec, StateObjectSpec } from "./target.js";

/** How far an object is. */
export interface Standing {
  readonly object: string;
  readonly watermark: Micros | null;
  readonly marker: string | null;
  /** The plan that is not finished, if there is one. */
  readonly plan: { readonly planId: string; readonly status: string; readonly holdReason: string | null } | null;
  /** Retries whose time has come. */
  readonly dueCount: number;
}

export interface HeldPlan extends PlanCounts {
  readonly planId: string;
  readonly target: string;
  readonly object: string;
  readonly holdReason: string;
  readonly plannedAt: string;
}

/** One planned effect and the row as it is now. */
export interface Job {
  readonly jobId: string;
  readonly key: string;
  readonly operation: "upsert" | "remove";
  /** The hash the plan was made for; null for facts. */
  readonly rowHash: string | null;
  readonly attempts: number;
  readonly row: Row | null;
}

/** A row that was not delivered. `superseded`: it changed since it was planned, so the next plan has it. */
export interface Failure {
  readonly jobId: string;
  readonly key: string;
  readonly operation: "upsert" | "remove";
  readonly rowHash: string | null;
  readonly status: "rejected" | "retry" | "superseded";
  readonly reason: string;
  readonly attempts: number;
  readonly nextAttemptAt: Micros | null;
}

export interface NewPlan {
  readonly planId: string;
  readonly counts: PlanCounts;
  /** Held when not null. */
  readonly holdReason: string | null;
  readonly now: Micros;
}

/** The half-open range `(from, to]` of job positions. */
export interface Slice {
  readonly planId: string;
  readonly from: number;
  readonly to: number;
}

const JOB_COLUMNS = new Set(["job_id", "job_key", "job_operation", "job_row_hash", "job_attempts"]);

/** What was planned, sent and acknowledged, in the warehouse. Each write is one transaction. */
export class SyncLedger {
  constructor(
    private readonly warehouse: Warehouse,
    private readonly target: string,
  ) {}

  static async ensure(warehouse: Warehouse): Promise<void> {
    await warehouse.ensureTables(SYNC_TABLES);
  }

  static async held(warehouse: Warehouse): Promise<HeldPlan[]> {
    const { rows } = await warehouse.query(sql.HELD_PLANS);
    return rows.map((row) => ({
      planId: text(row, "plan_id"),
      target: text(row, "target"),
      object: text(row, "object"),
      holdReason: text(row, "hold_reason"),
      plannedAt: text(row, "planned_at"),
      sourceRows: count(row, "source_rows"),
      snapshotRows: count(row, "snapshot_rows"),
      inserts: count(row, "inserts"),
      changes: count(row, "changes"),
      removals: count(row, "removals"),
    }));
  }

  /** False when no plan of that id is held. */
  static async approve(warehouse: Warehouse, planId: string, now: Micros): Promise<boolean> {
    const result = await warehouse.execute(sql.APPROVE_PLAN, { plan_id: string(planId), now: timestamp(now) });
    return result.statements.some((statement) => statement.rows > 0);
  }

  /** Drops markers and watermarks of all targets. Snapshots stay: they say what the targets hold. */
  static async forget(warehouse: Warehouse): Promise<void> {
    await warehouse.execute(sql.FORGET);
  }

  async standing(objects: readonly string[], now: Micros): Promise<Standing[]> {
    const { rows } = await this.warehouse.query(sql.STANDING, {
      target: string(this.target),
      objects: { type: "ARRAY<STRING>", value: objects },
      now: timestamp(now),
    });
    return rows.map((row) => ({
      object: text(row, "object"),
      watermark: row.watermark === null ? null : isoToMicros(text(row, "watermark")),
      marker: nullableText(row, "marker"),
      plan:
        row.plan_id === null
          ? null
          : {
              planId: text(row, "plan_id"),
              status: text(row, "plan_status"),
              holdReason: nullableText(row, "hold_reason"),
            },
      dueCount: count(row, "due_count"),
    }));
  }

  /** Whether the object's table marks rows that left. Throws NOT_FOUND when the table is not built yet. */
  async hasRemovalMark(spec: ObjectSpec): Promise<boolean> {
    const columns = await this.warehouse.schema(spec.table);
    if (columns !== null) return columns.some((column) => column.name === "is_removed");
    const table = `${spec.table.dataset}.${spec.table.table}`;
    throw new RollcallError("NOT_FOUND", `${table} does not exist: build it with \`rollcall run\` before syncing`, {
      isRetriable: false,
    });
  }

  async countDue(spec: StateObjectSpec, hasRemovalMark: boolean, now: Micros): Promise<PlanCounts> {
    const { rows } = await this.warehouse.query(sql.countDue(spec, hasRemovalMark), this.params(spec, now));
    const row = rows[0] ?? {};
    return {
      sourceRows: count(row, "source_rows"),
      snapshotRows: count(row, "snapshot_rows"),
      inserts: count(row, "inserts"),
      changes: count(row, "changes"),
      removals: count(row, "removals"),
    };
  }

  async writePlan(spec: StateObjectSpec, hasRemovalMark: boolean, plan: NewPlan): Promise<void> {
    const { counts } = plan;
    await this.warehouse.execute(sql.writePlan(spec, hasRemovalMark), {
      ...this.params(spec, plan.now),
      plan_id: string(plan.planId),
      plan_status: string(plan.holdReason === null ? "open" : "held"),
      hold_reason: string(plan.holdReason),
      job_count: int(counts.inserts + counts.changes + counts.removals),
      source_rows: int(counts.sourceRows),
      snapshot_rows: int(counts.snapshotRows),
      inserts: int(counts.inserts),
      changes: int(counts.changes),
      removals: int(counts.removals),
    });
  }

  async clear(spec: ObjectSpec, now: Micros): Promise<void> {
    await this.warehouse.execute(sql.CLEAR, this.params(spec, now));
  }

  /** First and last position still pending; null when the plan has nothing left to send. */
  async pendingRange(planId: string): Promise<{ first: number; last: number } | null> {
    const { rows } = await this.warehouse.query(sql.PENDING_RANGE, { plan_id: string(planId) });
    const row = rows[0];
    if (!row || row.first_position === null) return null;
    return { first: count(row, "first_position"), last: count(row, "last_position") };
  }

  async finishPlan(planId: string, now: Micros): Promise<void> {
    await this.warehouse.execute(sql.FINISH_PLAN, { plan_id: string(planId), now: timestamp(now) });
  }

  async readSlice(spec: StateObjectSpec, slice: Slice): Promise<Job[]> {
    const { rows } = await this.warehouse.query(sql.readSlice(spec), sliceParams(slice));
    return rows.map((row) => jobOf(row, spec));
  }

  async acknowledgeSlice(
    spec: StateObjectSpec,
    slice: Slice,
    failures: readonly Failure[],
    isLast: boolean,
    now: Micros,
  ): Promise<void> {
    await this.warehouse.execute(sql.acknowledgeSlice(failures.length > 0, isLast), {
      ...this.params(spec, now),
      ...sliceParams(slice),
      ...failureParams(failures),
    });
  }

  async writeMarker(spec: ObjectSpec, marker: string, now: Micros): Promise<void> {
    await this.warehouse.execute(sql.WRITE_MARKER, { ...this.params(spec, now), marker: string(marker) });
  }

  async countArrivals(spec: AppendObjectSpec, watermark: Micros): Promise<{ ingestedAt: Micros; rows: number }[]> {
    const { rows } = await this.warehouse.query(sql.countArrivals(spec), { watermark: timestamp(watermark) });
    return rows.map((row) => ({
      ingestedAt: isoToMicros(text(row, "ingested_at")) ?? 0,
      rows: count(row, "row_count"),
    }));
  }

  async *readArrivals(spec: AppendObjectSpec, from: Micros, to: Micros): AsyncGenerator<Job[]> {
    const params = { window_from: timestamp(from), window_to: timestamp(to) };
    for await (const rows of this.warehouse.stream(sql.readArrivals(spec), params)) {
      yield rows.map((row) => {
        const key = String(row[spec.key]);
        const jobId = `${this.target}.${spec.object}.${key}`;
        return { jobId, key, operation: "upsert", rowHash: null, attempts: 0, row };
      });
    }
  }

  async acknowledgeArrivals(
    spec: AppendObjectSpec,
    windowTo: Micros,
    failures: readonly Failure[],
    now: Micros,
  ): Promise<void> {
    await this.warehouse.execute(sql.acknowledgeArrivals(failures.length > 0), {
      ...this.params(spec, now),
      window_to: timestamp(windowTo),
      ...failureParams(failures),
    });
  }

  async readRetries(spec: AppendObjectSpec, now: Micros): Promise<Job[]> {
    const { rows } = await this.warehouse.query(sql.readRetries(spec), this.params(spec, now));
    return rows.map((row) => jobOf(row, spec));
  }

  async acknowledgeRetries(
    spec: AppendObjectSpec,
    settled: readonly string[],
    failures: readonly Failure[],
    now: Micros,
  ): Promise<void> {
    await this.warehouse.execute(sql.acknowledgeRetries(failures.length > 0), {
      ...(failures.length > 0 ? this.params(spec, now) : {}),
      settled: { type: "ARRAY<STRING>", value: settled },
      ...failureParams(failures),
    });
  }

  private params(spec: ObjectSpec, now: Micros): Params {
    return { target: string(this.target), object: string(spec.object), now: timestamp(now) };
  }
}

function jobOf(joined: Row, spec: ObjectSpec): Job {
  const row: Record<string, unknown> = {};
  for (const [column, value] of Object.entries(joined)) if (!JOB_COLUMNS.has(column)) row[column] = value;
  return {
    jobId: text(joined, "job_id"),
    key: text(joined, "job_key"),
    operation: joined.job_operation === "remove" ? "remove" : "upsert",
    rowHash: nullableText(joined, "job_row_hash"),
    attempts: count(joined, "job_attempts"),
    row: row[spec.key] === null ? null : row,
  };
}

function sliceParams(slice: Slice): Params {
  return { plan_id: string(slice.planId), position_from: int(slice.from), position_to: int(slice.to) };
}

function failureParams(failures: readonly Failure[]): Params {
  if (failures.length === 0) return {};
  const value = failures.map((failure) => ({
    job_id: failure.jobId,
    key: failure.key,
    operation: failure.operation,
    row_hash: failure.rowHash,
    status: failure.status,
    reason: failure.reason,
    attempts: failure.attempts,
    next_attempt_at: failure.nextAttemptAt,
  }));
  return { failures: { type: sql.FAILURES_TYPE, value } };
}

function string(value: string | null): { type: string; value: string | null } {
  return { type: "STRING", value };
}

function int(value: number): { type: string; value: number } {
  return { type: "INT64", value };
}

function timestamp(value: Micros): { type: string; value: Micros } {
  return { type: "TIMESTAMP", value };
}

function text(row: Row, column: string): string {
  return String(row[column]);
}

function nullableText(row: Row, column: string): string | null {
  const value = row[column];
  return value === null || value === undefined ? null : String(value);
}

function count(row: Row, column: string): number {
  return Number(row[column] ?? 0);
}
