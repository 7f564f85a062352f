import { createHmac, createSecretKey } from "node:crypto";
import { canonicalEmail } from "./email.js";
import { canonicalOpaque } from "./opaque.js";
import { canonicalPhone } from "./phone.js";
import { canonicalSalesforceId } from "./salesforce-id.js";
import type { Identifier, IdentifierRole, IdentifierType } from "./types.js";

const HMAC_BYTES = 16;

export interface IdentifyConfig {
  /** Never rotated: without it every id is lost. At least 32 bytes. */
  readonly pepper: Buffer;
  /** ISO 3166 alpha-2 region of phone numbers without a country code. */
  readonly region: string;
}

export type Identify = (
  namespace: string,
  type: IdentifierType,
  raw: string,
  role: IdentifierRole,
) => Identifier | null;

/**
 * The one way from a raw value to an identifier: collector, suppression, look-up and landing all call this.
 * Null when the value is none of its type. Which values stand for nobody is said in `includes/blocked_values.json`: they
 * land like any other, so that the list may change.
 *
 * The namespace must not contain "|", so that no two triples share a text.
 */
export function createIdentify(config: IdentifyConfig): Identify {
  const pepper = createSecretKey(config.pepper);
  return (namespace, type, raw, role) => {
    const value = canonicalise(type, raw, config.region);
    if (value === null) return null;
    const digest = createHmac("sha256", pepper).update(`${namespace}|${type}|${value}`).digest();
    return { namespace, type, hmac: digest.toString("base64url", 0, HMAC_BYTES), value, role };
  };
}

/** Idempotent: the canonical form of a canonical value is itself. */
export function canonicalise(type: IdentifierType, raw: string, region: string): string | null {
  switch (type) {
    case "email":
      return canonicalEmail(raw);
    case "phone":
      return canonicalPhone(raw, region);
    case "salesforce_contact_id":
    case "salesforce_lead_id":
      return canonicalSalesforceId(raw);
    default:
      return canonicalOpaque(raw);
  }
}
