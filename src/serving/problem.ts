import { STATUS_CODES } from "node:http";
import { type ErrorCode, RollcallError } from "../platform/errors.js";

/** RFC 9457. `type` is about:blank, so `title` is the status phrase; `code` is what a program should branch on. */
export interface Problem {
  readonly type: "about:blank";
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ProblemCode;
  readonly request_id: string;
}

export const PROBLEM_CODES = [
  "BAD_REQUEST",
  "UNAUTHORIZED",
  "FORBIDDEN",
  "NOT_FOUND",
  "METHOD_NOT_ALLOWED",
  "TOO_LARGE",
  "UNSUPPORTED_MEDIA_TYPE",
  "TOO_MANY_REQUESTS",
  "INTERNAL",
  "UNAVAILABLE",
] as const;
export type ProblemCode = (typeof PROBLEM_CODES)[number];

const STATUS: Readonly<Record<ProblemCode, number>> = {
  BAD_REQUEST: 400,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  TOO_MANY_REQUESTS: 429,
  INTERNAL: 500,
  UNAVAILABLE: 503,
};

/** Thrown by a handler to answer with a problem. The detail reaches the caller: it holds no personal data. */
export class HttpProblem extends Error {
  override readonly name = "HttpProblem";
  constructor(
    readonly code: ProblemCode,
    readonly detail: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail);
  }
}

export function problemOf(problem: HttpProblem, requestId: string): Problem {
  const status = STATUS[problem.code];
  return {
    type: "about:blank",
    title: STATUS_CODES[status] ?? "Error",
    status,
    detail: problem.detail,
    code: problem.code,
    request_id: requestId,
  };
}

const BY_ERROR: Partial<Readonly<Record<ErrorCode, ProblemCode>>> = {
  INPUT_INVALID: "BAD_REQUEST",
  NOT_FOUND: "NOT_FOUND",
  TOO_LARGE: "TOO_LARGE",
};

/** What a caller may know of an error. Of one we did not foresee: nothing but the request id. */
export function asHttpProblem(error: unknown): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (error instanceof RollcallError) {
    const code = BY_ERROR[error.code];
    if (code) return new HttpProblem(code, error.message);
    if (error.isRetriable) {
      return new HttpProblem("UNAVAILABLE", "A part we depend on is away. Try again.", { "Retry-After": "1" });
    }
  }
  return bodyProblem(error) ?? new HttpProblem("INTERNAL", "Something went wrong here. Quote the request id.");
}

/** Errors of Express itself (body parser, path decoding) carry a status; their messages may quote the input. */
function bodyProblem(error: unknown): HttpProblem | null {
  const status = error instanceof Error && "status" in error ? error.status : undefined;
  if (status === 413) return new HttpProblem("TOO_LARGE", "The body is too large.");
  if (status === 415) return new HttpProblem("UNSUPPORTED_MEDIA_TYPE", "Send application/json in UTF-8.");
  if (status === 400) return new HttpProblem("BAD_REQUEST", "The request cannot be read: check the JSON and the path.");
  return null;
}
