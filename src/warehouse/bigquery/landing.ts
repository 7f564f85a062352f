import { createHash } from "node:crypto";
import type { Clock } from "../../platform/clock.js";
import { RollcallError } from "../../platform/errors.js";
import { type RetryConfig, retry } from "../../platform/retry.js";
import { isLanded, type LandedState } from "../landed.js";
import type { LandBatch, LandResult, Params, Row, TableName } from "../port.js";
import type { ErrorProto, JobConfiguration, TableSchema } from "./api.js";
import { statementFailure, withoutData } from "./failures.js";
import type { Jobs } from "./jobs.js";
import { toLines } from "./ndjson.js";
import type { Tables } from "./tables.js";

export interface LandingConfig {
  readonly project: string;
  readonly stagingDataset: string;
  readonly retry: RetryConfig;
}

/** Points at which a test may end the process: rows are staged, the commit has run. */
export type LandingCheckpoint = "landing_staged" | "landing_committed";

export interface LandingDeps {
  readonly jobs: Jobs;
  readonly tables: Tables;
  readonly clock: Clock;
  readonly random: () => number;
  query(sql: string, params: Params): Promise<readonly Row[]>;
  /** The configuration of a job that runs this script. */
  script(sql: string, params: Params): JobConfiguration;
  readonly checkpoint?: ((name: LandingCheckpoint) => void) | undefined;
}

export interface Landing {
  land(batch: LandBatch): Promise<LandResult>;
}

const BRONZE = "bronze";
const DEAD_LETTERS = "dead_letters";
const MAX_ATTEMPTS_SEEN = 1_000;

/** Rows of one table on their way in. */
interface Load {
  readonly table: string;
  readonly schema: TableSchema;
  readonly lines: readonly string[];
  readonly rowCount: number;
  /** Of the batch, the table and every byte: equal exactly when the effect would be. */
  readonly key: string;
}

type Step = "done" | "seen_failing";

/**
 * Lands a batch exactly once. Its rows go by load jobs into staging tables of its own; then one transaction inserts them into
 * bronze and moves the offset, or does nothing. Job ids derive from the batch, so that a repeat after a crash finds the jobs that
 * ran; the attempt in them rises only when a job is known to have failed. `ops.landed_batches` and `ops.landed_offsets` are the
 * truth: a job that says it committed is believed only when they agree.
 *
 * Throws CONFLICT when the batch overlaps landed offsets, INPUT_INVALID for a column the table does not have, NOT_FOUND without
 * the table, WAREHOUSE_FAILED for rows BigQuery refuses (none of their values in the message) and for what may pass.
 */
export function createLanding(config: LandingConfig, deps: LandingDeps): Landing {
  const { jobs, tables, clock, random } = deps;
  /** By batch, the first attempt not known to have failed. */
  const attempts = new Map<string, number>();

  const staging = (load: Load, attempt: number): TableName => ({
    dataset: config.stagingDataset,
    table: `${load.table}_${load.key}_${attempt}`,
  });

  const isStagingGone = ({ message = "" }: ErrorProto): boolean =>
    message.includes(`Not found: Table ${config.project}:${config.stagingDataset}.`);

  const prepare = async (batch: LandBatch): Promise<Load[]> => {
    const filled = Object.entries(batch.tables).filter(([, rows]) => rows.length > 0);
    const prepareOne = async ([table, rows]: (typeof filled)[number]): Promise<Load> => {
      const fields = await tables.fields({ dataset: BRONZE, table });
      if (fields === null) {
        throw new RollcallError(
          "NOT_FOUND",
          `There is no table ${BRONZE}.${table} to land in; make it with ensureTables`,
          {
            isRetriable: false,
            details: { table },
          },
        );
      }
      const { lines, rowCount } = toLines(`${BRONZE}.${table}`, fields, rows);
      return { table, schema: { fields }, lines, rowCount, key: digest([batch.batchId, table, ...lines]) };
    };
    return Promise.all(filled.map(prepareOne));
  };

  const readState = async (batch: LandBatch): Promise<LandedState> => {
    const [row] = await deps.query(STATE_SQL, batchParams(batch));
    const next = row?.next_offset ?? null;
    return { isKnown: row?.is_known === true, nextOffset: next === null ? null : Number(next) };
  };

  const stage = async (batch: LandBatch, load: Load, attempt: number): Promise<Step> => {
    const { dataset, table } = staging(load, attempt);
    const jobId = `rollcall_load_${load.key}_${attempt}`;
    const configuration: JobConfiguration = {
      load: {
        sourceFormat: "NEWLINE_DELIMITED_JSON",
        destinationTable: { projectId: config.project, datasetId: dataset, tableId: table },
        schema: load.schema,
        createDisposition: "CREATE_IF_NEEDED",
        writeDisposition: "WRITE_TRUNCATE",
      },
    };
    const { isAdopted } = await jobs.start(jobId, configuration, { upload: load.lines });
    const { status } = await jobs.awaitLoad(jobId);
    if (status?.errorResult === undefined) return "done";
    if (isAdopted) return "seen_failing";
    const { isRetriable } = statementFailure(status.errorResult, { position: START, isScript: false });
    throw failedBatch(batch, `${load.table}: ${withoutData(status.errorResult.message ?? "")}`, isRetriable);
  };

  const commit = async (batch: LandBatch, loads: readonly Load[], attempt: number): Promise<Step> => {
    const jobId = `rollcall_land_${digest([batch.batchId, ...loads.map(({ key }) => key)])}_${attempt}`;
    const inserts = loads.map((load) => insertSql(load, staging(load, attempt)));
    const params = { ...batchParams(batch), ...countParams(loads) };
    const { isAdopted } = await jobs.start(jobId, deps.script(commitSql(inserts), params));
    const { error } = await jobs.awaitQuery(jobId, 0);
    if (error === null) {
      // Of a warehouse that has since been made anew, the job is remembered and its rows are gone.
      return !isAdopted || isLanded(batch, await readState(batch)) ? "done" : "seen_failing";
    }
    if (isAdopted) return "seen_failing";
    const failure = statementFailure(error, { position: START, isScript: true });
    // Landed by somebody else meanwhile, or staged so long ago that it is gone: the next try looks, and stages again.
    const mayPass = failure.isRetriable || failure.code === "ASSERTION_FAILED" || isStagingGone(error);
    throw failedBatch(batch, withoutData(error.message ?? ""), mayPass);
  };

  const attemptOnce = async (batch: LandBatch, loads: readonly Load[], attempt: number): Promise<Step> => {
    const staged = await Promise.all(loads.map((load) => stage(batch, load, attempt)));
    if (staged.includes("seen_failing")) return "seen_failing";
    deps.checkpoint?.("landing_staged");
    const committed = await commit(batch, loads, attempt);
    if (committed === "done") deps.checkpoint?.("landing_committed");
    return committed;
  };

  const work = async (batch: LandBatch, loads: readonly Load[]): Promise<LandResult> => {
    if (isLanded(batch, await readState(batch))) {
      attempts.delete(batch.batchId);
      return { isNew: false, rows: 0 };
    }
    for (let seen = 0; seen < MAX_ATTEMPTS_SEEN; seen++) {
      const attempt = attempts.get(batch.batchId) ?? 1;
      const step = await attemptOnce(batch, loads, attempt).catch((error: unknown) => {
        if (error instanceof RollcallError && error.details.isJobFailed === true)
          attempts.set(batch.batchId, attempt + 1);
        throw error;
      });
      if (step === "done") {
        attempts.delete(batch.batchId);
        // What is left behind by a failure here goes by itself after a day.
        await Promise.all(loads.map((load) => tables.drop(staging(load, attempt)).catch(() => undefined)));
        return { isNew: true, rows: loads.reduce((sum, { rowCount }) => sum + rowCount, 0) };
      }
      attempts.set(batch.batchId, attempt + 1);
    }
    throw failedBatch(batch, `${MAX_ATTEMPTS_SEEN} attempts have failed`, false);
  };

  return {
    async land(batch) {
      const loads = await prepare(batch);
      return retry(() => work(batch, loads), config.retry, { clock, random });
    },
  };
}

