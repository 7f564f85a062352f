import { errorFields, type Logger } from "../../src/platform/telemetry/log.js";
import type { Decoded, EventTable } from "../record.js";
import { type ParsedJson, parseJson } from "../sources/contracts/parse-json.js";
import { decodeSendgridEvent } from "../sources/email/decode.js";
import { type IntakeContext, toDeadLetter } from "../sources/outcome.js";
import { decodeChangeEvent } from "../sources/salesforce/decode-change.js";
import { decodeSegmentMessage, type SegmentContext } from "../sources/segment/decode.js";
import { decodeTwilioWebhook } from "../sources/whatsapp/decode.js";

/** What the collector asks of `loaders/sources`: one event's JSON in, one event or dead letter out. */
export interface Decoders {
  readonly parseJson: (bytes: Buffer) => ParsedJson;
  readonly segment: Decode<unknown, SegmentContext>;
  readonly sendgrid: Decode<unknown, IntakeContext>;
  readonly twilio: Decode<Readonly<Record<string, unknown>>, IntakeContext>;
  readonly salesforce: Decode<unknown, IntakeContext>;
}

export type Decode<Value, Context> = (value: Value, original: Buffer, ctx: Context) => Decoded;

export const sourceDecoders: Decoders = {
  parseJson,
  segment: decodeSegmentMessage,
  sendgrid: decodeSendgridEvent,
  twilio: decodeTwilioWebhook,
  salesforce: decodeChangeEvent,
};

/** Decoders that never throw: an event that trips one becomes a dead letter, and the rest of its batch is taken. */
export function guarded(decoders: Decoders, logger: Pick<Logger, "error">): Decoders {
  const guard =
    <Value, Context extends IntakeContext>(
      decode: Decode<Value, Context>,
      tableOf: (ctx: Context) => EventTable,
    ): Decode<Value, Context> =>
    (value, original, ctx) => {
      try {
        return decode(value, original, ctx);
      } catch (error) {
        const table = tableOf(ctx);
        logger.error({ table, ...errorFields(error) }, "an event could not be decoded");
        return toDeadLetter(table, original, ctx, {
          stage: "decode",
          reason: "broken_row",
          detail: "decoding failed; its cause is in Rollcall's log",
        });
      }
    };
  return {
    parseJson: decoders.parseJson,
    segment: guard(decoders.segment, ({ table }) => table),
    sendgrid: guard(decoders.sendgrid, () => "email_events"),
    twilio: guard(decoders.twilio, () => "whatsapp_messages"),
    salesforce: guard(decoders.salesforce, () => "salesforce_changes"),
  };
}
