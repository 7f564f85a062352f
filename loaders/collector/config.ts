import { z } from "zod";
import { sendgridKey } from "./sendgrid-signature.js";

/**
 * What the collector has to be told. A section that is absent means that its webhook is off and answers 503;
 * a section that is there but wrong is a start-up error. No check is ever skipped.
 */
export const collectorConfigSchema = z.object({
  /** User ids and student numbers are unique within it. */
  institution: z.string().min(1),
  /** Phone numbers without a country code belong there. ISO 3166 alpha-2. */
  region: z.string().regex(/^[A-Z]{2}$/, "two capital letters, as in GB"),
  writeKeys: z
    .array(
      z.object({
        key: z.string().min(16, "at least 16 characters"),
        source: z.enum(["website", "mobile"]),
        /** What events of this key carry as their source. */
        name: z.string().min(1),
      }),
    )
    .refine((keys) => new Set(keys.map(({ key }) => key)).size === keys.length, "each write key may stand here once"),
  /** Browser origins that may send; "*" is every one. Write keys are public, so this bounds noise, not access. */
  allowedOrigins: z.union([z.literal("*"), z.array(z.url())]).default("*"),
  sendgrid: z
    .object({
      /** The verification key of the Event Webhook: base64 DER, as SendGrid shows it. */
      publicKey: z.string().refine(isSendgridKey, "a P-256 public key in base64 DER, as SendGrid's settings show it"),
    })
    .optional(),
  twilio: z
    .object({
      authToken: z.string().min(16, "at least 16 characters"),
      /** Scheme, host and port that Twilio calls: it signs the whole address. */
      publicUrl: z.url(),
    })
    .optional(),
  salesforce: z
    .object({
      /** Shared with whoever forwards change events. */
      token: z.string().min(16, "at least 16 characters"),
    })
    .optional(),
});

export type CollectorConfig = z.infer<typeof collectorConfigSchema>;

/** The first three are Segment's limits for its tracking API, which its libraries keep to. */
export const LIMITS = {
  eventBytes: 32 * 1024,
  batchBytes: 500 * 1024,
  batchEvents: 2500,
  webhookBytes: 5 * 1024 * 1024,
  /** One event of a webhook: a log record stays small, whatever a request may carry. */
  webhookEventBytes: 512 * 1024,
} as const;

function isSendgridKey(text: string): boolean {
  return sendgridKey(text) !== null;
}
