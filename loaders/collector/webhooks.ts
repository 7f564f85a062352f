import type { Request } from "express";
import type { DeadLetterReason, Decoded, EventTable, SourceId } from "../record.js";
import { type IntakeContext, isObject, toDeadLetter } from "../sources/outcome.js";
import { readBody } from "./body.js";
import { type CollectorConfig, LIMITS } from "./config.js";
import { type Element, isBroken, lineSpans, parseElements, tooLarge } from "./elements.js";
import { type Answer, type CollectorDeps, intakeContext, SUCCESS } from "./intake.js";
import type { Problem } from "./problem.js";
import { bearerToken, isSameSecret } from "./secrets.js";
import {
  isSignedBySendgrid,
  SENDGRID_SIGNATURE_HEADER,
  SENDGRID_TIMESTAMP_HEADER,
  sendgridKey,
} from "./sendgrid-signature.js";
import { splitArray } from "./split-json.js";
import { bodyDigestOf, isSignedByTwilio, parseForm, TWILIO_SIGNATURE_HEADER } from "./twilio-signature.js";

/**
 * Webhooks of the providers. A signed request is always taken: what cannot be read of it becomes a dead letter, because
 * the provider would only send the same again. A request whose signature is wrong is refused and counted.
 */
export interface WebhookRoutes {
  sendgrid(request: Request): Promise<Answer>;
  twilio(request: Request): Promise<Answer>;
  salesforce(request: Request): Promise<Answer>;
}

/** An empty TwiML document: Twilio sends no reply to the student. */
const TWIML: Answer = { contentType: "text/xml", body: "<Response/>" };

interface Feed {
  readonly source: SourceId;
  readonly table: EventTable;
  readonly name: string;
}

const SENDGRID: Feed = { source: "email", table: "email_events", name: "sendgrid" };
const TWILIO: Feed = { source: "whatsapp", table: "whatsapp_messages", name: "twilio" };
const SALESFORCE: Feed = { source: "salesforce", table: "salesforce_changes", name: "salesforce" };

const OPEN_ARRAY = 0x5b;

