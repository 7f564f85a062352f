import { z } from "zod";
import type { Scope } from "./api-keys.js";
import { profileSchema } from "./fields.js";
import * as schemas from "./schemas.js";

type JsonObject = Record<string, unknown>;

/** The OpenAPI 3.1 document of the Profile API, made from the schemas that requests are parsed by. */
export function openApiDocument(version: string): JsonObject {
  const id = parameter("path", "id", schemas.profileIdSchema, true);
  const name = parameter("path", "name", schemas.segmentNameSchema, true);
  return {
    openapi: "3.1.0",
    info: {
      title: "Rollcall Profile API",
      version,
      description: "Student profiles, their events and segments. Errors are application/problem+json (RFC 9457).",
    },
    security: [{ apiKey: [] }],
    paths: {
      "/profiles/{id}": {
        get: operation({
          id: "getProfile",
          summary: "One profile. A merged one redirects to the profile it became part of.",
          scopes: ["profiles:read"],
          parameters: [id],
          answer: "Profile",
          problems: [404],
          others: {
            304: { description: "The caller's copy (If-None-Match) is current." },
            308: { description: "Merged: see Location.", headers: { Location: { schema: { type: "string" } } } },
          },
        }),
      },
      "/profiles/lookup": {
        post: operation({
          id: "lookUpProfiles",
          summary: "The profiles an identifier belongs to. The value travels in the body, never in a URL.",
          scopes: ["profiles:read"],
          body: "Lookup",
          answer: "LookupAnswer",
          problems: [413, 415],
        }),
      },
      "/profiles/{id}/events": {
        get: operation({
          id: "listEvents",
          summary: "Events of a profile, newest first.",
          scopes: ["profiles:read"],
          parameters: [id, ...queryParameters(schemas.eventsQuerySchema)],
          answer: "EventsAnswer",
          problems: [404],
          others: {
            308: { description: "Merged: see Location.", headers: { Location: { schema: { type: "string" } } } },
          },
        }),
      },
      "/segments": {
        get: operation({
          id: "listSegments",
          summary: "The segments and how many members each has now.",
          scopes: ["segments:read"],
          answer: "SegmentsAnswer",
        }),
      },
      "/segments/{name}/profiles": {
        get: operation({
          id: "listMembers",
          summary: "Who is a member of a segment now.",
          scopes: ["segments:read"],
          parameters: [name, ...queryParameters(schemas.membersQuerySchema)],
          answer: "MembersAnswer",
          problems: [404],
        }),
      },
      "/health": { get: operation({ id: "health", summary: "The process answers.", answer: "Status" }) },
      "/ready": {
        get: operation({
          id: "ready",
          summary: "Requests can be served.",
          answer: "Status",
          others: { 503: { description: "Not now.", content: json("Status") } },
        }),
      },
      "/metrics": {
        get: operation({
          id: "metrics",
          summary: "Measurements in the text format of Prometheus.",
          scopes: ["metrics:read"],
          answer: null,
        }),
      },
      "/openapi.json": { get: operation({ id: "openApi", summary: "This document.", answer: null }) },
    },
    components: {
      securitySchemes: { apiKey: { type: "http", scheme: "bearer", description: "An API key: rk_..." } },
      schemas: {
        Profile: schemaOf(profileSchema),
        Lookup: schemaOf(schemas.lookupSchema, "input"),
        LookupAnswer: schemaOf(schemas.lookupAnswerSchema),
        EventsAnswer: schemaOf(schemas.eventsAnswerSchema),
        SegmentsAnswer: schemaOf(schemas.segmentsAnswerSchema),
        MembersAnswer: schemaOf(schemas.membersAnswerSchema),
        Status: schemaOf(schemas.statusSchema),
        Problem: schemaOf(schemas.problemSchema),
      },
    },
  };
}

interface Operation {
  readonly id: string;
  readonly summary: string;
  /** Empty: open to everybody. */
  readonly scopes?: readonly Scope[];
  readonly parameters?: readonly JsonObject[];
  readonly body?: string;
  /** The schema of a 200; null when it is not JSON of ours. */
  readonly answer: string | null;
  readonly problems?: readonly number[];
  readonly others?: Readonly<Record<number, JsonObject>>;
}

function operation(spec: Operation): JsonObject {
  const scopes = spec.scopes ?? [];
  const isGuarded = scopes.length > 0;
  const problems = [...(isGuarded ? [400, 401, 403] : []), ...(spec.problems ?? []), ...(isGuarded ? [429] : [])];
  return {
    operationId: spec.id,
    summary: spec.summary,
    ...(isGuarded ? { description: `Needs the scope ${scopes.join(", ")}.` } : { security: [] }),
    ...(spec.parameters ? { parameters: spec.parameters } : {}),
    ...(spec.body ? { requestBody: { required: true, content: json(spec.body) } } : {}),
    responses: {
      200: { description: "OK", ...(spec.answer === null ? {} : { content: json(spec.answer) }) },
      ...spec.others,
      ...Object.fromEntries(problems.map((status) => [status, PROBLEM])),
      default: PROBLEM,
    },
  };
}

function reference(name: string): JsonObject {
  return { $ref: `#/components/schemas/${name}` };
}

function json(name: string): JsonObject {
  return { "application/json": { schema: reference(name) } };
}

const PROBLEM: JsonObject = {
  description: "A problem.",
  content: { "application/problem+json": { schema: reference("Problem") } },
};

function queryParameters(schema: z.ZodObject): JsonObject[] {
  return Object.entries(schema.shape).map(([name, field]) => parameter("query", name, field as z.ZodType, false));
}

function parameter(place: "path" | "query", name: string, schema: z.ZodType, required: boolean): JsonObject {
  return { in: place, name, required, schema: schemaOf(schema) };
}

/** JSON Schema 2020-12, which is what OpenAPI 3.1 speaks. The dialect is the document's, not each schema's. */
function schemaOf(schema: z.ZodType, io: "input" | "output" = "output"): JsonObject {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io });
  return rest;
}
