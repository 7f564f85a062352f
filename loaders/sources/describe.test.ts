import { describe, expect, it } from "vitest";
import type { EventRecord } from "../record.js";
import { decodeSendgridEvent } from "./email/decode.js";
import { decodeChangeEvent } from "./salesforce/decode-change.js";
import { decodeContactRow } from "./salesforce/decode-row.js";
import { decodeSegmentMessage } from "./segment/decode.js";
import { asEvent, bytesOf, context } from "./testing.js";
import { decodeTwilioWebhook } from "./whatsapp/decode.js";

/** "field=value" of each feature. */
function featuresOf({ features }: EventRecord): string[] {
  return features.map(({ field, value }) => `${field}=${value}`);
}

function message(rest: Readonly<Record<string, unknown>>): string[] {
  const value = { messageId: "m-1", timestamp: "2026-01-31T11:00:00Z", anonymousId: "a-1", ...rest };
  const ctx = { ...context, table: "website_events", sentAt: null } as const;
  return featuresOf(asEvent(decodeSegmentMessage(value, bytesOf(value), ctx)));
}

describe("what a message tells of its person", () => {
  it("stands in its traits, by Segment's names", () => {
    const traits = {
      firstName: "Kate",
      last_name: "O'Hara",
      birthday: "2001-05-04",
      gender: "female",
      email: "Kate.OHara@gmail.com",
      address: { street: "12 High Street", city: "York", postalCode: "yo1 7ep", country: "GB" },
      school: "St. Mary's",
    };
    const told = [
      "given_name=kate",
      "given_root=katherine|kathleen",
      "given_sound=kt",
      "family_name=ohara",
      "family_sound=ar",
      "name_bag=kate ohara",
      "birth_date=2001-05-04",
      "gender=f",
      "email=kateohara@gmail.com",
      "email_user=kateohara",
      "address=12 high st",
      "postcode=YO17EP",
      "city=york",
      "institution=st marys",
    ];
    expect(message({ type: "identify", traits })).toEqual(told);
    expect(message({ type: "page", name: "Home", context: { traits } }).slice(0, 2)).toEqual(told.slice(0, 2));
  });

  it("stands in an event's properties only where its name leaves no doubt", () => {
    const properties = { firstName: "Ann", name: "Checkout", city: "Leeds", school: "Business" };
    expect(message({ type: "page", name: "Pricing", properties })).toEqual([
      "given_name=ann",
      "given_root=anna",
      "given_sound=an",
      "name_bag=ann",
    ]);
  });

  it("is not a group's traits", () => {
    const traits = { name: "Class of 2026", address: { city: "York" } };
    expect(message({ type: "group", groupId: "g-1", traits })).toEqual([]);
  });

  it("may be a whole name, and a postcode that is a number", () => {
    const traits = { name: "王小明", address: { postalCode: 10117 } };
    expect(message({ type: "identify", traits })).toEqual([
      "given_name=xiaoming",
      "given_sound=smng",
      "family_name=wang",
      "family_sound=vng",
      "name_bag=wang xiaoming",
      "postcode=10117",
    ]);
  });

  it("is nothing where its values are of another kind", () => {
    expect(
      message({ type: "track", event: "form_submitted", properties: { firstName: { a: 1 }, full_name: [] } }),
    ).toEqual([]);
  });
});

describe("what Salesforce tells of a person", () => {
  it("in a change event, in compound fields as well", () => {
    const event = {
      ChangeEventHeader: {
        entityName: "Contact",
        recordIds: ["001D000000IqhSL"],
        changeType: "UPDATE",
        transactionKey: "t",
        sequenceNumber: 1,
        commitTimestamp: 1769850000123,
      },
      Name: { FirstName: "José", LastName: "García Ruiz" },
      MailingAddress: { Street: "C/ Mayor, 3", City: "Málaga", PostalCode: "29001", Country: "Spain" },
      Birthdate: "2001-05-04",
    };
    expect(featuresOf(asEvent(decodeChangeEvent(event, bytesOf(event), context)))).toEqual([
      "given_name=jose",
      "given_root=joseph",
      "given_sound=js",
      "family_name=garciaruiz",
      "family_sound=grsrs",
      "name_bag=garcia jose ruiz",
      "birth_date=2001-05-04",
      "address=c mayor 3",
      "postcode=29001",
      "city=malaga",
    ]);
  });

  it("in a row of an export", () => {
    const row = {
      Id: "003D000000IqhSL",
      FirstName: "Test",
      LastName: "Nowak",
      MailingCity: "Łódź",
      MobilePhone: "07911 123456",
    };
    expect(featuresOf(asEvent(decodeContactRow(row, 2, bytesOf(row), context)))).toEqual([
      "family_name=nowak",
      "family_sound=nvk",
      "name_bag=nowak",
      "phone=+447911123456",
      "city=lodz",
    ]);
  });
});

describe("what a WhatsApp message tells of a person", () => {
  const params = {
    MessageSid: "SM1",
    From: "whatsapp:+447911123456",
    To: "whatsapp:+14155238886",
    ProfileName: "Jane 🌸 Doe",
    Body: "this is Mary, mary@x.org",
  };

  it("is the sender's profile name, and neither text nor who is mentioned in it", () => {
    const row = asEvent(decodeTwilioWebhook({ ...params, SmsStatus: "received" }, bytesOf(params), context));
    expect(featuresOf(row)).toEqual([
      "given_name=jane",
      "given_root=jane",
      "given_sound=jn",
      "family_name=doe",
      "family_sound=d",
      "name_bag=doe jane",
      "phone=+447911123456",
    ]);
  });

  it("is but a number where the message went out", () => {
    const row = asEvent(decodeTwilioWebhook({ ...params, MessageStatus: "delivered" }, bytesOf(params), context));
    expect(featuresOf(row)).toEqual(["phone=+14155238886"]);
  });
});

describe("what an email event tells of a person", () => {
  it("is the address, and the name where the sender of the mail added it", () => {
    const event = { sg_event_id: "e", email: "jane7@x.org", timestamp: 1769850000, event: "open", first_name: "Jane" };
    expect(featuresOf(asEvent(decodeSendgridEvent(event, bytesOf(event), context)))).toEqual([
      "given_name=jane",
      "given_root=jane",
      "given_sound=jn",
      "name_bag=jane",
      "email=jane7@x.org",
      "email_user=jane",
    ]);
  });
});