export function createWebhookRoutes(config: CollectorConfig, deps: CollectorDeps): WebhookRoutes {
  const { sink, decoders } = deps;
  const rejected = deps.metrics.counter({
    name: "rollcall_webhooks_rejected_total",
    help: "Webhook requests refused before their content was looked at.",
    labels: ["provider", "reason"],
  });
  const publicKey = config.sendgrid ? sendgridKey(config.sendgrid.publicKey) : null;

  function refuse(provider: Feed, problem: Problem): Problem {
    rejected.add({ provider: provider.name, reason: problem.code });
    return problem;
  }

  function contextOf(request: Request, feed: Feed): IntakeContext {
    return intakeContext(request, feed.name, config, deps);
  }

  function deadLetter(
    feed: Feed,
    original: Buffer,
    ctx: IntakeContext,
    reason: DeadLetterReason,
    detail: string,
  ): Decoded {
    return toDeadLetter(feed.table, original, ctx, { stage: "collect", reason, detail });
  }

  function decodeElement(
    { original, parsed }: Element,
    feed: Feed,
    ctx: IntakeContext,
    decode: (value: unknown, original: Buffer, ctx: IntakeContext) => Decoded,
  ): Decoded {
    if (parsed.ok) return decode(parsed.value, original, ctx);
    return deadLetter(feed, original, ctx, parsed.reason, parsed.detail);
  }

  function twilioItem(url: string, body: Buffer, ctx: IntakeContext): Decoded {
    if (body.length > LIMITS.webhookEventBytes) {
      return deadLetter(TWILIO, body, ctx, "too_large", tooLarge(LIMITS.webhookEventBytes));
    }
    const params = paramsOf(url, body);
    if (params) return decoders.twilio(params, body, ctx);
    return deadLetter(TWILIO, body, ctx, "malformed_json", "a JSON object expected");
  }

  return {
    sendgrid: async (request) => {
      if (!publicKey) return refuse(SENDGRID, notConfigured("sendgrid.publicKey"));
      const outcome = await readBody(request, LIMITS.webhookBytes);
      if (!outcome.ok) return outcome.problem;
      const { body } = outcome;
      const signature = request.get(SENDGRID_SIGNATURE_HEADER);
      const timestamp = request.get(SENDGRID_TIMESTAMP_HEADER);
      if (!isSignedBySendgrid(publicKey, { signature, timestamp, body })) return refuse(SENDGRID, BAD_SIGNATURE);
      const ctx = contextOf(request, SENDGRID);
      const array = splitArray(body);
      const items = array
        ? parseElements(body, array.elements, LIMITS.webhookEventBytes, decoders.parseJson).map((element) =>
            decodeElement(element, SENDGRID, ctx, decoders.sendgrid),
          )
        : [deadLetter(SENDGRID, body, ctx, "malformed_json", "a JSON array of events expected")];
      await sink.append(SENDGRID.source, items);
      return SUCCESS;
    },

    twilio: async (request) => {
      if (!config.twilio) return refuse(TWILIO, notConfigured("twilio.authToken and twilio.publicUrl"));
      const outcome = await readBody(request, LIMITS.webhookBytes);
      if (!outcome.ok) return outcome.problem;
      const { body } = outcome;
      const url = config.twilio.publicUrl.replace(/\/$/, "") + request.originalUrl;
      const signature = request.get(TWILIO_SIGNATURE_HEADER);
      if (!isSignedByTwilio(config.twilio.authToken, { signature, url, body })) return refuse(TWILIO, BAD_SIGNATURE);
      const ctx = contextOf(request, TWILIO);
      await sink.append(TWILIO.source, [twilioItem(url, body, ctx)]);
      return TWIML;
    },

    /** No signature covers the body: whoever forwards the events can repair a broken one, and gets 400. */
    salesforce: async (request) => {
      if (!config.salesforce) return refuse(SALESFORCE, notConfigured("salesforce.token"));
      const token = bearerToken(request.headers.authorization);
      if (token === null || !isSameSecret(token, config.salesforce.token)) return refuse(SALESFORCE, BAD_TOKEN);
      const outcome = await readBody(request, LIMITS.webhookBytes);
      if (!outcome.ok) return outcome.problem;
      const { body } = outcome;
      const spans = body[0] === OPEN_ARRAY ? splitArray(body)?.elements : lineSpans(body);
      const elements = parseElements(body, spans ?? [], LIMITS.webhookEventBytes, decoders.parseJson);
      if (elements.length === 0 || elements.some(isBroken)) return MALFORMED;
      const ctx = contextOf(request, SALESFORCE);
      await sink.append(
        SALESFORCE.source,
        elements.map((element) => decodeElement(element, SALESFORCE, ctx, decoders.salesforce)),
      );
      return SUCCESS;
    },
  };

  /** Null when a JSON body is no JSON object. A repeated form parameter keeps its last value. */
  function paramsOf(url: string, body: Buffer): Readonly<Record<string, unknown>> | null {
    if (bodyDigestOf(url) === null) {
      return Object.fromEntries([...parseForm(body)].map(([name, values]) => [name, values.at(-1) ?? ""]));
    }
    const parsed = decoders.parseJson(body);
    return parsed.ok && isObject(parsed.value) ? parsed.value : null;
  }
}

const BAD_SIGNATURE: Problem = {
  status: 403,
  code: "bad-signature",
  detail:
    "The signature does not fit the request. Compare the secret and the public address with the provider's settings.",
};
const BAD_TOKEN: Problem = {
  status: 401,
  code: "bad-token",
  challenge: 'Bearer realm="rollcall"',
  detail: "Send the shared token as a Bearer token.",
};
const MALFORMED: Problem = {
  status: 400,
  code: "malformed-json",
  detail: "Send change events as a JSON array or as one JSON object per line, in UTF-8.",
};

function notConfigured(setting: string): Problem {
  return {
    status: 503,
    code: "not-configured",
    detail: `This webhook is off until the collector is told ${setting}.`,
  };
}
