import { Readable } from "node:stream";
import { BigQuery, type BigQueryOptions } from "@google-cloud/bigquery";
import type { Clock } from "../../platform/clock.js";
import { messageOf, RollcallError } from "../../platform/errors.js";
import { type RetryConfig, retry } from "../../platform/retry.js";
import { requestFailure, type StatementPlace, statementFailure } from "./failures.js";

/** The REST API behind Google's client, which finds the credentials and signs requests; rows and errors are read by us. */

export interface ClientConfig {
  readonly project: string;
  /** Another address of the API: a private endpoint, or a test's. */
  readonly apiEndpoint?: string;
  /** A service account's key file. Default: Application Default Credentials. */
  readonly keyFile?: string;
  /** How long one HTTP answer may take. Jobs run longer: they are asked for again. */
  readonly requestTimeoutMs?: number;
  readonly retry?: RetryConfig;
}

export interface ClientDeps {
  readonly clock: Clock;
  readonly random: () => number;
  readonly authClient?: NonNullable<BigQueryOptions["authClient"]>;
}

export interface Request {
  /** As the reference calls it, for error messages: "jobs.insert". */
  readonly name: string;
  readonly method: "GET" | "POST" | "DELETE";
  /** Below the project: "/jobs". */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  readonly body?: object;
  /** Bytes of a load job, sent behind the body. */
  readonly upload?: readonly string[];
  /** Leaves trying again to the caller. */
  readonly isAskedOnce?: boolean;
  /** Where the SQL of the request stands: a refusal is then about it. */
  readonly place?: StatementPlace;
}

export interface Client {
  readonly project: string;
  /**
   * Asks, and asks again while that may help: each request here may be repeated, because jobs, tables and datasets are made under
   * names we choose. Throws FORBIDDEN, UNAUTHORIZED, NOT_FOUND, CONFLICT (it exists already), WAREHOUSE_FAILED, and what
   * `statementFailure` makes of a refused SQL.
   */
  request<T>(request: Request): Promise<T>;
}

/** Every item of a list that comes in pages. */
export async function readAll<P extends { readonly nextPageToken?: string }, T>(
  client: Client,
  request: Request,
  itemsOf: (page: P) => readonly T[] | undefined,
): Promise<T[]> {
  const items: T[] = [];
  let more: { readonly pageToken?: string } = {};
  while (true) {
    const page = await client.request<P>({ ...request, query: { maxResults: 1000, ...request.query, ...more } });
    items.push(...(itemsOf(page) ?? []));
    if (page.nextPageToken === undefined) return items;
    more = { pageToken: page.nextPageToken };
  }
}

export const DEFAULT_RETRY: RetryConfig = { attempts: 5, baseMs: 500, maxMs: 10_000 };
const DEFAULT_TIMEOUT_MS = 120_000;

export function createClient(config: ClientConfig, deps: ClientDeps): Client {
  const { clock, random } = deps;
  const bigquery = new BigQuery({
    projectId: config.project,
    autoRetry: false,
    ...(config.apiEndpoint === undefined ? {} : { apiEndpoint: config.apiEndpoint }),
    ...(config.keyFile === undefined ? {} : { keyFilename: config.keyFile }),
    ...(deps.authClient === undefined ? {} : { authClient: deps.authClient }),
  });
  const timeoutMs = config.requestTimeoutMs ?? DEFAULT_TIMEOUT_MS;

  /** The client's own time-out has no effect in this version, so the wait is bounded here. */
  const withTimeout = async <T>(name: string, answer: Promise<T>): Promise<T> => {
    const answered = new AbortController();
    const late = clock.sleep(timeoutMs, answered.signal).then(() => {
      if (answered.signal.aborted) return answer;
      throw new RollcallError("WAREHOUSE_FAILED", `BigQuery did not answer ${name} within ${timeoutMs} ms`, {
        isRetriable: true,
      });
    });
    try {
      return await Promise.race([answer, late]);
    } finally {
      answered.abort();
    }
  };

  return {
    project: config.project,
    request: <T>(request: Request): Promise<T> => {
      const ask = (): Promise<T> => withTimeout(request.name, send<T>(bigquery, request));
      return request.isAskedOnce === true ? ask() : retry(ask, config.retry ?? DEFAULT_RETRY, { clock, random });
    },
  };
}

function send<T>(bigquery: BigQuery, request: Request): Promise<T> {
  const { method, path, query = {}, body, upload } = request;
  return new Promise<T>((resolve, reject) => {
    const answered = (error: unknown, answer: unknown): void => {
      if (error) reject(failureOf(error, request));
      else resolve(answer as T);
    };
    try {
      if (upload === undefined) {
        bigquery.request({ method, uri: path, qs: query, ...(body === undefined ? {} : { json: body }) }, answered);
        return;
      }
      const parts = [
        { "Content-Type": "application/json; charset=UTF-8", body: JSON.stringify(body) },
        { "Content-Type": "application/octet-stream", body: Readable.from(upload) },
      ];
      const uri = `${bigquery.apiEndpoint}/upload/bigquery/v2/projects/${bigquery.projectId}${path}`;
      bigquery.request({ method, uri, qs: { ...query, uploadType: "multipart" }, multipart: parts }, answered);
    } catch (error) {
      reject(failureOf(error, request));
    }
  });
}

/** Google's ApiError, which keeps the answer. */
interface ApiErrorLike {
  readonly code?: unknown;
  readonly message?: unknown;
  readonly errors?: readonly { readonly reason?: string; readonly message?: string }[];
  readonly response?: { readonly headers?: Readonly<Record<string, string>> };
}

function failureOf(error: unknown, { name, place }: Request): RollcallError {
  const { code, message, errors = [], response } = error as ApiErrorLike;
  if (typeof code !== "number") {
    return requestFailure({ status: null, message: messageOf(error), retryAfterMs: null }, name);
  }
  if (code === 409) return new RollcallError("CONFLICT", `BigQuery has it already (${name})`, { isRetriable: false });
  const { reason = "", message: words = String(message) } = errors[0] ?? {};
  const seconds = Number(response?.headers?.["retry-after"]);
  const retryAfterMs = Number.isFinite(seconds) ? seconds * 1000 : null;
  const failure = requestFailure({ status: code, reason, message: words, retryAfterMs }, name);
  const isOfSql = place !== undefined && !failure.isRetriable && failure.code !== "UNAUTHORIZED";
  return isOfSql ? statementFailure({ reason, message: words }, place) : failure;
}
