import { randomUUID } from "node:crypto";
import { type Clock, isoToMicros, systemClock } from "../../platform/clock.js";
import { RollcallError } from "../../platform/errors.js";
import { createQueue } from "../../platform/queue.js";
import { type RetryConfig, retry } from "../../platform/retry.js";
import type { ExecuteOptions, ExecuteResult, Params, QueryResult, Row, Warehouse } from "../port.js";
import { LANDED_BATCHES, LANDED_OFFSETS } from "../project/ops-tables.js";
import type { Job, JobConfiguration, QueryResultsPage } from "./api.js";
import { type ClientConfig, type ClientDeps, createClient, DEFAULT_RETRY } from "./client.js";
import { type StatementPlace, statementFailure } from "./failures.js";
import { createJobs, type Ended } from "./jobs.js";
import { createLanding, type LandingCheckpoint } from "./landing.js";
import { queryParameters } from "./parameters.js";
import {
  asScript,
  isScript,
  isWorthDryRun,
  placeOf,
  requireFinished,
  requireQuery,
  startOf,
  statementResults,
} from "./script.js";
import { createTables } from "./tables.js";
import { columnsOf, rowReader } from "./values.js";

export interface BigQueryWarehouseConfig extends ClientConfig {
  /** Where datasets are made and jobs run: "EU", "europe-west1". */
  readonly location: string;
  /** On every job, dataset and table. Lower-case letters, digits, "_" and "-". */
  readonly labels?: Readonly<Record<string, string>>;
  /** A query that would be billed more fails and costs nothing. */
  readonly maximumBytesBilled?: number;
  readonly jobTimeoutMs?: number;
  /** Tables of this dataset may be named without it. */
  readonly defaultDataset?: string;
  /** The datasets that are ours. Absent: every dataset of the project. */
  readonly datasets?: readonly string[];
  /** Holds batches while they land. */
  readonly stagingDataset?: string;
  /** Rows asked for at a time. BigQuery may send fewer. */
  readonly pageRows?: number;
}

export interface BigQueryWarehouseDeps {
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly createId?: () => string;
  readonly authClient?: ClientDeps["authClient"];
  readonly checkpoint?: (name: LandingCheckpoint) => void;
}

const STAGING_DATASET = "landing";
const PAGE_ROWS = 5_000;

/**
 * BigQuery behind the warehouse port. Makes the datasets `ops` and, for landing, `stagingDataset` when it opens.
 *
 * What may pass (a limit on rates, a server in trouble, a conflict of transactions) is tried again by its reason: every request,
 * because jobs have ids of ours; a query's job, because it changes nothing; a landing, because it happens once. A script's job is
 * not: when it failed it throws with `isRetriable`, and its caller knows whether what came before the failure may happen twice;
 * when nobody knows what became of it, it throws without, and names the job.
 */
