import type { Warehouse } from "../../port.js";
import type { ErrorProto, Job, JobConfiguration, TableResource } from "../api.js";
import { fieldsOf } from "../parameters.js";
import { ApiFailure, createCatalog, type DatasetResource, LOCATION, PROJECT } from "./catalog.js";
import { encodeRow } from "./encode.js";
import { createEngine, NOTHING, type Outcome } from "./engine.js";

export interface JobFault {
  readonly on: (configuration: JobConfiguration) => boolean;
  readonly times: number;
  readonly error: ErrorProto;
  /** Where the statement of a script stands whose job failed. */
  readonly failedAt?: { readonly startLine: number; readonly startColumn: number };
}

interface StoredJob {
  readonly job: Job;
  /** Null while it runs. */
  outcome: Outcome | null;
  readonly parentId: string | null;
  polls: number;
}

/** The methods of the API behind their paths. */
export interface Service {
  /** Null has no content. Throws ApiFailure. */
  handle(method: string, path: string, query: URLSearchParams, body: unknown, upload: string): Promise<unknown>;
  failJobs(fault: JobFault): void;
  setPolls(count: number): void;
}

/** Children of a script come in small pages, so that a script of some length takes several. */
const LIST_PAGE = 3;

export function createService(warehouse: Warehouse): Service {
  const engine = createEngine(warehouse);
  const catalog = createCatalog(warehouse);
  const jobs = new Map<string, StoredJob>();
  const faults: (JobFault & { left: number })[] = [];
  let polls = 0;

  const runJob = async (configuration: JobConfiguration, upload: string): Promise<Outcome> => {
    const fault = faults.find(({ on, left }) => left > 0 && on(configuration));
    if (fault !== undefined) {
      fault.left -= 1;
      const { error, failedAt } = fault;
      if (failedAt === undefined) return { ...NOTHING, error };
      const scriptStatistics = { stackFrames: [failedAt] };
      const child = { status: { state: "DONE", errorResult: error }, statistics: { scriptStatistics } };
      return { ...NOTHING, error, statistics: { numChildJobs: "1" }, children: [child] };
    }
    if (configuration.load !== undefined) return engine.load(configuration.load, upload);
    if (configuration.query !== undefined) return engine.query(configuration.query);
    throw new ApiFailure(
      400,
      "invalid",
      "Job configuration must contain exactly one job-specific configuration object",
    );
  };

  const describe = ({ job, outcome, polls: left }: StoredJob): Job => {
    if (outcome === null || left > 0) return { ...job, status: { state: "RUNNING" } };
    const { error, statistics } = outcome;
    const failed = error === null ? {} : { errorResult: error, errors: [error] };
    return { ...job, statistics, status: { state: "DONE", ...failed } };
  };

  const findJob = (id: string, location: string | null): StoredJob => {
    const stored = jobs.get(id);
    if (stored === undefined || location !== LOCATION) {
      throw new ApiFailure(404, "notFound", `Not found: Job ${PROJECT}:${location ?? "US"}.${id}`);
    }
    return stored;
  };

  const insertJob = async (body: Job, upload: string): Promise<Job> => {
    const configuration = body.configuration ?? {};
    if (configuration.dryRun === true && configuration.query !== undefined) {
      const error = await engine.dryRun(configuration.query);
      if (error !== null) throw new ApiFailure(400, error.reason ?? "", error.message ?? "");
      return { configuration, status: { state: "DONE" }, statistics: { totalBytesProcessed: "123456" } };
    }
    const jobId = body.jobReference?.jobId ?? "";
    if (jobs.has(jobId)) throw new ApiFailure(409, "duplicate", `Already Exists: Job ${PROJECT}:${LOCATION}.${jobId}`);
    const stored: StoredJob = { job: body, outcome: null, parentId: null, polls };
    jobs.set(jobId, stored);
    const outcome = await runJob(configuration, upload);
    if (outcome.isRefused) {
      jobs.delete(jobId);
      const { reason = "", message = "" } = outcome.error ?? {};
      throw new ApiFailure(reason === "notFound" ? 404 : 400, reason, message);
    }
    stored.outcome = outcome;
    outcome.children.forEach((child, index) => {
      const childId = `script_job_${jobId}_${index}`;
      const job: Job = { ...child, jobReference: { jobId: childId, location: LOCATION } };
      const error = child.status?.errorResult ?? null;
      const childOutcome = { ...outcome, error, statistics: child.statistics ?? {}, children: [] };
      jobs.set(childId, { job, outcome: childOutcome, parentId: jobId, polls: 0 });
    });
    return describe(stored);
  };

  const results = (id: string, query: URLSearchParams): object => {
    const stored = findJob(id, query.get("location"));
    const { outcome } = stored;
    if (outcome === null || stored.polls > 0) {
      stored.polls = Math.max(0, stored.polls - 1);
      return { jobComplete: false, jobReference: stored.job.jobReference };
    }
    if (outcome.error !== null) throw new ApiFailure(400, outcome.error.reason ?? "", outcome.error.message ?? "");
    const from = Number(query.get("pageToken") ?? 0);
    const to = from + Number(query.get("maxResults") ?? 100_000);
    const isInt64 = query.get("formatOptions.useInt64Timestamp") === "true";
    const { columns, rows } = outcome;
    return {
      jobComplete: true,
      totalRows: String(rows.length),
      schema: { fields: fieldsOf(columns) },
      rows: rows.slice(from, to).map((row) => encodeRow(columns, row, isInt64)),
      ...(to < rows.length && to > from ? { pageToken: String(to) } : {}),
    };
  };

  const listJobs = (query: URLSearchParams): object => {
    const children = [...jobs.values()].filter(({ parentId }) => parentId === query.get("parentJobId")).reverse();
    const from = Number(query.get("pageToken") ?? 0);
    const page = children.slice(from, from + LIST_PAGE).map(describe);
    return { jobs: page, ...(from + LIST_PAGE < children.length ? { nextPageToken: String(from + LIST_PAGE) } : {}) };
  };

  const handle: Service["handle"] = async (method, path, query, body, upload) => {
    const [kind = "", id = "", inner = "", innerId = ""] = path.split("/").slice(1).map(decodeURIComponent);
    switch (
      `${method} ${kind}${id === "" ? "" : "/*"}${inner === "" ? "" : `/${inner}`}${innerId === "" ? "" : "/*"}`
    ) {
      case "POST jobs":
        return insertJob(body as Job, upload);
      case "GET jobs":
        return listJobs(query);
      case "GET jobs/*": {
        const stored = findJob(id, query.get("location"));
        const described = describe(stored);
        stored.polls = Math.max(0, stored.polls - 1);
        return described;
      }
      case "GET queries/*":
        return results(id, query);
      case "GET datasets":
        return catalog.listDatasets();
      case "POST datasets":
        return catalog.insertDataset(body as DatasetResource);
      case "GET datasets/*":
        return catalog.getDataset(id);
      case "GET datasets/*/tables":
        return catalog.listTables(id);
      case "POST datasets/*/tables":
        return catalog.insertTable(id, body as TableResource);
      case "GET datasets/*/tables/*":
        return catalog.getTable(id, innerId);
      case "DELETE datasets/*/tables/*":
        return catalog.deleteTable(id, innerId);
      default:
        throw new ApiFailure(404, "notFound", `No such method: ${method} ${path}`);
    }
  };

  return {
    handle,
    failJobs: (fault) => void faults.push({ ...fault, left: fault.times }),
    setPolls(count) {
      polls = count;
    },
  };
}
