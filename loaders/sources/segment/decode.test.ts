import { describe, expect, it } from "vitest";
import { EARLIEST_MICROS, isoToMicros } from "../../../src/platform/clock.js";
import type { Decoded } from "../../record.js";
import { asDeadLetter, asEvent, bytesOf, context, namesOf, RECEIVED_AT } from "../testing.js";
import { decodeSegmentMessage, type SegmentContext } from "./decode.js";

const ctx: SegmentContext = { ...context, table: "website_events", sentAt: null, headers: { "user-agent": "x" } };

function decode(message: unknown, overrides: Partial<SegmentContext> = {}): Decoded {
  return decodeSegmentMessage(message, bytesOf(message), { ...ctx, ...overrides });
}

const page = { type: "page", messageId: "m-1", anonymousId: "a-1", timestamp: "2026-01-31T11:00:00Z" };

describe("a message", () => {
  it("becomes a row without personal leaves in its payload", () => {
    const message = {
      ...page,
      writeKey: "wk",
      userId: "u-1",
      name: "Home",
      sentAt: "2026-01-31T11:59:00Z",
      originalTimestamp: "2026-01-31T11:00:00Z",
      properties: { path: "/", guardian_phone: "+447911123456" },
      context: { ip: "10.0.0.1", locale: "en", traits: { email: "Jane@x.org", plan: "pro" }, page: { url: "/?q=%40" } },
      integrations: { All: true },
    };
    const event = asEvent(decode(message));
    expect(event).toEqual({
      kind: "event",
      table: "website_events",
      eventId: "m-1",
      eventType: "page",
      source: "feed",
      contract: "segment.page/1-0-0",
      occurredAt: isoToMicros("2026-01-31T11:00:00Z"),
      sentAt: isoToMicros("2026-01-31T11:59:00Z"),
      receivedAt: RECEIVED_AT,
      payload: {
        name: "Home",
        originalTimestamp: "2026-01-31T11:00:00Z",
        properties: { path: "/" },
        context: { locale: "en", traits: { plan: "pro" }, page: { url: "/?q=%40" } },
        integrations: { All: true },
      },
      personal: {
        anonymousId: "a-1",
        userId: "u-1",
        properties: { guardian_phone: "+447911123456" },
        context: { ip: "10.0.0.1", traits: { email: "Jane@x.org" } },
      },
      identifiers: [
        expect.objectContaining({ namespace: "north", type: "user_id", value: "u-1" }),
        expect.objectContaining({ namespace: "global", type: "email", value: "jane@x.org" }),
        expect.objectContaining({ namespace: "website", type: "anonymous_id", value: "a-1" }),
      ],
      features: [
        { field: "email", value: "jane@x.org" },
        { field: "email_user", value: "jane" },
      ],
    });
  });

  it("gives its identifiers strongest first, whatever their order in it, each once", () => {
    const message = {
      type: "identify",
      messageId: "m",
      anonymousId: "a-1",
      context: { device: { token: "t", id: "d" }, traits: { email: "jane@x.org" } },
      traits: { phone: "07911 123456", email: "JANE@x.org", student_number: 1001, name: "Jane" },
      userId: 7,
    };
    const event = asEvent(decode(message, { table: "mobile_events" }));
    expect(namesOf(event)).toEqual([
      "user_id=7",
      "student_number=1001",
      "email=jane@x.org",
      "phone=+447911123456",
      "device_id=d",
      "push_token=t",
      "anonymous_id=a-1",
    ]);
    expect(event.identifiers.slice(4).map(({ namespace }) => namespace)).toEqual(["mobile", "mobile", "mobile"]);
  });

  it("has the same owner whatever the order of its keys", () => {
    const owners = [
      ["ada@x.org", "bob@x.org"],
      ["bob@x.org", "ada@x.org"],
    ].map(([one, other]) => {
      const { identifiers } = asEvent(
        decode({
          type: "identify",
          messageId: "m",
          anonymousId: "a",
          context: { traits: { email: one } },
          traits: { email: other },
        }),
      );
      return identifiers.map(({ value }) => value);
    });
    expect(owners[0]).toEqual(owners[1]);
  });

  it("lands without an id that is none, and leaves it to the models which ids are nobody's", () => {
    expect(namesOf(asEvent(decode({ ...page, userId: "\u0007" })))).toEqual(["anonymous_id=a-1"]);
    expect(namesOf(asEvent(decode({ ...page, userId: "undefined" })))).toEqual([
      "user_id=undefined",
      "anonymous_id=a-1",
    ]);
  });

  it("alias joins the earlier id to the user", () => {
    const event = asEvent(decode({ type: "alias", messageId: "m", previousId: "a-9", userId: "u-1" }));
    expect(namesOf(event)).toEqual(["user_id=u-1", "anonymous_id=a-9"]);
  });

  it("alias takes an earlier user id for an anonymous one: the message does not say which it is", () => {
    const event = asEvent(decode({ type: "alias", messageId: "m", previousId: "u-0", userId: "u-1" }));
    expect(namesOf(event)).toEqual(["user_id=u-1", "anonymous_id=u-0"]);
  });

  it("a group's traits identify nobody", () => {
    const traits = { name: "Class 3B", email: "class@x.org" };
    const event = asEvent(decode({ type: "group", messageId: "m", userId: "u-1", groupId: "g", traits }));
    expect(namesOf(event)).toEqual(["user_id=u-1"]);
    expect(event.payload).toEqual({ groupId: "g", traits: { name: "Class 3B" } });
  });
});

