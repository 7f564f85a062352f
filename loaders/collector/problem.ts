import type { Response } from "express";

/** RFC 9457: what went wrong and what the caller can do. Details never quote what was sent. */
export interface Problem {
  readonly status: 400 | 401 | 403 | 413 | 415 | 500 | 503;
  /** Stable name of the kind of problem, the last part of its `type`. */
  readonly code: string;
  readonly detail: string;
  /** For 401: how to authenticate. */
  readonly challenge?: string;
  /** For 503: when to come back. */
  readonly retryAfterSeconds?: number;
}

const TITLES: Readonly<Record<Problem["status"], string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

export function sendProblem(response: Response, problem: Problem): void {
  const { status, code, detail } = problem;
  response.statusCode = status;
  response.setHeader("Content-Type", "application/problem+json");
  if (problem.retryAfterSeconds !== undefined) response.setHeader("Retry-After", String(problem.retryAfterSeconds));
  if (problem.challenge !== undefined) response.setHeader("WWW-Authenticate", problem.challenge);
  // The rest of a body that was refused is not read: the connection cannot be used again.
  if (status === 413) response.setHeader("Connection", "close");
  response.end(JSON.stringify({ type: `urn:rollcall:problem:${code}`, title: TITLES[status], status, detail }));
}
