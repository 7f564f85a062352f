import { describe, expect, it } from "vitest";
import { asDeadLetter, asEvent, bytesOf, context, namesOf } from "../testing.js";
import { decodeWebsiteMessage } from "./decode.js";

function decode(event: string, properties?: Readonly<Record<string, unknown>>) {
  const message = { type: "track", messageId: "m", anonymousId: "a-1", event, properties };
  return decodeWebsiteMessage(message, bytesOf(message), { ...context, sentAt: null });
}

const granted = { purpose: "marketing", channel: "email", status: "granted", notice_version: "2026-01" };

describe("website events", () => {
  it.each([
    ["programme_viewed", { programme_id: "mba" }],
    ["brochure_downloaded", { programme: "law" }],
    ["pricing_viewed", undefined],
    ["application_started", { programme_id: 7 }],
    ["application_submitted", { application_id: "x-1" }],
    ["webinar_registered", { webinar_id: "w" }],
    ["consent_updated", { decisions: [granted] }],
  ])("%s", (event, properties) => {
    const row = asEvent(decode(event, properties));
    expect(row.contract).toBe(`website.${event}/1-0-0`);
    expect(row.table).toBe("website_events");
    expect(row.payload).toEqual({ event, ...(properties && { properties }) });
  });

  it("form_submitted gives contact data away to identity and keeps consent in sight", () => {
    const row = asEvent(
      decode("form_submitted", {
        form: "info",
        email: "Jane@x.org",
        phone: "07911 123456",
        first_name: "Jane",
        consents: [granted],
      }),
    );
    expect(row.payload).toEqual({ event: "form_submitted", properties: { form: "info", consents: [granted] } });
    expect(row.personal).toEqual({
      anonymousId: "a-1",
      properties: { email: "Jane@x.org", phone: "07911 123456", first_name: "Jane" },
    });
    expect(namesOf(row)).toEqual(["email=jane@x.org", "phone=+447911123456", "anonymous_id=a-1"]);
  });

  it("what was searched for is text of a person", () => {
    const row = asEvent(decode("search_performed", { query: "john smith nursing", result_count: 3 }));
    expect(row.payload).toEqual({ event: "search_performed", properties: { result_count: 3 } });
  });

  it.each([
    ["consent_updated", undefined, "missing_field", "/properties: required"],
    ["consent_updated", { decisions: [] }, "contract_violation", "/properties/decisions: expected to NOT have fewer"],
    [
      "consent_updated",
      { decisions: [{ ...granted, status: "maybe" }] },
      "contract_violation",
      "/decisions/0/status: expected one of",
    ],
    [
      "form_submitted",
      { consents: [{ channel: "email", status: "denied" }] },
      "missing_field",
      "/consents/0/purpose: required",
    ],
    ["lesson_completed", { course_id: "c", lesson_id: "l" }, "unknown_event", "/event: expected one of"],
  ])("%s %j is a dead letter", (event, properties, reason, detail) => {
    const letter = asDeadLetter(decode(event, properties));
    expect(letter.reason).toBe(reason);
    expect(letter.detail).toContain(detail);
  });
});
