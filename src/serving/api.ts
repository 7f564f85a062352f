import express, { type Request, Router } from "express";
import { type Clock, type Micros, microsToIso } from "../platform/clock.js";
import { messageOf } from "../platform/errors.js";
import type { ApiKeys, Scope } from "./api-keys.js";
import { decodeCursor, encodeCursor } from "./cursor.js";
import { visibleProfile } from "./fields.js";
import {
  type ApiHandler,
  type ApiLogger,
  type ApiResponse,
  answerProblems,
  authenticate,
  beginCall,
  limitKeys,
  limitWrongKeys,
  methodNotAllowed,
  notFound,
  parse,
  refuseWrongKeys,
  requireScope,
  sendJson,
  sendWithETag,
} from "./http.js";
import type { ApiMetrics } from "./metrics.js";
import { openApiDocument } from "./openapi.js";
import { HttpProblem } from "./problem.js";
import type { ProfileStore, StoredProfile } from "./profile-store.js";
import { eventsQuerySchema, lookupSchema, membersQuerySchema, profileIdSchema } from "./schemas.js";

export interface SegmentDefinition {
  readonly name: string;
  readonly description: string;
}

export interface ProfileApiConfig {
  readonly version: string;
  readonly segments: readonly SegmentDefinition[];
  /** The kinds of identifier a look-up takes. */
  readonly identifierTypes: readonly string[];
  /** Requests one key may make per minute and process. */
  readonly requestsPerMinute: number;
  /** Failed authentications one address may make per minute and process. */
  readonly failuresPerMinute: number;
}

export interface ProfileApiDeps {
  readonly store: ProfileStore;
  readonly apiKeys: ApiKeys;
  /** The hmacs a raw value may have: one per namespace it could belong to. Empty when it is no value of that type. */
  readonly identify: (type: string, value: string, namespace?: string) => readonly string[];
  /** Resolves when requests can be served; rejects with a message fit for strangers. */
  readonly ready: () => Promise<void>;
  readonly clock: Clock;
  readonly random: (size: number) => Buffer;
  readonly metrics: ApiMetrics;
  readonly logger: ApiLogger;
}

/**
 * The Profile API. Mount it last: what it does not know, it answers with a problem. Personal data is in bodies only,
 * and only for keys that may see it.
 */
