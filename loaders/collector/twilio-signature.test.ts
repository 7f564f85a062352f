import { createHash } from "node:crypto";
import twilio from "twilio";
import { describe, expect, it } from "vitest";
import { isSignedByTwilio } from "./twilio-signature.js";

const TOKEN = "a-token-of-twilio-for-tests";
const HTTPS = "https://cdp.example.edu/webhooks/twilio";
const PARAMS = { MessageSid: "SM1", Body: "Grüße & +1 = 2", From: "whatsapp:+441632960001", a: "lower", A: "upper" };

/** Twilio's own library is the judge of what Twilio sends. */
const signatureOf = (url: string, params: Record<string, unknown>): string =>
  twilio.getExpectedTwilioSignature(TOKEN, url, params);
const formOf = (params: Record<string, string>): Buffer => Buffer.from(new URLSearchParams(params).toString());

describe("Twilio's signature", () => {
  it.each([
    ["as configured", HTTPS, HTTPS],
    ["signed with the default port, configured without", "https://cdp.example.edu:443/webhooks/twilio", HTTPS],
    ["signed without the default port, configured with", HTTPS, "https://cdp.example.edu:443/webhooks/twilio"],
    ["http and port 80", "http://cdp.example.edu:80/w", "http://cdp.example.edu/w"],
    ["another port", "http://127.0.0.1:4000/w", "http://127.0.0.1:4000/w"],
    ["a query", `${HTTPS}?feed=a%20b&x=1`, `${HTTPS}?feed=a%20b&x=1`],
  ])("holds: %s", (_, signedUrl, url) => {
    const request = { signature: signatureOf(signedUrl, PARAMS), url, body: formOf(PARAMS) };
    expect(isSignedByTwilio(TOKEN, request)).toBe(true);
  });

  it("holds for repeated parameters and for none", () => {
    const repeated = {
      signature: signatureOf(HTTPS, { m: ["b", "a", "b"] }),
      url: HTTPS,
      body: Buffer.from("m=b&m=a&m=b"),
    };
    const empty = { signature: signatureOf(HTTPS, {}), url: HTTPS, body: Buffer.alloc(0) };
    expect(isSignedByTwilio(TOKEN, repeated)).toBe(true);
    expect(isSignedByTwilio(TOKEN, empty)).toBe(true);
  });

  const good = { signature: signatureOf(HTTPS, PARAMS), url: HTTPS, body: formOf(PARAMS) };
  it.each([
    ["no signature", { ...good, signature: undefined }],
    ["an empty signature", { ...good, signature: "" }],
    [
      "another signature of the same length",
      { ...good, signature: `A${good.signature.slice(1)}`.replace(/^AA/, "BA") },
    ],
    ["a changed parameter", { ...good, body: formOf({ ...PARAMS, Body: "STOP" }) }],
    ["an added parameter", { ...good, body: formOf({ ...PARAMS, Extra: "1" }) }],
    ["another address", { ...good, url: "https://cdp.example.org/webhooks/twilio" }],
    ["another scheme", { ...good, url: "http://cdp.example.edu/webhooks/twilio" }],
    ["a port that is not the default", { ...good, url: "https://cdp.example.edu:444/webhooks/twilio" }],
    ["another token's", { ...good, signature: twilio.getExpectedTwilioSignature("another", HTTPS, PARAMS) }],
  ])("does not hold: %s", (_, request) => {
    expect(isSignedByTwilio(TOKEN, request)).toBe(false);
  });

  describe("of a JSON body", () => {
    const body = Buffer.from('{"MessageSid": "SM1"}');
    const url = `${HTTPS}?bodySHA256=${createHash("sha256").update(body).digest("hex")}`;
    const signature = signatureOf(url, {});

    it("holds for the body whose digest is in the address", () => {
      expect(isSignedByTwilio(TOKEN, { signature, url, body })).toBe(true);
    });

    it("does not hold for another body, nor for another digest", () => {
      const other = Buffer.from('{"MessageSid": "SM2"}');
      const otherUrl = `${HTTPS}?bodySHA256=${createHash("sha256").update(other).digest("hex")}`;
      expect(isSignedByTwilio(TOKEN, { signature, url, body: other })).toBe(false);
      expect(isSignedByTwilio(TOKEN, { signature, url: otherUrl, body: other })).toBe(false);
    });
  });
});
