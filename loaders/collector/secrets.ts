import { createHash, timingSafeEqual } from "node:crypto";

/** Compares in a time that tells nothing of how much agrees, nor of the length. */
export function isSameSecret(given: string, expected: string): boolean {
  return timingSafeEqual(digest(given), digest(expected));
}

/** The token of an `Authorization: Bearer` header. */
export function bearerToken(authorization: string | undefined): string | null {
  return /^Bearer ([^\s]+)$/i.exec(authorization ?? "")?.[1] ?? null;
}

/** The user name of an `Authorization: Basic` header, which is where Segment's libraries put the write key. */
export function basicUser(authorization: string | undefined): string | null {
  const encoded = /^Basic ([A-Za-z0-9+/=_-]+)$/i.exec(authorization ?? "")?.[1];
  if (encoded === undefined) return null;
  return Buffer.from(encoded, "base64").toString("utf8").split(":", 1)[0] || null;
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
