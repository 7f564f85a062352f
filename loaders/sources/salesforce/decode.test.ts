import { describe, expect, it } from "vitest";
import { EARLIEST_MICROS, isoToMicros } from "../../../src/platform/clock.js";
import { asDeadLetter, asEvent, bytesOf, context, namesOf, RECEIVED_AT } from "../testing.js";
import { decodeChangeEvent } from "./decode-change.js";
import { decodeContactRow, decodeEnrollmentRow } from "./decode-row.js";

const header = {
  entityName: "Contact",
  recordIds: ["001D000000IqhSL"],
  changeType: "UPDATE",
  changeOrigin: "com/salesforce/api/rest/62.0",
  transactionKey: "tx-1",
  sequenceNumber: 2,
  commitTimestamp: 1769850000123,
  commitUser: "005000000000001AAA",
  changedFields: ["Email"],
};

function decode(value: unknown) {
  return decodeChangeEvent(value, bytesOf(value), context);
}

function change(overrides: Readonly<Record<string, unknown>>, fields: Readonly<Record<string, unknown>> = {}) {
  return decode({ ChangeEventHeader: { ...header, ...overrides }, ...fields });
}

describe("change events", () => {
  it("land without the ids and fields of the person", () => {
    const row = asEvent(
      change(
        {},
        {
          Email: "Jane@x.org",
          Name: { FirstName: "Jane" },
          MailingAddress: { Street: "1 High Street", Country: "GB" },
          HasOptedOutOfEmail: true,
          Student_Number__c: "S-1",
          Platform_User_Id__c: "u-1",
          Cohort__c: "2026",
          Guardian_Phone__c: "07911 123456",
          LastModifiedDate: 1769850000123,
        },
      ),
    );
    const { recordIds, ...rest } = header;
    expect(row).toMatchObject({
      table: "salesforce_changes",
      eventId: "tx-1#2",
      eventType: "UPDATE",
      contract: "salesforce.contact_change/1-0-0",
      occurredAt: 1769850000123_000,
    });
    expect(row.payload).toEqual({
      ChangeEventHeader: rest,
      HasOptedOutOfEmail: true,
      LastModifiedDate: 1769850000123,
    });
    expect(row.personal).toMatchObject({
      ChangeEventHeader: { recordIds },
      Guardian_Phone__c: "07911 123456",
      Cohort__c: "2026",
    });
    expect(namesOf(row)).toEqual([
      "salesforce_contact_id=001D000000IqhSLIAZ",
      "student_number=S-1",
      "user_id=u-1",
      "email=jane@x.org",
    ]);
  });

  it("of a lead are the lead's first, then of the contact it became", () => {
    const row = asEvent(
      change(
        { entityName: "Lead", recordIds: ["00Q000000000001", "00Q000000000002"] },
        { ConvertedContactId: "003000000000001" },
      ),
    );
    expect(row.contract).toBe("salesforce.lead_change/1-0-0");
    expect(namesOf(row)).toEqual([
      "salesforce_lead_id=00Q000000000001EAA",
      "salesforce_lead_id=00Q000000000002EAA",
      "salesforce_contact_id=003000000000001AAA",
    ]);
  });

  it.each(["CREATE", "UPDATE", "DELETE", "UNDELETE"])("%s", (changeType) => {
    expect(asEvent(change({ changeType })).eventType).toBe(changeType);
  });

  it("come in the wrapping of CometD too", () => {
    const wrapped = { schema: "x", event: { replayId: 1 }, payload: { ChangeEventHeader: header } };
    expect(asEvent(decode(wrapped)).eventId).toBe("tx-1#2");
  });

  it.each([
    ["ahead", 1800000000000, RECEIVED_AT, "2027-01-15T08:00:00.000Z"],
    ["beyond time", 9e15, RECEIVED_AT, "9000000000000000 ms"],
    ["before time", -8e15, EARLIEST_MICROS, "-251540-02-03T09:46:40.000Z"],
  ])("cuts a clock that is %s", (_, commitTimestamp, occurredAt, reported) => {
    const row = asEvent(change({ commitTimestamp }));
    expect(row.occurredAt).toBe(occurredAt);
    expect(row.payload._rollcall).toEqual({ reported_at: reported });
  });

  it.each([
    ["GAP_UPDATE", { changeType: "GAP_UPDATE" }, "unknown_event", "re-read the records"],
    ["GAP_OVERFLOW", { changeType: "GAP_OVERFLOW" }, "unknown_event", "re-read the records"],
    ["another entity", { entityName: "Account" }, "unknown_event", "expected one of Contact, Lead"],
    ["no entity", { entityName: undefined }, "missing_field", "/ChangeEventHeader/entityName: required"],
    ["no record", { recordIds: [] }, "contract_violation", "/ChangeEventHeader/recordIds: expected to NOT have fewer"],
    ["no key", { transactionKey: undefined }, "missing_field", "/ChangeEventHeader/transactionKey: required"],
    ["a time of the wrong type", { commitTimestamp: "now" }, "wrong_type", "/ChangeEventHeader/commitTimestamp"],
  ])("%s is a dead letter", (_, overrides, reason, detail) => {
    const letter = asDeadLetter(change(overrides));
    expect(letter.reason).toBe(reason);
    expect(letter.detail).toContain(detail);
  });

  it.each([[["x"]], ["x"]])("%j is a dead letter", (value) => {
    expect(asDeadLetter(decode(value)).detail).toBe("/: expected object");
  });
});

