import type { Request } from "express";
import { isoToMicros } from "../../src/platform/clock.js";
import type { Decoded } from "../record.js";
import { isObject, toDeadLetter } from "../sources/outcome.js";
import type { SegmentContext } from "../sources/segment/decode.js";
import { readBody } from "./body.js";
import { type CollectorConfig, LIMITS } from "./config.js";
import { detailOf, type Element, isBroken, parseElements } from "./elements.js";
import { type Answer, type CollectorDeps, intakeContext, SUCCESS } from "./intake.js";
import type { Problem } from "./problem.js";
import { basicUser } from "./secrets.js";
import { splitMember } from "./split-json.js";

/**
 * Segment's HTTP tracking API: https://segment.com/docs/connections/sources/catalog/libraries/server/http-api/
 *
 * Answers 200 only when every event of the request is durable, as itself or as a dead letter. What the caller can repair
 * (no write key, broken JSON, a request too large) is refused as a whole and not counted; one bad event of a batch
 * becomes a dead letter and delays nothing.
 */
export type MessageType = "track" | "identify" | "page" | "screen" | "group" | "alias";

type WriteKey = CollectorConfig["writeKeys"][number];
type Envelope = Readonly<Record<string, unknown>>;

export interface SegmentRoutes {
  one(request: Request, type: MessageType): Promise<Answer>;
  batch(request: Request): Promise<Answer>;
}

const TABLES = { website: "website_events", mobile: "mobile_events" } as const;

const UNAUTHORIZED: Problem = {
  status: 401,
  code: "unknown-write-key",
  // Not "Basic": a browser would ask its user for a password.
  challenge: 'WriteKey realm="rollcall"',
  detail: "Send a valid write key: as the user name of Basic authentication, or as writeKey in the body.",
};
const MALFORMED: Problem = {
  status: 400,
  code: "malformed-json",
  detail: "The body must be one JSON object in UTF-8.",
};

export function createSegmentRoutes(config: CollectorConfig, deps: CollectorDeps): SegmentRoutes {
  const writeKeys = new Map(config.writeKeys.map((entry) => [entry.key, entry]));
  const { sink, decoders } = deps;

  /** The header's key, else the body's. A wrong header is not made good by the body. */
  function writeKeyOf(request: Request, envelope: Envelope): WriteKey | undefined {
    const key = basicUser(request.headers.authorization) ?? envelope.writeKey;
    return typeof key === "string" ? writeKeys.get(key) : undefined;
  }

  function contextOf(request: Request, writeKey: WriteKey, envelope: Envelope): SegmentContext {
    const { sentAt } = envelope;
    return {
      ...intakeContext(request, writeKey.name, config, deps),
      table: TABLES[writeKey.source],
      sentAt: typeof sentAt === "string" ? isoToMicros(sentAt) : null,
    };
  }

  function decode({ original, parsed }: Element, ctx: SegmentContext, additions: Additions): Decoded {
    if (parsed.ok) return decoders.segment(withAdditions(parsed.value, additions), original, ctx);
    const { reason, detail } = parsed;
    return toDeadLetter(ctx.table, original, ctx, { stage: "collect", reason, detail });
  }

  return {
    one: async (request, type) => {
      const outcome = await readBody(request, LIMITS.eventBytes);
      if (!outcome.ok) return outcome.problem;
      const { body } = outcome;
      const parsed = decoders.parseJson(body);
      if (!parsed.ok && parsed.reason !== "too_deep") return MALFORMED;
      const envelope = parsed.ok ? parsed.value : {};
      if (!isObject(envelope)) return MALFORMED;
      const writeKey = writeKeyOf(request, envelope);
      if (!writeKey) return UNAUTHORIZED;
      const ctx = contextOf(request, writeKey, envelope);
      const element: Element = {
        original: body,
        parsed: parsed.ok ? parsed : { ...parsed, detail: detailOf(parsed.reason) },
      };
      await sink.append(writeKey.source, [decode(element, ctx, { type, hasGpc: hasGpc(request) })]);
      return SUCCESS;
    },

    batch: async (request) => {
      const outcome = await readBody(request, LIMITS.batchBytes);
      if (!outcome.ok) return outcome.problem;
      const { body } = outcome;
      const array = splitMember(body, "batch");
      if (!array) return { ...MALFORMED, detail: 'The body must be one JSON object in UTF-8 with an array "batch".' };
      if (array.elements.length > LIMITS.batchEvents) {
        return { status: 413, code: "too-many-events", detail: `A batch may have ${LIMITS.batchEvents} events.` };
      }
      const around = Buffer.concat([body.subarray(0, array.start + 1), body.subarray(array.end - 1)]);
      const envelope = decoders.parseJson(around);
      if (!envelope.ok || !isObject(envelope.value)) return MALFORMED;
      const writeKey = writeKeyOf(request, envelope.value);
      if (!writeKey) return UNAUTHORIZED;
      const elements = parseElements(body, array.elements, LIMITS.eventBytes, decoders.parseJson);
      if (elements.some(isBroken)) return MALFORMED;
      const ctx = contextOf(request, writeKey, envelope.value);
      const additions = { context: envelope.value.context, hasGpc: hasGpc(request) };
      await sink.append(
        writeKey.source,
        elements.map((element) => decode(element, ctx, additions)),
      );
      return SUCCESS;
    },
  };
}

interface Additions {
  /** The route's type: it wins over what the message says. */
  readonly type?: MessageType;
  /** A batch's context holds for each message that does not say otherwise. */
  readonly context?: unknown;
  readonly hasGpc: boolean;
}

function withAdditions(message: unknown, { type, context, hasGpc }: Additions): unknown {
  if (!isObject(message)) return message;
  const typed = type === undefined ? message : { ...message, type };
  if (!isObject(context) && !hasGpc) return typed;
  return {
    ...typed,
    context: {
      ...(isObject(context) ? context : {}),
      ...(isObject(message.context) ? message.context : {}),
      ...(hasGpc ? { gpc: true } : {}),
    },
  };
}

/** Global Privacy Control: the browser says that its user wants no sale or sharing. https://www.w3.org/TR/gpc/ */
function hasGpc(request: Request): boolean {
  return request.headers["sec-gpc"] === "1";
}
