import type { Clock } from "../../platform/clock.js";
import { RollcallError } from "../../platform/errors.js";
import type { ErrorProto, Job, JobConfiguration, JobList, QueryResultsPage } from "./api.js";
import { type Client, readAll } from "./client.js";
import type { StatementPlace } from "./failures.js";

export interface JobsConfig {
  /** Where the datasets lie. A job of another location is not found. */
  readonly location: string;
  /** On every job, for the bill and the audit log. */
  readonly labels: Readonly<Record<string, string>>;
  /** A job that runs longer is stopped by BigQuery. */
  readonly jobTimeoutMs?: number;
}

export interface Started {
  readonly job: Job;
  /** True when a job of this id was there before: ours, whose answer got lost, or that of an earlier try. */
  readonly isAdopted: boolean;
}

export interface StartOptions {
  /** Where the SQL stands, for what is refused at once. */
  readonly place?: StatementPlace;
  readonly upload?: readonly string[];
}

/** A query job that ended: with the first page of its rows, or with an error. */
export type Ended =
  | { readonly page: QueryResultsPage; readonly error: null }
  | { readonly page: null; readonly error: ErrorProto };

/** Jobs under ids we choose, so that asking twice starts one. */
export interface Jobs {
  start(jobId: string, configuration: JobConfiguration, more?: StartOptions): Promise<Started>;
  get(jobId: string): Promise<Job>;
  /** Waits for a query job. `maxResults` 0 brings no rows. */
  awaitQuery(jobId: string, maxResults: number): Promise<Ended>;
  /** Waits for a load job; its error is in its status. */
  awaitLoad(jobId: string): Promise<Job>;
  page(jobId: string, pageToken: string, maxResults: number): Promise<QueryResultsPage>;
  /** The jobs of a script's statements, the latest first. */
  children(jobId: string): Promise<readonly Job[]>;
  /** Checks without running. Costs nothing. */
  dryRun(configuration: JobConfiguration, place: StatementPlace): Promise<Job>;
}

/** How long BigQuery holds an answer back while the job runs. */
const LONG_POLL_MS = 10_000;
const FIRST_POLL_MS = 250;
const LONGEST_POLL_MS = 5_000;

export function createJobs(config: JobsConfig, deps: { readonly client: Client; readonly clock: Clock }): Jobs {
  const { client, clock } = deps;
  const { location, labels, jobTimeoutMs } = config;
  const reference = (jobId: string) => ({ projectId: client.project, jobId, location });

  const get = (jobId: string): Promise<Job> =>
    client.request<Job>({ name: "jobs.get", method: "GET", path: `/jobs/${jobId}`, query: { location } });

  const results = (jobId: string, query: Readonly<Record<string, string | number>>, isAskedOnce = false) =>
    client.request<QueryResultsPage>({
      name: "jobs.getQueryResults",
      method: "GET",
      path: `/queries/${jobId}`,
      query: { location, "formatOptions.useInt64Timestamp": true, ...query },
      isAskedOnce,
    });

  return {
    async start(jobId, configuration, more = {}) {
      const limits = jobTimeoutMs === undefined ? {} : { jobTimeoutMs: String(jobTimeoutMs) };
      try {
        const job = await client.request<Job>({
          name: "jobs.insert",
          method: "POST",
          path: "/jobs",
          body: { jobReference: reference(jobId), configuration: { labels, ...limits, ...configuration } },
          ...more,
        });
        return { job, isAdopted: false };
      } catch (error) {
        if (!(error instanceof RollcallError) || error.code !== "CONFLICT") throw error;
        return { job: await get(jobId), isAdopted: true };
      }
    },

    get,

    async awaitQuery(jobId, maxResults) {
      const query = { maxResults, timeoutMs: LONG_POLL_MS };
      const ask = async (isAskedOnce: boolean): Promise<Ended> => ({
        page: await results(jobId, query, isAskedOnce),
        error: null,
      });
      while (true) {
        const ended = await ask(true).catch(async (error: unknown): Promise<Ended> => {
          // The job's own failure comes as a failed request, told from the network's only by asking for the job.
          const { status } = await get(jobId);
          if (status?.errorResult !== undefined) return { page: null, error: status.errorResult };
          if (error instanceof RollcallError && !error.isRetriable) throw error;
          return ask(false);
        });
        if (ended.page === null || ended.page.jobComplete === true) return ended;
      }
    },

    async awaitLoad(jobId) {
      for (let waitMs = FIRST_POLL_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_POLL_MS)) {
        const job = await get(jobId);
        if (job.status?.state === "DONE") return job;
        await clock.sleep(waitMs);
      }
    },

    page: (jobId, pageToken, maxResults) => results(jobId, { pageToken, maxResults }),

    children: (jobId) =>
      readAll(
        client,
        { name: "jobs.list", method: "GET", path: "/jobs", query: { parentJobId: jobId, projection: "full" } },
        (page: JobList) => page.jobs,
      ),

    dryRun: (configuration, place) =>
      client.request<Job>({
        name: "jobs.insert",
        method: "POST",
        path: "/jobs",
        body: {
          jobReference: { projectId: client.project, location },
          configuration: { labels, ...configuration, dryRun: true },
        },
        place,
      }),
  };
}
