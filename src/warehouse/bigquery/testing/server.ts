import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Warehouse } from "../../port.js";
import type { Job, TableResource } from "../api.js";
import { ApiFailure, PROJECT } from "./catalog.js";
import { createService, type JobFault } from "./service.js";

/** BigQuery's REST API on the loopback, in the shapes of the real one; the SQL runs on the embedded warehouse. */

export interface SeenRequest {
  readonly method: string;
  /** Below the project, with its query. */
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: Partial<Job> & Partial<TableResource> & Readonly<Record<string, unknown>>;
}

export interface RequestFault {
  readonly on: (request: SeenRequest) => boolean;
  /** How many requests meet it. */
  readonly times: number;
  /** Refused with this, and without an effect. */
  readonly status?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The request has its effect, and its answer is lost. */
  readonly isAnswerLost?: boolean;
  /** No answer ever comes. */
  readonly isSilent?: boolean;
}

export interface FakeBigQuery {
  readonly url: string;
  readonly requests: readonly SeenRequest[];
  failRequests(fault: RequestFault): void;
  /** Jobs end with this error and without an effect. */
  failJobs(fault: JobFault): void;
  /** How often a job is asked for before it is done. */
  setPolls(count: number): void;
  close(): Promise<void>;
}

export async function startFakeBigQuery(warehouse: Warehouse): Promise<FakeBigQuery> {
  const service = createService(warehouse);
  const requests: SeenRequest[] = [];
  const faults: (RequestFault & { left: number })[] = [];

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? "", "http://localhost");
    const path = url.pathname.replace(new RegExp(`^(?:/upload)?/bigquery/v2/projects/${PROJECT}`), "");
    const { body, upload } = await readBody(request);
    const { method = "", headers } = request;
    const seen: SeenRequest = { method, url: `${path}${url.search}`, headers, body };
    requests.push(seen);
    const fault = faults.find(({ on, left }) => left > 0 && on(seen));
    if (fault !== undefined) fault.left -= 1;
    if (fault?.isSilent === true) return;
    try {
      if (fault?.status !== undefined) {
        for (const [name, value] of Object.entries(fault.headers ?? {})) response.setHeader(name, value);
        throw new ApiFailure(fault.status, fault.reason ?? "", fault.message ?? "");
      }
      const result = await service.handle(method, path, url.searchParams, body, upload);
      if (fault?.isAnswerLost === true) request.socket.destroy();
      else send(response, result === null ? 204 : 200, result);
    } catch (error) {
      const failure = error instanceof ApiFailure ? error : new ApiFailure(500, "internalError", String(error));
      const { status, reason, message } = failure;
      send(response, status, { error: { code: status, message, errors: [{ domain: "global", reason, message }] } });
    }
  };

  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    failRequests: (fault) => void faults.push({ ...fault, left: fault.times }),
    failJobs: service.failJobs,
    setPolls: service.setPolls,
    async close() {
      server.closeAllConnections();
      server.close();
      await warehouse.close();
    },
  };
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.statusCode = status;
  response.setHeader("Content-Type", "application/json; charset=UTF-8");
  response.end(body === null ? "" : JSON.stringify(body));
}

/** A multipart body has the job in its first part and the bytes in its second. */
async function readBody(request: IncomingMessage): Promise<{ body: SeenRequest["body"]; upload: string }> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += chunk;
  const [, boundary] = /boundary=(\S+)/.exec(request.headers["content-type"] ?? "") ?? [];
  if (boundary === undefined) return { body: text === "" ? {} : JSON.parse(text), upload: "" };
  const [, metadata = "", media = ""] = text.split(`--${boundary}`);
  const contentOf = (part: string): string => part.slice(part.indexOf("\r\n\r\n") + 4, -2);
  return { body: JSON.parse(contentOf(metadata)), upload: contentOf(media) };
}
