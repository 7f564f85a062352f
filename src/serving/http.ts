import { createHash } from "node:crypto";
import type { ErrorRequestHandler, NextFunction, Request, RequestHandler, Response } from "express";
import { ipKeyGenerator, rateLimit } from "express-rate-limit";
import type { z } from "zod";
import { errorFields, type Logger } from "../platform/telemetry/log.js";
import type { ApiKeys, Principal, Scope } from "./api-keys.js";
import type { ApiMetrics } from "./metrics.js";
import { asHttpProblem, HttpProblem, problemOf } from "./problem.js";

export type ApiLogger = Pick<Logger, "debug" | "error">;

/** What an answer carries from the first middleware on. */
interface CallLocals {
  requestId: string;
  /** The route as a pattern, for logs and metrics: a path would show ids. */
  route: string;
  principal: Principal | null;
  /** A key was sent, and it is none. */
  hasWrongKey: boolean;
}
export type ApiResponse = Response<unknown, CallLocals & Record<string, unknown>>;
export type ApiHandler = (request: Request, response: ApiResponse) => void | Promise<void>;

const REQUEST_ID = /^[A-Za-z0-9._-]{8,64}$/;

/** Names the call and measures it. A caller's X-Request-Id is kept when it is harmless. */
export function beginCall(deps: {
  readonly random: (size: number) => Buffer;
  readonly metrics: ApiMetrics;
  readonly logger: ApiLogger;
}): RequestHandler {
  return (request, response, next) => {
    const startedAt = process.hrtime.bigint();
    const locals = (response as ApiResponse).locals;
    const given = request.get("x-request-id");
    locals.requestId = given !== undefined && REQUEST_ID.test(given) ? given : deps.random(12).toString("hex");
    locals.route = "none";
    locals.principal = null;
    locals.hasWrongKey = false;
    response.setHeader("X-Request-Id", locals.requestId);
    response.setHeader("X-Content-Type-Options", "nosniff");
    response.on("finish", () => {
      const seconds = Number(process.hrtime.bigint() - startedAt) / 1e9;
      const { route, requestId, principal } = locals;
      const answered = { method: request.method, route, status: response.statusCode, seconds };
      deps.metrics.answered(answered);
      deps.logger.debug({ ...answered, request_id: requestId, key_id: principal?.keyId ?? null }, "answered");
    });
    next();
  };
}

const BEARER = /^Bearer +(\S+)$/i;

/** Finds out who calls; whether that is enough is the route's question. */
export function authenticate(apiKeys: ApiKeys): RequestHandler {
  return async (request, response, next) => {
    const header = request.get("authorization");
    if (header !== undefined) {
      const { locals } = response as ApiResponse;
      locals.principal = await apiKeys.verify(BEARER.exec(header)?.[1] ?? "");
      locals.hasWrongKey = locals.principal === null;
    }
    next();
  };
}

/** A key that is no good is refused everywhere. */
export const refuseWrongKeys: RequestHandler = (_request, response, next) => {
  if ((response as ApiResponse).locals.hasWrongKey) throw unauthorized("This key is not valid here.");
  next();
};

/** Throws UNAUTHORIZED without a key, FORBIDDEN without the scope. */
export function requireScope(response: ApiResponse, scope: Scope): Principal {
  const { principal } = response.locals;
  if (principal === null) throw unauthorized("Send an API key: Authorization: Bearer rk_...");
  if (!principal.scopes.has(scope)) throw new HttpProblem("FORBIDDEN", `This key lacks the scope ${scope}.`);
  return principal;
}

function unauthorized(detail: string): HttpProblem {
  return new HttpProblem("UNAUTHORIZED", detail, { "WWW-Authenticate": 'Bearer realm="rollcall"' });
}

/**
 * Wrong keys, per address: guessing is slow. Whoever has a key is never held up by somebody else at the same address, as all are who come
 * by way of one proxy.
 */
export function limitWrongKeys(perMinute: number): RequestHandler {
  return limiter(perMinute, (request) => ipKeyGenerator(request.ip ?? ""), {
    skip: (_request: Request, response: Response) => !(response as ApiResponse).locals.hasWrongKey,
    standardHeaders: false,
  });
}

/** Per key; callers without one share the allowance of their address. */
export function limitKeys(requestsPerMinute: number): RequestHandler {
  return limiter(requestsPerMinute, (request, response) => {
    const { principal } = (response as ApiResponse).locals;
    return principal?.keyId ?? ipKeyGenerator(request.ip ?? "");
  });
}

function limiter(
  limit: number,
  keyGenerator: (request: Request, response: Response) => string,
  options: object = {},
): RequestHandler {
  return rateLimit({
    windowMs: 60_000,
    limit,
    keyGenerator,
    standardHeaders: "draft-8",
    legacyHeaders: false,
    handler: (_request: Request, _response: Response, next: NextFunction) => {
      next(new HttpProblem("TOO_MANY_REQUESTS", "Too many requests: wait for the time in Retry-After."));
    },
    ...options,
  });
}

/** Parses a query or body; the answer names the field and the rule, never the value. */
export function parse<T extends z.ZodType>(schema: T, input: unknown): z.infer<T> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `${issue.path.join(".") || "body"}: ${issue.message}`);
  throw new HttpProblem("BAD_REQUEST", problems.join("; "));
}

export function sendJson(response: Response, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(200, {
    "Content-Type": "application/json; charset=utf-8",
    "Content-Length": Buffer.byteLength(text),
    "Cache-Control": "no-store",
  });
  response.end(text);
}

/** The same with a validator: the body is built, and not sent when the caller has it. */
export function sendWithETag(request: Request, response: Response, body: unknown): void {
  const text = JSON.stringify(body);
  const etag = `"${createHash("sha1").update(text).digest("base64url")}"`;
  const headers = { ETag: etag, "Cache-Control": "private, no-cache", Vary: "Authorization" };
  if (matches(request.get("if-none-match"), etag)) {
    response.writeHead(304, headers);
    response.end();
    return;
  }
  response.writeHead(200, {
    ...headers,
    "Content-Type": "application/json; charset=utf-8",
    "Content-Length": Buffer.byteLength(text),
  });
  response.end(text);
}

/** If-None-Match compares weakly: RFC 9110, section 13.1.2. */
function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  if (header.trim() === "*") return true;
  return header.split(",").some((candidate) => candidate.trim().replace(/^W\//, "") === etag);
}

export const notFound: RequestHandler = () => {
  throw new HttpProblem("NOT_FOUND", "There is nothing at this path. GET /openapi.json says what there is.");
};

export function methodNotAllowed(allowed: string): RequestHandler {
  return () => {
    throw new HttpProblem("METHOD_NOT_ALLOWED", `This path takes ${allowed}.`, { Allow: allowed });
  };
}

/** Every error leaves as application/problem+json. What we did not foresee is logged with its request id. */
export function answerProblems(logger: ApiLogger): ErrorRequestHandler {
  return (error: unknown, _request, response, _next) => {
    const { requestId, route } = (response as ApiResponse).locals;
    const problem = problemOf(asHttpProblem(error), requestId);
    if (problem.status >= 500) logger.error({ request_id: requestId, route, ...errorFields(error) }, "request failed");
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const text = JSON.stringify(problem);
    response.writeHead(problem.status, {
      ...asHttpProblem(error).headers,
      "Content-Type": "application/problem+json; charset=utf-8",
      "Content-Length": Buffer.byteLength(text),
      "Cache-Control": "no-store",
    });
    response.end(text);
  };
}
