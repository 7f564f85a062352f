import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json } from "../../../src/platform/documents/port.js";
import type { JsonObject } from "../../record.js";
import { type ContractNode, OPEN_NODE } from "./contract.js";
import { looksPersonal } from "./personal-names.js";
import { split } from "./split.js";

function node(parts: Partial<ContractNode>): ContractNode {
  return { ...OPEN_NODE, ...parts };
}

function object(properties: Readonly<Record<string, ContractNode>>): ContractNode {
  return node({ properties: new Map(Object.entries(properties)) });
}

const contract = {
  root: object({
    userId: node({ personal: "identifier", identifier: "user_id" }),
    email_template: node({}),
    traits: object({
      name: node({ personal: "direct" }),
      contacts: node({ items: object({ mail: node({ personal: "identifier", identifier: "email" }) }) }),
    }),
    ids: node({ personal: "identifier", items: node({ identifier: "salesforce_contact_id" }) }),
  }),
};

describe("split", () => {
  it("moves the marked leaves under their own paths and reports the identifiers", () => {
    const message = {
      userId: 4711,
      event: "x",
      ids: ["a", "b"],
      traits: { name: "Jane", plan: "basic", contacts: [{ mail: "j@x.org", kind: "work" }, { kind: "none" }] },
    };
    expect(split(message, contract, "GB")).toEqual({
      payload: { event: "x", traits: { plan: "basic", contacts: [{ kind: "work" }, { kind: "none" }] } },
      personal: { userId: 4711, ids: ["a", "b"], traits: { name: "Jane", contacts: [{ mail: "j@x.org" }, null] } },
      found: [
        { type: "user_id", raw: "4711" },
        { type: "salesforce_contact_id", raw: "a" },
        { type: "salesforce_contact_id", raw: "b" },
        { type: "email", raw: "j@x.org" },
      ],
    });
  });

  it("judges fields no contract names by their name, and leaves those it names to the contract", () => {
    const message = { email_template: "welcome", extra: { parentEmail: "x", course_name: "Law", deep: [{ dob: 1 }] } };
    expect(split(message, contract, "GB")).toEqual({
      payload: { email_template: "welcome", extra: { course_name: "Law", deep: [{}] } },
      personal: { extra: { parentEmail: "x", deep: [{ dob: 1 }] } },
      found: [],
    });
  });

  it.each([
    "jane@uni.ac.uk",
    "mailto:jane@uni.ac.uk",
    "https://x.org/?e=jane%40uni.ac.uk",
    "550 <jane@uni.ac.uk> unknown",
  ])("takes out a text with an address in it: %s", (text) => {
    expect(split({ note: text, list: ["fine", text] }, contract, "GB")).toEqual({
      payload: { list: ["fine", null] },
      personal: { note: text, list: [null, text] },
      found: [],
    });
  });

  it("takes all that an object does not name where the contract hides it, at that level only", () => {
    const root = { ...object({ id: node({}), open: object({}) }), hidesUnnamed: true };
    const message = { id: 1, plan: { a: 1 }, open: { plan: "basic" } };
    expect(split(message, { root }, "GB")).toEqual({
      payload: { id: 1, open: { plan: "basic" } },
      personal: { plan: { a: 1 } },
      found: [],
    });
  });

  it("takes what somebody wrote in a field no contract names, but not a count of it", () => {
    const message = { comment: "Jane is ill", comments: 3, feedback: { body: "x" }, email_template: "a text" };
    expect(split(message, contract, "GB")).toMatchObject({
      payload: { comments: 3, email_template: "a text" },
      personal: { comment: "Jane is ill", feedback: { body: "x" } },
    });
  });

  it("takes out a text with a phone number in it", () => {
    const message = { title: "Call 07911 123456 now", email_template: "call +44 7911 123456", order: "7911123456" };
    expect(split(message, contract, "GB")).toMatchObject({
      payload: { order: "7911123456" },
      personal: { title: message.title, email_template: message.email_template },
    });
  });

  it("is null where nothing is personal", () => {
    expect(split({ event: "x", tags: ["a"], at: "@" }, contract, "GB").personal).toBeNull();
  });

  it("does not let a key reach a prototype", () => {
    const hostile = JSON.parse('{"__proto__":{"email":"x"},"a":1}') as JsonObject;
    const { payload, personal } = split(hostile, contract, "GB");
    expect([payload, personal]).toEqual([{ a: 1 }, null]);
    expect(({} as { email?: string }).email).toBeUndefined();
  });

  it("loses nothing and doubles nothing: both parts laid together are the message", () => {
    const key = fc.constantFrom("email", "phone", "course", "userId", "traits", "name", "ids", "contacts", "mail", "n");
    const { message } = fc.letrec<{ value: Json; message: JsonObject }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom<Json>("text", "jane@uni.ac.uk", 1, true, null),
        fc.array(tie("value"), { maxLength: 3 }),
        tie("message"),
      ),
      message: fc.dictionary(key, tie("value"), { maxKeys: 4, noNullPrototype: true }),
    }));
    fc.assert(
      fc.property(message, (value) => {
        const { payload, personal } = split(value, contract, "GB");
        expect(together(payload, personal ?? undefined)).toEqual(value);
        expect(JSON.stringify(payload)).not.toContain("jane@");
      }),
    );
  });
});

/** Lays the two parts over each other; null in one means the other holds it. */
function together(one: Json | undefined, other: Json | undefined): Json | undefined {
  if (one === undefined || one === null) return other === undefined ? one : other;
  if (other === undefined || other === null) return one;
  if (Array.isArray(one) && Array.isArray(other)) return one.map((item, n) => together(item, other[n]) ?? null);
  const [left, right] = [one as JsonObject, other as JsonObject];
  const keys = [...new Set([...Object.keys(left), ...Object.keys(right)])];
  return Object.fromEntries(keys.map((key) => [key, together(left[key], right[key])]));
}

describe("looksPersonal", () => {
  it.each([
    ..."email Email e_mail workEmail email2 phone PhoneNumber mobile_phone firstName first_name LAST_NAME".split(" "),
    ..."studentName parent_name dateOfBirth birth_date dob address homeAddress address_line_1 zip postcode".split(" "),
    ..."ip ipAddress ip_address passport_number ssn iban userId student_number latitude password jane@x.org".split(" "),
    "x".repeat(200),
  ])("%s", (name) => {
    expect(looksPersonal(name)).toBe(true);
  });

  it.each([
    ..."name course_name form_name title path url score module presentation ship recipe zipper campaign".split(" "),
    ..."course_id lesson_number number phonetics addressed description emailing_off timezone language".split(" "),
  ])("not %s", (name) => {
    expect(looksPersonal(name)).toBe(false);
  });
});
