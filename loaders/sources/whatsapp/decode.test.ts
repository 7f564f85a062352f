import { describe, expect, it } from "vitest";
import { asDeadLetter, asEvent, bytesOf, context, namesOf, RECEIVED_AT } from "../testing.js";
import { decodeTwilioWebhook } from "./decode.js";

function decode(params: Readonly<Record<string, unknown>>) {
  return decodeTwilioWebhook(params, bytesOf(params), context);
}

const inbound = {
  MessageSid: "SM1",
  SmsStatus: "received",
  AccountSid: "AC1",
  From: "whatsapp:+447911123456",
  To: "whatsapp:+14155238886",
  WaId: "447911123456",
  ProfileName: "Jane",
  Body: "Hi, I am jane@x.org, my mother's number is +91 98765 43210, mine 07911 123456",
  NumMedia: "0",
};

describe("Twilio webhooks", () => {
  it("a message that came in is its sender's", () => {
    const row = asEvent(decode(inbound));
    expect(row).toMatchObject({
      table: "whatsapp_messages",
      eventId: "SM1:received",
      eventType: "inbound",
      contract: "whatsapp.message/1-0-0",
      occurredAt: RECEIVED_AT,
      payload: {
        MessageSid: "SM1",
        SmsStatus: "received",
        AccountSid: "AC1",
        NumMedia: "0",
        Direction: "inbound",
        MediaContentTypes: [],
      },
    });
    expect(Object.keys(row.personal ?? {}).sort()).toEqual(["Body", "From", "ProfileName", "To", "WaId"]);
    expect(JSON.stringify(row.payload)).not.toMatch(/447911|Jane|jane/);
  });

  it("what no contract names is personal: Twilio adds parameters without notice", () => {
    const added = {
      ChannelMetadata: '{"type":"whatsapp","data":{"context":{"ProfileName":"Jane","WaId":"447911123456"}}}',
      OriginalRepliedMessageSender: "whatsapp:+447911123456",
      NewParameter: "who knows",
    };
    const row = asEvent(decode({ ...inbound, ...added }));
    expect(row.personal).toMatchObject(added);
    expect(row.payload).toEqual(asEvent(decode(inbound)).payload);
  });

  it("finds who is mentioned, but not the sender again", () => {
    expect(namesOf(asEvent(decode(inbound)))).toEqual([
      "phone=+447911123456",
      "mentioned email=jane@x.org",
      "mentioned phone=+919876543210",
    ]);
  });

  it.each(["queued", "sent", "delivered", "read", "failed", "undelivered"])(
    "%s is an event of its own, the recipient's",
    (status) => {
      const row = asEvent(
        decode({
          MessageSid: "SM2",
          MessageStatus: status,
          SmsStatus: "sent",
          From: "whatsapp:+14155238886",
          To: "whatsapp:+447911123456",
        }),
      );
      expect(row).toMatchObject({ eventId: `SM2:${status}`, eventType: "status" });
      expect(row.payload).toMatchObject({ SmsStatus: status, Direction: "outbound" });
      expect(namesOf(row)).toEqual(["phone=+447911123456"]);
    },
  );

  it("media are counted and typed in sight; their links are not", () => {
    const media = {
      NumMedia: "2",
      MediaUrl0: "https://x/0",
      MediaContentType0: "image/jpeg",
      MediaUrl1: "https://x/1",
      MediaContentType1: "audio/ogg",
    };
    const row = asEvent(decode({ ...inbound, ...media }));
    expect(row.payload).toMatchObject({ NumMedia: "2", MediaContentTypes: ["image/jpeg", "audio/ogg"] });
    expect(row.payload).not.toHaveProperty("MediaUrl0");
    expect(row.personal).toMatchObject({ MediaUrls: ["https://x/0", "https://x/1"] });
  });

  it("happened when it was sent, where that is known", () => {
    const row = asEvent(decode({ ...inbound, DateSent: "2025-12-01T10:00:00Z" }));
    expect(row.occurredAt).toBe(Date.UTC(2025, 11, 1, 10) * 1000);
  });

  it.each([
    [{ ...inbound, MessageSid: undefined }, "missing_field", "/MessageSid: required"],
    [{ ...inbound, From: 1 }, "wrong_type", "/From: expected string"],
    [{ ...inbound, "jane@x.org": 1 }, "wrong_type", "/*: expected string"],
    [{ ...inbound, NumMedia: "many" }, "contract_violation", "/NumMedia: expected to match pattern"],
    [{ ...inbound, DateSent: "yesterday" }, "wrong_type", "/DateSent: expected an ISO 8601 time"],
  ])("%j is a dead letter", (params, reason, detail) => {
    const letter = asDeadLetter(decode(params));
    expect(letter.reason).toBe(reason);
    expect(letter.detail).toContain(detail);
  });
});
