import { SOURCES, type SourceId } from "../../loaders/record.js";
import type { Clock } from "../platform/clock.js";
import type { EventLog } from "../platform/eventlog/port.js";
import type { Row, Warehouse } from "../warehouse/port.js";
import type { IdentityStanding } from "../warehouse/run/identity-standing.js";
import { sql } from "../warehouse/sql.js";

/** Where every event is, source by source: what was accepted must be found again, to the row. */
export interface SourceStatus {
  readonly source: SourceId;
  /** Records the event log took. */
  readonly accepted: number;
  /** Rows in bronze. */
  readonly landed: number;
  readonly deadLettered: number;
  /** Events a silver model holds. */
  readonly silver: number;
  readonly duplicate: number;
  readonly quarantined: number;
}

export interface Status {
  readonly sources: readonly SourceStatus[];
  /** Null before the first run. */
  readonly profiles: number | null;
  readonly matchRate: MatchRate | null;
  readonly segments: readonly { readonly segment: string; readonly members: number }[];
  readonly checks: readonly { readonly severity: string; readonly passed: number; readonly failed: number }[];
  readonly lastRun: RunStatus | null;
  /** How the project's rules of who is whom stand to the published ones. */
  readonly identity: IdentityStanding["state"];
  readonly deadLetters: readonly { readonly reason: string; readonly count: number }[];
}

/** As quality.match_rate defines it. */
export interface MatchRate {
  /** Source identities. */
  readonly records: number;
  readonly eligible: number;
  readonly matched: number;
}

export interface RunStatus {
  readonly id: string;
  readonly status: string;
  readonly endedAt: string;
  readonly error: string | null;
}

export interface StatusDeps {
  readonly log: EventLog;
  readonly warehouse: Warehouse;
  readonly clock: Clock;
  readonly identity: () => Promise<IdentityStanding>;
}

/** Offsets start at 0 and rise without reuse: the sum of the ends is how many records the log ever took. */
async function acceptedOf(log: EventLog): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  await log.ensureTopics(SOURCES);
  for (const source of SOURCES) {
    const partitions = await log.partitions(source);
    counts.set(
      source,
      partitions.reduce((sum, partition) => sum + partition.end, 0),
    );
  }
  return counts;
}

/** Counts what the warehouse holds. Tables that no run has made yet count as nothing. */
export async function readStatus({ log, warehouse, clock, identity }: StatusDeps): Promise<Status> {
  const tables = new Set((await warehouse.tables()).map(({ dataset, table }) => `${dataset}.${table}`));
  const standing = tables.has("ops.watermarks") ? await identity() : null;
  const rowsOf = async (needs: readonly string[], sql: string, now = false): Promise<readonly Row[]> => {
    if (!needs.every((table) => tables.has(table))) return [];
    const params = now ? { now: { type: "TIMESTAMP", value: clock.now() * 1000 } } : {};
    return (await warehouse.query(sql, params)).rows;
  };
  const accepted = await acceptedOf(log);
  const landed = await rowsOf(
    ["ops.landed_batches"],
    sql`SELECT topic, SUM(row_count - dead_letter_count) AS landed, SUM(dead_letter_count) AS dead
     FROM ops.landed_batches GROUP BY topic`,
  );
  const balance = await rowsOf(
    ["quality.event_balance"],
    sql`SELECT source, SUM(silver_events) AS silver, SUM(duplicate_rows) AS duplicate, SUM(quarantined_events) AS quarantined
     FROM quality.event_balance GROUP BY source`,
  );
  const [match] = await rowsOf(
    ["quality.match_rate"],
    sql`SELECT node_count AS records, eligible_count AS eligible, matched_count AS matched FROM quality.match_rate`,
  );
  const [people] = await rowsOf(
    ["gold.profiles"],
    sql`SELECT COUNT(*) AS profiles FROM gold.profiles WHERE merged_into IS NULL`,
  );
  const segments = await rowsOf(
    ["gold.segments"],
    sql`SELECT segment, COUNTIF(is_qualified AND member_from <= @now AND @now < IFNULL(member_until, TIMESTAMP "9999-12-31")) AS members
     FROM gold.segments GROUP BY segment ORDER BY segment`,
    true,
  );
  const checks = await rowsOf(
    ["quality.check_results"],
    sql`SELECT severity, COUNTIF(failing_rows = 0) AS passed, COUNTIF(failing_rows <> 0) AS failed FROM (
       SELECT check_name, severity, failing_rows FROM quality.check_results
       QUALIFY ROW_NUMBER() OVER (PARTITION BY check_name ORDER BY checked_at DESC) = 1
     ) GROUP BY severity ORDER BY severity`,
  );
  const [run] = await rowsOf(
    ["ops.runs"],
    sql`SELECT run_id, status, ended_at, error FROM ops.runs ORDER BY ended_at DESC LIMIT 1`,
  );
  const deadLetters = await rowsOf(
    ["bronze.dead_letters"],
    sql`SELECT reason, COUNT(*) AS count FROM bronze.dead_letters GROUP BY reason ORDER BY count DESC, reason`,
  );
  const bySource = (rows: readonly Row[], key: string, source: string): Row | undefined =>
    rows.find((row) => row[key] === source);
  const count = (row: Row | undefined, name: string): number => Number(row?.[name] ?? 0);
  return {
    sources: SOURCES.map((source) => ({
      source,
      accepted: accepted.get(source) ?? 0,
      landed: count(bySource(landed, "topic", source), "landed"),
      deadLettered: count(bySource(landed, "topic", source), "dead"),
      silver: count(bySource(balance, "source", source), "silver"),
      duplicate: count(bySource(balance, "source", source), "duplicate"),
      quarantined: count(bySource(balance, "source", source), "quarantined"),
    })),
    identity: standing === null ? "unpublished" : standing.state,
    profiles: people === undefined ? null : count(people, "profiles"),
    matchRate:
      match === undefined
        ? null
        : { records: count(match, "records"), eligible: count(match, "eligible"), matched: count(match, "matched") },
    segments: segments.map((row) => ({ segment: String(row.segment), members: count(row, "members") })),
    checks: checks.map((row) => ({
      severity: String(row.severity),
      passed: count(row, "passed"),
      failed: count(row, "failed"),
    })),
    lastRun:
      run === undefined
        ? null
        : {
            id: String(run.run_id),
            status: String(run.status),
            endedAt: String(run.ended_at),
            error: run.error === null ? null : String(run.error),
          },
    deadLetters: deadLetters.map((row) => ({ reason: String(row.reason), count: count(row, "count") })),
  };
}
