import { createHash, createHmac } from "node:crypto";
import { isSameSecret } from "./secrets.js";

/**
 * Twilio's request signature: base64(HMAC-SHA1(auth token, address + parameters sorted by name, name and value joined)).
 * JSON bodies are covered by their SHA-256 in the query parameter `bodySHA256`, which is part of the signed address.
 * https://www.twilio.com/docs/usage/security
 */
export const TWILIO_SIGNATURE_HEADER = "x-twilio-signature";

export type FormParams = ReadonlyMap<string, readonly string[]>;

export interface TwilioRequest {
  readonly signature: string | undefined;
  /** The address Twilio called, as it is configured there, with its query. */
  readonly url: string;
  readonly body: Buffer;
}

export function isSignedByTwilio(authToken: string, request: TwilioRequest): boolean {
  const { signature, url, body } = request;
  if (!signature) return false;
  const bodyDigest = bodyDigestOf(url);
  if (bodyDigest !== null && !isSameSecret(bodyDigest, createHash("sha256").update(body).digest("hex"))) return false;
  const params = bodyDigest === null ? parseForm(body) : new Map<string, string[]>();
  return addressesOf(url).some((address) => isSameSecret(signature, signatureOf(authToken, address, params)));
}

/** The digest of a JSON body that Twilio put into the address; null for form-encoded requests. */
export function bodyDigestOf(url: string): string | null {
  return new URL(url).searchParams.get("bodySHA256");
}

export function parseForm(body: Buffer): FormParams {
  const params = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(body.toString("utf8"))) {
    const values = params.get(name);
    if (values) values.push(value);
    else params.set(name, [value]);
  }
  return params;
}

/** A repeated parameter counts once per distinct value, in order of the values. */
function signatureOf(authToken: string, address: string, params: FormParams): string {
  const hmac = createHmac("sha1", authToken).update(address);
  for (const name of [...params.keys()].sort()) {
    for (const value of [...new Set(params.get(name))].sort()) hmac.update(name).update(value);
  }
  return hmac.digest("base64");
}

const AUTHORITY = /^(https?):\/\/([^/?#]*)/i;

/** Twilio signs with or without the default port, depending on the product: both forms of the address may hold. */
function addressesOf(url: string): string[] {
  const match = AUTHORITY.exec(url);
  if (!match) return [url];
  const [prefix, scheme = "", authority = ""] = match;
  const port = scheme.toLowerCase() === "https" ? ":443" : ":80";
  const rest = url.slice(prefix.length);
  if (authority.endsWith(port)) return [url, `${scheme}://${authority.slice(0, -port.length)}${rest}`];
  return /:\d+$/.test(authority) ? [url] : [url, `${scheme}://${authority}${port}${rest}`];
}
