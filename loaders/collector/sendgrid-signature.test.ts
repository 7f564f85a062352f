import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { EventWebhook } from "@sendgrid/eventwebhook";
import { describe, expect, it } from "vitest";
import { isSignedBySendgrid, sendgridKey } from "./sendgrid-signature.js";

const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
const KEY_TEXT = publicKey.export({ type: "spki", format: "der" }).toString("base64");
const BODY = Buffer.from('[{"email":"grüße@example.org","event":"open"}]\r\n');
const TIMESTAMP = "1767225600";

const signatureOf = (timestamp: string, body: Buffer, key: KeyObject = privateKey): string =>
  sign("sha256", Buffer.concat([Buffer.from(timestamp), body]), { key, dsaEncoding: "der" }).toString("base64");

describe("SendGrid's signature", () => {
  const key = sendgridKey(KEY_TEXT) as KeyObject;
  const good = { signature: signatureOf(TIMESTAMP, BODY), timestamp: TIMESTAMP, body: BODY };

  it("holds for what was signed, as SendGrid's own library finds too", () => {
    const webhook = new EventWebhook();
    const judge = webhook.convertPublicKeyToECDSA(KEY_TEXT);
    expect(webhook.verifySignature(judge, BODY, good.signature, TIMESTAMP)).toBe(true);
    expect(isSignedBySendgrid(key, good)).toBe(true);
  });

  it.each([
    ["a changed byte", { ...good, body: Buffer.from(BODY.toString().replace("open", "drop")) }],
    ["the same JSON, printed again", { ...good, body: Buffer.from(BODY.toString().trim()) }],
    ["another timestamp", { ...good, timestamp: "1767225601" }],
    ["a digit moved from timestamp to body", { ...good, timestamp: "176722560", body: Buffer.from(`1${BODY}`) }],
    ["no timestamp", { ...good, timestamp: undefined }],
    ["no signature", { ...good, signature: undefined }],
    ["no signature at all but text", { ...good, signature: "not a signature" }],
    [
      "another key's",
      {
        ...good,
        signature: signatureOf(TIMESTAMP, BODY, generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey),
      },
    ],
  ])("does not hold: %s", (_, request) => {
    expect(isSignedBySendgrid(key, request)).toBe(false);
  });

  it.each([
    ["no key", "bm90IGEga2V5"],
    ["nothing", ""],
    [
      "another curve",
      generateKeyPairSync("ec", { namedCurve: "secp384r1" })
        .publicKey.export({ type: "spki", format: "der" })
        .toString("base64"),
    ],
  ])("takes no key that is %s", (_, text) => {
    expect(sendgridKey(text)).toBeNull();
  });
});