describe("the event id", () => {
  it("of a message without one is made of its content, so that a re-send is the same event", () => {
    const { messageId: _, ...bare } = page;
    const first = asEvent(decode({ ...bare, sentAt: "2026-01-31T11:00:01Z" }));
    const again = asEvent(decode({ sentAt: "2026-01-31T11:05:00Z", ...bare }));
    const other = asEvent(decode({ ...bare, anonymousId: "a-2" }));
    expect(again.eventId).toBe(first.eventId);
    expect(other.eventId).not.toBe(first.eventId);
    expect(first.eventId).toMatch(/^message_[\w-]{22}$/);
  });

  it("never shows an address", () => {
    const event = asEvent(decode({ ...page, messageId: "jane@x.org-1" }));
    expect(event.eventId).toMatch(/^id_[\w-]{22}$/);
  });
});

describe("the clock", () => {
  const minutes = (count: number): number => count * 60_000_000;
  it.each([
    ["the past stays", "2020-02-29T23:59:59.123456Z", null, isoToMicros("2020-02-29T23:59:59.123456Z"), undefined],
    ["nine minutes ahead stays", "2026-01-31T12:09:00Z", null, RECEIVED_AT + minutes(9), undefined],
    ["eleven minutes ahead is cut", "2026-01-31T12:11:00Z", null, RECEIVED_AT, "2026-01-31T12:11:00Z"],
    [
      "a clock two hours ahead is corrected",
      "2026-01-31T13:30:00Z",
      RECEIVED_AT + minutes(120),
      RECEIVED_AT - minutes(30),
      undefined,
    ],
    [
      "a clock two hours behind is corrected",
      "2026-01-31T09:30:00Z",
      RECEIVED_AT - minutes(120),
      RECEIVED_AT - minutes(30),
      undefined,
    ],
    [
      "a year no table can hold is its first",
      "-000001-01-01T00:00:00Z",
      null,
      EARLIEST_MICROS,
      "-000001-01-01T00:00:00Z",
    ],
    [
      "a year beyond all is the time of receipt",
      "+012026-01-01T00:00:00Z",
      null,
      RECEIVED_AT,
      "+012026-01-01T00:00:00Z",
    ],
    ["no time is the time of receipt", undefined, null, RECEIVED_AT, undefined],
  ])("%s", (_, timestamp, sentAt, occurredAt, reported) => {
    const event = asEvent(decode({ ...page, timestamp }, { sentAt }));
    expect(event.occurredAt).toBe(occurredAt);
    expect(event.payload._rollcall).toEqual(reported === undefined ? undefined : { reported_at: reported });
  });

  it("of a file is not corrected: sentAt there says nothing of our clock", () => {
    const event = asEvent(decode({ ...page, sentAt: "2026-01-31T11:00:05Z" }));
    expect(event.occurredAt).toBe(isoToMicros(page.timestamp));
    expect(event.sentAt).toBe(isoToMicros("2026-01-31T11:00:05Z"));
  });
});

describe("a dead letter", () => {
  it.each([
    ["no object", ["x"], "wrong_type", "/: expected object"],
    ["no type", { ...page, type: undefined }, "missing_field", "/type: required"],
    ["an unknown type", { ...page, type: "jane" }, "unknown_event", "/type: expected one of track, identify"],
    ["a wrong type", { ...page, userId: { a: 1 } }, "wrong_type", "/userId: expected string or integer or null"],
    ["nobody", { ...page, anonymousId: "" }, "missing_field", "/userId or /anonymousId: required"],
    ["no time", { ...page, timestamp: "jane" }, "wrong_type", "/timestamp: expected an ISO 8601 time"],
    ["an event without a name", { ...page, type: "track" }, "missing_field", "/event: required"],
    [
      "an unknown event",
      { ...page, type: "track", event: "jane" },
      "unknown_event",
      "/event: expected one of application",
    ],
    ["a name of the wrong type", { ...page, type: "track", event: 42 }, "wrong_type", "/event: expected string"],
    ["a group without id", { ...page, type: "group" }, "missing_field", "/groupId: required"],
    [
      "a trait of the wrong type",
      { ...page, type: "identify", traits: { email: 1 } },
      "wrong_type",
      "/traits/email: expected string",
    ],
  ])("for %s", (_, message, reason, detail) => {
    const letter = asDeadLetter(decode(message, { line: 9 }));
    expect(letter.reason).toBe(reason);
    expect(letter.detail).toContain(detail);
    expect(letter.detail).not.toContain("jane");
    expect(letter).toMatchObject({ table: "website_events", source: "feed", line: 9, headers: { "user-agent": "x" } });
    expect(letter.original).toEqual(bytesOf(message));
  });

  it("keeps the event id where it can be read, and the contract where one applied", () => {
    const letter = asDeadLetter(decode({ ...page, type: "identify", traits: { email: 1 } }));
    expect([letter.eventId, letter.contract]).toEqual(["m-1", "segment.identify/1-0-0"]);
  });
});