const START = { line: 1, column: 1 };

/** The job failed for good: nothing of it happened, and a repeat needs another id. */
function failedBatch(batch: LandBatch, words: string, isRetriable: boolean): RollcallError {
  return new RollcallError("WAREHOUSE_FAILED", `Batch ${batch.batchId} could not land: ${words}`, {
    isRetriable,
    details: { batchId: batch.batchId, topic: batch.topic, partition: batch.partition, isJobFailed: true },
  });
}

function digest(parts: readonly string[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(`${part.length}:`).update(part);
  return hash.digest("hex").slice(0, 32);
}

const OF_PARTITION = "topic = @topic AND `partition` = @log_partition";

const STATE_SQL = `SELECT
  EXISTS (SELECT 1 FROM ops.landed_batches WHERE batch_id = @batch_id) AS is_known,
  (SELECT MAX(next_offset) FROM ops.landed_offsets WHERE ${OF_PARTITION}) AS next_offset`;

function insertSql(load: Load, staged: TableName): string {
  const names = (load.schema.fields ?? []).map(({ name }) => `\`${name}\``).join(", ");
  return `INSERT INTO ${BRONZE}.\`${load.table}\` (${names}) SELECT ${names} FROM ${staged.dataset}.\`${staged.table}\``;
}

/** Publishing is the commit: a batch that is known, or whose offsets are, stops at the ASSERT and changes nothing. */
function commitSql(inserts: readonly string[]): string {
  return [
    "BEGIN TRANSACTION",
    `ASSERT NOT EXISTS (SELECT 1 FROM ops.landed_batches WHERE batch_id = @batch_id)
  AND NOT EXISTS (SELECT 1 FROM ops.landed_offsets WHERE ${OF_PARTITION} AND next_offset > @first_offset)
  AS 'the batch is new'`,
    ...inserts,
    `DELETE FROM ops.landed_offsets WHERE ${OF_PARTITION}`,
    `INSERT INTO ops.landed_offsets (topic, \`partition\`, next_offset, ingested_at, batch_id)
VALUES (@topic, @log_partition, @last_offset + 1, @ingested_at, @batch_id)`,
    `INSERT INTO ops.landed_batches
  (batch_id, topic, log_partition, first_offset, last_offset, ingested_at, row_count, dead_letter_count)
VALUES (@batch_id, @topic, @log_partition, @first_offset, @last_offset, @ingested_at, @row_count, @dead_letter_count)`,
    "COMMIT TRANSACTION",
  ].join(";\n");
}

function batchParams(batch: LandBatch): Params {
  return {
    batch_id: { type: "STRING", value: batch.batchId },
    topic: { type: "STRING", value: batch.topic },
    log_partition: { type: "INT64", value: batch.partition },
    first_offset: { type: "INT64", value: batch.firstOffset },
    last_offset: { type: "INT64", value: batch.lastOffset },
    ingested_at: { type: "TIMESTAMP", value: batch.ingestedAt },
  };
}

function countParams(loads: readonly Load[]): Params {
  const dead = loads.find(({ table }) => table === DEAD_LETTERS);
  return {
    row_count: { type: "INT64", value: loads.reduce((sum, { rowCount }) => sum + rowCount, 0) },
    dead_letter_count: { type: "INT64", value: dead?.rowCount ?? 0 },
  };
}
