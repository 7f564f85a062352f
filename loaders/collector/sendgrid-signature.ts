import { createPublicKey, type KeyObject, verify } from "node:crypto";

/**
 * SendGrid's signed Event Webhook: ECDSA over P-256 and SHA-256, of the timestamp header followed by the raw body.
 * https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features
 */
export const SENDGRID_SIGNATURE_HEADER = "x-twilio-email-event-webhook-signature";
export const SENDGRID_TIMESTAMP_HEADER = "x-twilio-email-event-webhook-timestamp";

export interface SendgridRequest {
  /** Base64 of a DER signature. */
  readonly signature: string | undefined;
  readonly timestamp: string | undefined;
  /** As received: a body that was parsed and printed again has another signature. */
  readonly body: Buffer;
}

/** Null when the text is not a P-256 public key in base64 DER. */
export function sendgridKey(text: string): KeyObject | null {
  try {
    const key = createPublicKey({ key: Buffer.from(text, "base64"), format: "der", type: "spki" });
    return key.asymmetricKeyType === "ec" && key.asymmetricKeyDetails?.namedCurve === "prime256v1" ? key : null;
  } catch {
    return null;
  }
}

export function isSignedBySendgrid(key: KeyObject, request: SendgridRequest): boolean {
  const { signature, timestamp, body } = request;
  if (!signature || !timestamp) return false;
  const signed = Buffer.concat([Buffer.from(timestamp), body]);
  try {
    return verify("sha256", signed, { key, dsaEncoding: "der" }, Buffer.from(signature, "base64"));
  } catch {
    // Bytes that are no DER signature.
    return false;
  }
}