const contact = {
  Id: "001D000000IqhSL",
  FirstName: "Jane",
  Email: "jane@x.org",
  Phone: "",
  MobilePhone: "07911 123456",
  MailingCountry: "GB",
  Student_Number__c: "S-1",
  HasOptedOutOfEmail: "true",
  LeadSource: "Web",
  LastModifiedDate: "2026-01-30T10:00:00.000+0000",
};

describe("contact rows", () => {
  const decodeContact = (row: Readonly<Record<string, string>>) =>
    decodeContactRow(row, 7, Buffer.from("the line"), context);

  it("land typed, empty cells left out", () => {
    const row = asEvent(decodeContact(contact));
    expect(row).toMatchObject({
      table: "salesforce_contacts",
      eventType: "contact",
      contract: "salesforce.contact/1-0-1",
      occurredAt: isoToMicros("2026-01-30T10:00:00Z"),
      payload: { HasOptedOutOfEmail: true, LeadSource: "Web", LastModifiedDate: "2026-01-30T10:00:00.000+0000" },
      personal: { Id: "001D000000IqhSL", FirstName: "Jane", MailingCountry: "GB" },
    });
    expect(row.personal).not.toHaveProperty("Phone");
    expect(namesOf(row)).toEqual([
      "salesforce_contact_id=001D000000IqhSLIAZ",
      "student_number=S-1",
      "email=jane@x.org",
      "phone=+447911123456",
    ]);
  });

  it("have the id of their content: an unchanged re-export is a duplicate, in whatever order its columns come", () => {
    const id = asEvent(decodeContact(contact)).eventId;
    const turned = Object.fromEntries(Object.entries(contact).reverse());
    expect(asEvent(decodeContact(turned)).eventId).toBe(id);
    expect(asEvent(decodeContact({ ...contact, LeadSource: "Fair" })).eventId).not.toBe(id);
    expect(id).toMatch(/^contact_[\w-]{22}$/);
  });

  it("without a date of change happened at receipt", () => {
    expect(asEvent(decodeContact({ Id: contact.Id })).occurredAt).toBe(RECEIVED_AT);
  });

  it.each([
    ["no id", { Id: "" }, "missing_field", "/Id: required"],
    ["an id that is none", { Id: "jane" }, "wrong_type", "/Id: expected a Salesforce id of 15 or 18 characters"],
    ["a boolean that is none", { HasOptedOutOfEmail: "jane" }, "wrong_type", "/HasOptedOutOfEmail: expected boolean"],
    ["a date that is none", { LastModifiedDate: "jane" }, "wrong_type", "/LastModifiedDate: expected an ISO 8601 time"],
  ])("with %s are dead letters with their line", (_, cells, reason, detail) => {
    const letter = asDeadLetter(decodeContact({ ...contact, ...cells }));
    expect(letter).toMatchObject({ reason, line: 7, original: Buffer.from("the line") });
    expect(letter.detail).toContain(detail);
    expect(letter.detail).not.toContain("jane");
  });
});

const enrollment = {
  Student_Number__c: "S-1",
  Module__c: "MBA101",
  Presentation__c: "2026A",
  Status__c: "Active",
  Enrolled_On__c: "2025-10-01",
  Credits__c: "30",
  LastModifiedDate: "2025-12-31",
};

describe("enrolment rows", () => {
  const decodeEnrollment = (row: Readonly<Record<string, string>>) =>
    decodeEnrollmentRow(row, 2, Buffer.from("the line"), context);

  it("land with numbers as numbers and the student number out of sight", () => {
    const row = asEvent(decodeEnrollment(enrollment));
    const { Student_Number__c: number, ...rest } = enrollment;
    expect(row).toMatchObject({ table: "salesforce_enrollments", eventType: "enrollment" });
    expect(row.payload).toEqual({ ...rest, Credits__c: 30 });
    expect(row.personal).toEqual({ Student_Number__c: number });
    expect(row.occurredAt).toBe(Date.UTC(2025, 11, 31) * 1000);
    expect(namesOf(row)).toEqual(["student_number=S-1"]);
  });

  it.each([
    [{ Module__c: "" }, "missing_field", "/Module__c: required"],
    [{ Student_Number__c: "\u0000" }, "wrong_type", "/Student_Number__c: expected a student number"],
    [{ Credits__c: "many" }, "wrong_type", "/Credits__c: expected number or null"],
    [{ Credits__c: "-1" }, "contract_violation", "/Credits__c: expected to be >= 0"],
    [{ Enrolled_On__c: "01/10/2025" }, "contract_violation", "/Enrolled_On__c: expected to match pattern"],
  ])("%j is a dead letter", (cells, reason, detail) => {
    const letter = asDeadLetter(decodeEnrollment({ ...enrollment, ...cells }));
    expect(letter.reason).toBe(reason);
    expect(letter.detail).toContain(detail);
  });
});