export function createProfileApi(config: ProfileApiConfig, deps: ProfileApiDeps): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const segments = new Map(config.segments.map((segment) => [segment.name, segment]));
  const openApi = openApiDocument(config.version);
  const nowMicros = (): Micros => deps.clock.now() * 1000;
  const now = (): string => microsToIso(nowMicros());

  /** A route that needs no key. */
  function open(method: "get", path: string, handler: ApiHandler): void {
    mount(method, path, [], handler);
  }

  /** A route that needs a key with the scope: checked before anything of the request is read. */
  function guarded(method: "get" | "post", path: string, scope: Scope, handler: ApiHandler): void {
    const body = method === "post" ? [express.json({ limit: "4kb", strict: true })] : [];
    const guard = (_request: Request, response: unknown, next: () => void): void => {
      requireScope(response as ApiResponse, scope);
      next();
    };
    mount(method, path, [...guards, guard, ...body], handler);
  }

  const guards = [
    authenticate(deps.apiKeys),
    limitWrongKeys(config.failuresPerMinute),
    refuseWrongKeys,
    limitKeys(config.requestsPerMinute),
  ];

  function mount(method: "get" | "post", path: string, before: express.RequestHandler[], handler: ApiHandler): void {
    const route = router.route(path);
    const named: express.RequestHandler = (_request, response, next) => {
      (response as ApiResponse).locals.route = path;
      next();
    };
    route[method](named, ...before, (request, response) => handler(request, response as ApiResponse));
    route.all(named, methodNotAllowed(method === "get" ? "GET, HEAD" : "POST"));
  }

  /** The stored profile; null when a redirect was sent instead. Throws NOT_FOUND. */
  async function storedProfile(request: Request, response: ApiResponse, rest: string): Promise<StoredProfile | null> {
    const id = profileIdSchema.safeParse(request.params.id);
    const stored = id.success ? await deps.store.profile(id.data) : null;
    const living = typeof stored?.merged_into === "string" ? await deps.store.living(stored.merged_into) : stored;
    if (living === null) throw new HttpProblem("NOT_FOUND", "There is no such profile.");
    if (living === stored) return stored;
    response.writeHead(308, {
      Location: `${request.baseUrl}/profiles/${living._id}${rest}`,
      "Cache-Control": "no-cache",
    });
    response.end();
    return null;
  }

  router.use(beginCall(deps));

  guarded("post", "/profiles/lookup", "profiles:read", async (request, response) => {
    if (!request.is("application/json")) {
      throw new HttpProblem("UNSUPPORTED_MEDIA_TYPE", "Send application/json in UTF-8.");
    }
    const { type, value, namespace } = parse(lookupSchema, request.body);
    if (!config.identifierTypes.includes(type)) {
      throw new HttpProblem("BAD_REQUEST", `type: one of ${config.identifierTypes.join(", ")}`);
    }
    const { scopes } = requireScope(response, "profiles:read");
    const profiles = await deps.store.byIdentifiers(deps.identify(type, value, namespace));
    sendJson(response, { profiles: profiles.map((profile) => visibleProfile(profile, scopes, nowMicros())) });
  });

  guarded("get", "/profiles/:id", "profiles:read", async (request, response) => {
    const stored = await storedProfile(request, response, "");
    if (stored === null) return;
    const { scopes } = requireScope(response, "profiles:read");
    sendWithETag(request, response, visibleProfile(stored, scopes, nowMicros()));
  });

  guarded("get", "/profiles/:id/events", "profiles:read", async (request, response) => {
    const { limit, before } = parse(eventsQuerySchema, request.query);
    const [occurredAt, eventKey] = before === undefined ? [] : decodeCursor(before, 2);
    const cursor = occurredAt === undefined || eventKey === undefined ? null : { occurredAt, eventKey };
    const search = request.url.includes("?") ? request.url.slice(request.url.indexOf("?")) : "";
    const profile = await storedProfile(request, response, `/events${search}`);
    if (profile === null) return;
    // One more than asked for tells whether there is a next page.
    const found = await deps.store.events(profile, limit + 1, cursor);
    const events = found.slice(0, limit);
    const last = found.length > limit ? events.at(-1) : undefined;
    sendJson(response, { events, next_cursor: last ? encodeCursor([last.occurred_at, last.event_key]) : null });
  });

  guarded("get", "/segments", "segments:read", async (_request, response) => {
    const at = now();
    const counted = [...segments.values()].map(async ({ name, description }) => {
      return { name, description, member_count: await deps.store.memberCount(name, at) };
    });
    sendJson(response, { segments: await Promise.all(counted) });
  });

  guarded("get", "/segments/:name/profiles", "segments:read", async (request, response) => {
    const { limit, cursor } = parse(membersQuerySchema, request.query);
    const segment = segments.get(String(request.params.name));
    if (!segment) throw new HttpProblem("NOT_FOUND", "There is no such segment. GET /segments lists them.");
    const [after] = cursor === undefined ? [] : decodeCursor(cursor, 1);
    const found = await deps.store.members(segment.name, now(), limit + 1, after ?? null);
    const profiles = found.slice(0, limit);
    const last = found.length > limit ? profiles.at(-1) : undefined;
    sendJson(response, { profiles, next_cursor: last ? encodeCursor([last.profile_id]) : null });
  });

  open("get", "/health", (_request, response) => sendJson(response, { status: "ok" }));

  open("get", "/ready", async (_request, response) => {
    try {
      await deps.ready();
    } catch (error) {
      response.status(503).json({ status: "unavailable", detail: messageOf(error) });
      return;
    }
    sendJson(response, { status: "ok" });
  });

  guarded("get", "/metrics", "metrics:read", async (_request, response) => {
    const { contentType, text } = await deps.metrics.expose();
    response.writeHead(200, { "Content-Type": contentType, "Cache-Control": "no-store" });
    response.end(text);
  });

  open("get", "/openapi.json", (_request, response) => sendJson(response, openApi));

  router.use(notFound);
  router.use(answerProblems(deps.logger));
  return router;
}
