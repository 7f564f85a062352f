import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clearEnvelope, openEnvelope } from "./envelope.js";

describe("envelope", () => {
  it("gives back what was put in", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(openEnvelope(clearEnvelope(Buffer.from(bytes)))).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it("writes version, key id length and body, in this order", () => {
    expect(clearEnvelope(Buffer.from("body"))).toEqual(Buffer.from([0, 0, ...Buffer.from("body")]));
  });

  it.each([
    ["an unknown version", Buffer.from([1, 3, 107, 101, 121, 0]), /version 1; this build reads version 0/],
    ["a clear envelope that names a key", Buffer.from([0, 1, 107]), /a clear one names no key/],
    ["a lone version byte", Buffer.from([0]), /cut short/],
    ["nothing", Buffer.alloc(0), /cut short/],
  ])("refuses %s", (_, bytes, message) => {
    expect(() => openEnvelope(bytes)).toThrow(message);
  });
});
