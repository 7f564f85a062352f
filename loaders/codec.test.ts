import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FEATURE_FIELDS } from "../src/identity/normalise/features.js";
import { decodeRecord, encodeRecord } from "./codec.js";
import {
  DEAD_LETTER_REASONS,
  type DeadLetter,
  EVENT_TABLES,
  type EventRecord,
  IDENTIFIER_TYPES,
  type JsonObject,
} from "./record.js";

const micros = fc.integer({ min: -(2 ** 52), max: 2 ** 52 });
const json = fc.dictionary(
  fc.string(),
  // JSON knows no minus zero.
  fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value))),
) as fc.Arbitrary<JsonObject>;
const identifier = fc.record({
  namespace: fc.string(),
  type: fc.constantFrom(...IDENTIFIER_TYPES),
  hmac: fc.string({ minLength: 22, maxLength: 22 }),
  value: fc.string({ unit: "grapheme" }),
  role: fc.constantFrom("own" as const, "mentioned" as const, "recipient" as const),
});
const event: fc.Arbitrary<EventRecord> = fc.record({
  kind: fc.constant("event" as const),
  table: fc.constantFrom(...EVENT_TABLES),
  eventId: fc.string(),
  eventType: fc.string(),
  source: fc.string(),
  contract: fc.string(),
  occurredAt: micros,
  sentAt: fc.option(micros),
  receivedAt: micros,
  payload: json,
  personal: fc.option(json),
  identifiers: fc.array(identifier, { maxLength: 4 }),
  features: fc.array(fc.record({ field: fc.constantFrom(...FEATURE_FIELDS), value: fc.string({ unit: "grapheme" }) })),
});
const deadLetter: fc.Arbitrary<DeadLetter> = fc.record({
  kind: fc.constant("dead_letter" as const),
  table: fc.constantFrom(...EVENT_TABLES),
  eventId: fc.option(fc.string()),
  source: fc.string(),
  stage: fc.constantFrom("collect" as const, "decode" as const, "contract" as const, "land" as const),
  reason: fc.constantFrom(...DEAD_LETTER_REASONS),
  detail: fc.string(),
  contract: fc.option(fc.string()),
  line: fc.option(fc.nat()),
  original: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  originalObject: fc.option(fc.string()),
  headers: fc.dictionary(fc.string(), fc.string()),
  receivedAt: micros,
});

const EVENT: EventRecord = {
  kind: "event",
  table: "website_events",
  eventId: "m-1",
  eventType: "identify",
  source: "site",
  contract: "identify/1-0-0",
  occurredAt: 1_767_225_600_000_000,
  sentAt: null,
  receivedAt: 1_767_225_600_000_001,
  payload: { context: { locale: "en-GB" } },
  personal: { traits: { email: "ada@example.org" } },
  identifiers: [
    { namespace: "global", type: "phone", hmac: "mentionedmentionedment", value: "+441632960001", role: "mentioned" },
    { namespace: "global", type: "email", hmac: "ownownownownownownowno", value: "ada@example.org", role: "own" },
  ],
  features: [{ field: "given_name", value: "augusta" }],
};
const LETTER: DeadLetter = {
  kind: "dead_letter",
  table: "website_events",
  eventId: null,
  source: "site",
  stage: "collect",
  reason: "malformed_json",
  detail: "valid JSON expected",
  contract: null,
  line: null,
  original: Buffer.from("{"),
  originalObject: null,
  headers: {},
  receivedAt: 1_767_225_600_000_000,
};

describe("codec", () => {
  const withClear = (clear: object): Buffer => {
    const text = Buffer.from(JSON.stringify(clear));
    const header = Buffer.from([1, 0, 0, 0, 0]);
    header.writeUInt32BE(text.length, 1);
    return Buffer.concat([header, text, Buffer.from([0, 0]), Buffer.from('{"personal":null,"values":[]}')]);
  };

  it("gives back every event and every dead letter", () => {
    fc.assert(
      fc.property(fc.oneof(event, deadLetter), (decoded) => {
        expect(decodeRecord(encodeRecord(decoded).value)).toEqual(decoded);
      }),
    );
  });

  it("keeps the personal part out of the clear part", () => {
    const { value } = encodeRecord(EVENT);
    const clear = value.subarray(5, 5 + value.readUInt32BE(1)).toString();
    expect(clear).toContain("en-GB");
    expect(clear).toContain("ownownownownownownowno");
    expect(clear).not.toMatch(/ada@example|441632|augusta/);
  });

  it("reads an event that was written before there were features", () => {
    const before = withClear({
      kind: "event",
      table: "website_events",
      eventId: "m-1",
      receivedAt: 1,
      identifiers: [],
    });
    expect(decodeRecord(before)).toMatchObject({ eventId: "m-1", features: [] });
  });

  describe("key", () => {
    it("is the first own identifier's hmac", () => {
      expect(encodeRecord(EVENT).key).toBe("ownownownownownownowno");
    });

    it("is a hash of the event id without an own identifier", () => {
      const orphan = { ...EVENT, identifiers: [] };
      expect(encodeRecord(orphan).key).toMatch(/^[\w-]{22}$/);
      expect(encodeRecord(orphan).key).toBe(encodeRecord({ ...orphan, eventType: "track" }).key);
      expect(encodeRecord(orphan).key).not.toBe(encodeRecord({ ...orphan, eventId: "m-2" }).key);
    });

    it("tells nothing of a dead letter without an event id: the same one has another key each time", () => {
      expect(encodeRecord(LETTER).key).toMatch(/^[\w-]{22}$/);
      expect(encodeRecord(LETTER).key).not.toBe(encodeRecord(LETTER).key);
      const named = { ...LETTER, eventId: "m-1" };
      expect(encodeRecord(named).key).toBe(encodeRecord(named).key);
    });
  });

  const value = encodeRecord(EVENT).value;
  it.each([
    ["nothing", Buffer.alloc(0), /format none is not known/],
    ["another format", Buffer.from([9, ...value.subarray(1)]), /format 9 is not known/],
    ["a cut record", value.subarray(0, 20), /cut short/],
    ["a record cut behind its clear part", value.subarray(0, 5 + value.readUInt32BE(1)), /no header/],
    ["broken JSON", Buffer.from([1, 0, 0, 0, 1, 123, 0, 0]), /JSON is broken/],
    ["an unknown table", withClear({ kind: "event", table: "users" }), /its table is not known/],
    ["an unknown kind", withClear({ kind: "poem", table: "website_events" }), /neither an event nor a dead letter/],
    ["an event without its id", withClear({ kind: "event", table: "website_events" }), /a required field is missing/],
  ])("refuses %s, and quotes nothing of it", (_, bytes, message) => {
    expect(() => decodeRecord(bytes)).toThrow(message);
    expect(() => decodeRecord(bytes)).not.toThrow(/ada@/);
  });
});