export async function createBigQueryWarehouse(
  config: BigQueryWarehouseConfig,
  deps: BigQueryWarehouseDeps = {},
): Promise<Warehouse> {
  const { project, location, labels = {}, stagingDataset = STAGING_DATASET, pageRows = PAGE_ROWS } = config;
  const { clock = systemClock, random = Math.random, createId = randomUUID, authClient } = deps;
  const retrying: RetryConfig = config.retry ?? DEFAULT_RETRY;
  const client = createClient(config, { clock, random, ...(authClient === undefined ? {} : { authClient }) });
  const { datasets, jobTimeoutMs } = config;
  const jobs = createJobs(
    { location, labels, ...(jobTimeoutMs === undefined ? {} : { jobTimeoutMs }) },
    { client, clock },
  );
  const tables = createTables(
    { location, labels, stagingDataset, ...(datasets === undefined ? {} : { datasets }) },
    { client },
  );
  const scriptQueue = createQueue();
  const landingQueue = createQueue();
  /** Scripts under way that wait for nobody. */
  const independent = new Set<Promise<unknown>>();

  const configurationOf = (sql: string, params: Params): JobConfiguration => {
    const queryParams = queryParameters(params);
    const { maximumBytesBilled, defaultDataset } = config;
    return {
      query: {
        query: sql,
        useLegacySql: false,
        ...(queryParams.length === 0 ? {} : { parameterMode: "NAMED", queryParameters: queryParams }),
        ...(maximumBytesBilled === undefined ? {} : { maximumBytesBilled: String(maximumBytesBilled) }),
        ...(defaultDataset === undefined ? {} : { defaultDataset: { projectId: project, datasetId: defaultDataset } }),
      },
    };
  };

  const newJobId = (): string => `rollcall_${createId()}`;

  interface OpenQuery {
    readonly jobId: string;
    readonly first: QueryResultsPage;
  }

  const openQuery = (sql: string, params: Params, options: ExecuteOptions | undefined): Promise<OpenQuery> => {
    requireQuery(sql, options?.origin);
    const place = placeOfText(sql, options);
    const configuration = configurationOf(sql, params);
    const run = async (): Promise<OpenQuery> => {
      const jobId = newJobId();
      await jobs.start(jobId, configuration, { place });
      const { page, error } = await jobs.awaitQuery(jobId, pageRows);
      if (page === null) throw statementFailure(error, { ...place, isScript: isScript(sql) });
      return { jobId, first: page };
    };
    return retry(run, retrying, { clock, random });
  };

  async function* batches({ jobId, first }: OpenQuery): AsyncIterable<readonly Row[]> {
    const read = rowReader(first.schema);
    for (let page = first; ; page = await jobs.page(jobId, page.pageToken ?? "", pageRows)) {
      if (page.rows !== undefined && page.rows.length > 0) yield page.rows.map(read);
      if (page.pageToken === undefined) return;
    }
  }

  const query = async (sql: string, params: Params = {}, options?: ExecuteOptions): Promise<QueryResult> => {
    const open = await openQuery(sql, params, options);
    const rows: Row[] = [];
    for await (const batch of batches(open)) for (const row of batch) rows.push(row);
    return { columns: columnsOf(open.first.schema), rows };
  };

  /** Finds what is wrong with a later statement before an earlier one has changed anything; other troubles are the run's. */
  const checkFirst = async (configuration: JobConfiguration, place: StatementPlace): Promise<void> => {
    try {
      await jobs.dryRun(configuration, place);
    } catch (error) {
      if (error instanceof RollcallError && error.code === "SQL_INVALID") throw error;
    }
  };

  const runJob = async (jobId: string, configuration: JobConfiguration, place: StatementPlace): Promise<Ended> => {
    await jobs.start(jobId, configuration, { place }).catch((thrown: unknown) => {
      throw isRefusal(thrown) ? thrown : outcomeUnknown(thrown, jobId);
    });
    return jobs.awaitQuery(jobId, 0).catch((thrown: unknown) => {
      throw outcomeUnknown(thrown, jobId);
    });
  };

  const runScript = async (
    sql: string,
    params: Params,
    options: ExecuteOptions | undefined,
  ): Promise<ExecuteResult> => {
    const startedAt = clock.now();
    requireFinished(sql, options?.origin);
    const place = placeOfText(sql, options);
    const text = asScript(sql);
    const configuration = configurationOf(text, params);
    if (isWorthDryRun(sql)) await checkFirst(configuration, place);
    const jobId = newJobId();
    const { error } = await runJob(jobId, configuration, place);
    // What it did is done: figures that cannot be had (bigquery.jobs.list is missing) are no reason to say it failed.
    const children = isScript(text) ? await jobs.children(jobId).catch(() => []) : [];
    if (error !== null) throw statementFailure(error, failedPlace({ ...place, isScript: isScript(text) }, children));
    const ran = isScript(text) ? children : [await jobs.get(jobId).catch(() => ({}))];
    return { statements: statementResults(sql, ran), ms: clock.now() - startedAt };
  };

  const landing = createLanding(
    { project, stagingDataset, retry: retrying },
    {
      jobs,
      tables,
      clock,
      random,
      query: async (sql, params) => (await query(sql, params)).rows,
      script: configurationOf,
      checkpoint: deps.checkpoint,
    },
  );

  await tables.ensure([LANDED_OFFSETS, LANDED_BATCHES]);
  await tables.ensureStaging();

  return {
    hasTransactionalDdl: false,

    query,

    async *stream(sql, params = {}, options) {
      const open = await openQuery(sql, params, options);
      options?.onColumns?.(columnsOf(open.first.schema));
      yield* batches(open);
    },

    execute: (sql, params = {}, options) => {
      if (options?.isIndependent !== true) return scriptQueue.run(() => runScript(sql, params, options));
      const running = runScript(sql, params, options);
      independent.add(running);
      const forget = (): void => {
        independent.delete(running);
      };
      running.then(forget, forget);
      return running;
    },

    async estimate(sql, params = {}, options) {
      const place = placeOfText(sql, options);
      const { statistics } = await jobs.dryRun(configurationOf(sql, params), place);
      return { bytesRead: Number(statistics?.totalBytesProcessed ?? 0) };
    },

    ensureTables: (wanted) => scriptQueue.run(() => tables.ensure(wanted)),

    land: (batch) => landingQueue.run(() => landing.land(batch)),

    async landedOffsets() {
      const { rows } = await query(
        "SELECT topic, `partition`, next_offset, ingested_at FROM ops.landed_offsets ORDER BY topic, `partition`",
      );
      return rows.map((row) => ({
        topic: String(row.topic),
        partition: Number(row.partition),
        nextOffset: Number(row.next_offset),
        ingestedAt: isoToMicros(String(row.ingested_at)) ?? 0,
      }));
    },

    tables: (dataset) => tables.list(dataset),

    schema: (table) => tables.columns(table),

    async close() {
      await Promise.all([scriptQueue.idle(), landingQueue.idle(), Promise.allSettled(independent)]);
    },
  };
}

/** Too many requests: this one started nothing. */
function isRefusal(thrown: unknown): boolean {
  return thrown instanceof RollcallError && (thrown.details.status === 403 || thrown.details.status === 429);
}

/** Without an answer nobody knows whether the script runs, and running it again may do twice what it does. */
function outcomeUnknown(thrown: unknown, jobId: string): unknown {
  if (!(thrown instanceof RollcallError) || !thrown.isRetriable) return thrown;
  return new RollcallError(
    "WAREHOUSE_FAILED",
    `${thrown.message}. What became of job ${jobId} is not known: look it up before you run the script again`,
    { isRetriable: false, cause: thrown, details: { ...thrown.details, jobId } },
  );
}

/** For what is refused at once: of a script too, that is only what could not be understood. */
function placeOfText(sql: string, options: ExecuteOptions | undefined): StatementPlace {
  return { origin: options?.origin, position: startOf(sql), isScript: false };
}

/** Where the statement that failed begins: the latest, when others failed before it and were handled. */
function failedPlace(place: StatementPlace, children: readonly Job[]): StatementPlace {
  const failed = children.find(({ status }) => status?.errorResult !== undefined);
  return failed === undefined ? place : { ...place, position: placeOf(failed) };
}
