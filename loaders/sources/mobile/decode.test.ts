import { describe, expect, it } from "vitest";
import { asDeadLetter, asEvent, bytesOf, context, namesOf } from "../testing.js";
import { decodeMobileMessage } from "./decode.js";

function decode(event: string, properties: Readonly<Record<string, unknown>>) {
  const message = {
    type: "track",
    messageId: "m",
    userId: "u-1",
    timestamp: "2025-06-01T08:00:00Z",
    event,
    properties,
    context: { device: { id: "D-1", token: "T-1", name: "Jane's phone", type: "ios" } },
  };
  return decodeMobileMessage(message, bytesOf(message), { ...context, sentAt: null });
}

const submission = {
  assessment_id: 1752,
  module: "AAA",
  presentation: "2013J",
  assessment_type: "TMA",
  is_banked: false,
};

describe("app events", () => {
  it.each([
    ["app_opened", {}],
    ["lesson_started", { course_id: "MBA101", lesson_id: "L1" }],
    ["lesson_completed", { course_id: 12, lesson_id: 7 }],
    ["video_watched", { course_id: "MBA101", seconds: 12.5 }],
    ["assessment_submitted", { ...submission, score: 78, day: 18 }],
    ["assessment_submitted", { ...submission, score: null, day: -3 }],
    ["assessment_submitted", submission],
    ["forum_posted", { course_id: "MBA101" }],
    ["certificate_earned", { course_id: "MBA101" }],
    ["push_opened", { campaign_id: "c" }],
  ])("%s %j", (event, properties) => {
    const row = asEvent(decode(event, properties));
    expect(row.contract).toBe(`mobile.${event}/1-0-0`);
    expect(row.table).toBe("mobile_events");
    expect(row.payload).toEqual({ event, properties, context: { device: { type: "ios" } } });
    expect(namesOf(row)).toEqual(["user_id=u-1", "device_id=D-1", "push_token=T-1"]);
  });

  it.each(["Lesson Completed", "lessonCompleted"])("%s is lesson_completed, and says what it was called", (name) => {
    const row = asEvent(decode(name, { course_id: "MBA101", lesson_id: "L1" }));
    expect(row).toMatchObject({ eventType: "track", contract: "mobile.lesson_completed/1-0-0" });
    expect(row.payload).toMatchObject({ event: "lesson_completed", _rollcall: { reported_event: name } });
  });

  it.each([
    [
      "assessment_submitted",
      { ...submission, score: 101 },
      "contract_violation",
      "/properties/score: expected to be <= 100",
    ],
    [
      "assessment_submitted",
      { ...submission, score: "78" },
      "wrong_type",
      "/properties/score: expected number or null",
    ],
    ["assessment_submitted", { module: "AAA" }, "missing_field", "/properties/assessment_id: required"],
    ["lesson_completed", { course_id: "c" }, "missing_field", "/properties/lesson_id: required"],
    [
      "video_watched",
      { course_id: "c", seconds: -1 },
      "contract_violation",
      "/properties/seconds: expected to be >= 0",
    ],
    ["programme_viewed", {}, "unknown_event", "/event: expected one of"],
  ])("%s %j is a dead letter", (event, properties, reason, detail) => {
    const letter = asDeadLetter(decode(event, properties));
    expect(letter.reason).toBe(reason);
    expect(letter.detail).toContain(detail);
  });
});
