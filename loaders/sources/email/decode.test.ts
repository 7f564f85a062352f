import { describe, expect, it } from "vitest";
import { asDeadLetter, asEvent, bytesOf, context, namesOf, RECEIVED_AT } from "../testing.js";
import { decodeSendgridEvent } from "./decode.js";

const base = { sg_event_id: "sg-1", email: "Jane@X.org", timestamp: 1769850000, event: "open" };

function decode(value: unknown) {
  return decodeSendgridEvent(value, bytesOf(value), context);
}

describe("SendGrid events", () => {
  it.each([
    ..."processed deferred delivered open click bounce dropped spamreport".split(" "),
    ..."unsubscribe group_unsubscribe group_resubscribe".split(" "),
  ])("%s", (event) => {
    expect(asEvent(decode({ ...base, event }))).toMatchObject({
      table: "email_events",
      eventId: "sg-1",
      eventType: event,
      contract: "email.event/1-0-0",
      occurredAt: 1769850000_000000,
    });
  });

  it("lands without address and IP, and without unique arguments no contract names", () => {
    const row = asEvent(
      decode({
        ...base,
        event: "bounce",
        ip: "10.0.0.1",
        reason: "550 5.1.1 <jane@x.org>: unknown",
        url: "https://campus.example/?e=jane%40x.org",
        category: ["news"],
        campaign: "autumn",
        first_name: "Jane",
        advisor: "Jane Doe",
        sg_machine_open: false,
      }),
    );
    expect(row.payload).toEqual({
      sg_event_id: "sg-1",
      timestamp: 1769850000,
      event: "bounce",
      category: ["news"],
      campaign: "autumn",
      sg_machine_open: false,
    });
    expect(Object.keys(row.personal ?? {}).sort()).toEqual(["advisor", "email", "first_name", "ip", "reason", "url"]);
    expect(namesOf(row)).toEqual(["email=jane@x.org"]);
  });

  it.each([
    [1800000000, "2027-01-15T08:00:00.000Z"],
    [9e13, "90000000000000000 ms"],
  ])("cuts a clock that is ahead: %d", (timestamp, reported) => {
    const row = asEvent(decode({ ...base, timestamp }));
    expect(row.occurredAt).toBe(RECEIVED_AT);
    expect(row.payload._rollcall).toEqual({ reported_at: reported });
  });

  it.each([
    [["x"], "wrong_type", "/: expected object"],
    [{ ...base, event: "jane" }, "unknown_event", "/event: expected one of processed"],
    [{ ...base, sg_event_id: undefined }, "missing_field", "/sg_event_id: required"],
    [{ ...base, email: null }, "wrong_type", "/email: expected string"],
    [{ ...base, timestamp: "1769850000" }, "wrong_type", "/timestamp: expected integer"],
  ])("%j is a dead letter", (value, reason, detail) => {
    const letter = asDeadLetter(decode(value));
    expect(letter.reason).toBe(reason);
    expect(letter.detail).toContain(detail);
    expect(letter.detail).not.toContain("jane");
  });
});
