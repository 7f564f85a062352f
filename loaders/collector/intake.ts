import type { IncomingMessage } from "node:http";
import type { Request, RequestHandler, Response } from "express";
import type { Clock } from "../../src/platform/clock.js";
import { RollcallError } from "../../src/platform/errors.js";
import { errorFields, type Logger } from "../../src/platform/telemetry/log.js";
import type { CounterMetric, Metrics } from "../../src/platform/telemetry/metrics.js";
import type { DecodeContext } from "../record.js";
import type { EventSink } from "../sink.js";
import type { CollectorConfig } from "./config.js";
import type { Decoders } from "./decoders.js";
import { type Problem, sendProblem } from "./problem.js";

export interface CollectorDeps {
  readonly sink: EventSink;
  readonly decoders: Decoders;
  readonly identify: DecodeContext["identify"];
  readonly clock: Pick<Clock, "now">;
  readonly metrics: Pick<Metrics, "counter">;
  readonly logger: Pick<Logger, "error">;
}

/** What a route answers; null when the caller hung up. */
export type Answer = { readonly contentType: string; readonly body: string } | Problem | null;

export const SUCCESS: Answer = { contentType: "application/json", body: '{"success": true}' };

/** Why an append failed, and how long its cause usually lasts. */
const LOG_FULL_SECONDS = 30;
const BROKEN_STORE_SECONDS = 5;

export interface ServeDeps {
  readonly requests: CounterMetric<"route" | "status">;
  readonly logger: Pick<Logger, "error">;
}

/** Runs a route: one answer per request, one count per answer, and nothing thrown beyond. */
export function serve(route: string, deps: ServeDeps, handle: (request: Request) => Promise<Answer>): RequestHandler {
  const answered = async (request: Request, response: Response): Promise<void> => {
    let answer: Answer;
    try {
      answer = await handle(request);
    } catch (error) {
      answer = problemOf(error);
      deps.logger.error({ route, ...errorFields(error) }, "could not accept events");
    }
    if (answer === null) return;
    if ("status" in answer) {
      sendProblem(response, answer);
    } else {
      response.setHeader("Content-Type", answer.contentType);
      response.end(answer.body);
    }
    deps.requests.add({ route, status: String(response.statusCode) });
  };
  return (request, response) => void answered(request, response);
}

function problemOf(error: unknown): Problem {
  if (error instanceof RollcallError && error.code === "LOG_FULL") {
    const detail = "The event log is full. Nothing of this request was kept: send it again later.";
    return { status: 503, code: "log-full", detail, retryAfterSeconds: LOG_FULL_SECONDS };
  }
  if (error instanceof RollcallError && error.isRetriable) {
    const detail = "Events cannot be stored right now. Send the request again later.";
    return { status: 503, code: "unavailable", detail, retryAfterSeconds: BROKEN_STORE_SECONDS };
  }
  return {
    status: 500,
    code: "internal",
    detail: "The request could not be processed. Its cause is in Rollcall's log.",
  };
}

export type RequestContext = DecodeContext & { readonly headers: Readonly<Record<string, string>> };

/** What decoding may know of a request. Only harmless headers are kept: no credentials, no addresses, no cookies. */
export function intakeContext(
  request: IncomingMessage,
  source: string,
  config: Pick<CollectorConfig, "institution" | "region">,
  deps: Pick<CollectorDeps, "clock" | "identify">,
): RequestContext {
  return {
    source,
    institution: config.institution,
    region: config.region,
    receivedAt: deps.clock.now() * 1000,
    identify: deps.identify,
    headers: keptHeaders(request),
  };
}

const KEPT_HEADERS = ["content-type", "content-encoding", "user-agent", "sec-gpc"] as const;

function keptHeaders(request: IncomingMessage): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of KEPT_HEADERS) {
    const value = request.headers[name];
    if (typeof value === "string") kept[name] = value;
  }
  return kept;
}
