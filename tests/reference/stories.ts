import type { Trait, TraitField } from "../../src/identity/normalise/features.js";
import type { IdentifierType } from "../../src/identity/normalise/types.js";

/**
 * Who is who, told as stories: what the sources said day by day, what operators decided, and the people that there are in the end.
 * Each day is one cycle. Nodes are called by what they are; an identifier is its type and its value.
 */
export interface Story {
  readonly name: string;
  readonly days: readonly (readonly Happening[])[];
  /** The nodes of each person after the last day. */
  readonly people: readonly (readonly string[])[];
  /** Nodes whose link was refused, as far as the story is about it. */
  readonly refused?: readonly (readonly [string, string])[];
  /** Nodes of people that an operator is asked about. */
  readonly asked?: readonly (readonly [string, string])[];
  /** What has to be among the events of the graph. */
  readonly happened?: readonly ("create" | "grow" | "merge" | "split" | "cut" | "uncut")[];
  /** Nodes of profiles that are known by another's name now, and whose. */
  readonly renamed?: readonly (readonly [string, string])[];
}

export type Happening = Saying | Deciding;

export interface Saying {
  readonly kind: "said";
  readonly node: string;
  /** The first one owns the node. */
  readonly identifiers: readonly { readonly type: IdentifierType; readonly value: string }[];
  readonly traits: readonly Trait[];
}

export interface Deciding {
  readonly kind: "link" | "unlink";
  readonly nodes: readonly [string, string];
}

type Traits = Partial<Record<TraitField, string>>;

/** `identifiers`: "email ann@example.org". */
function said(node: string, identifiers: readonly string[], traits: Traits = {}): Saying {
  return {
    kind: "said",
    node,
    identifiers: identifiers.map((text) => {
      const [type = "", value = ""] = text.split(" ");
      return { type: type as IdentifierType, value };
    }),
    traits: Object.entries(traits).map(([field, value]) => ({ field: field as TraitField, value })),
  };
}

const link = (...nodes: readonly [string, string]): Deciding => ({ kind: "link", nodes });
const unlink = (...nodes: readonly [string, string]): Deciding => ({ kind: "unlink", nodes });

const ADELE = {
  last_name: "Zwiebel",
  birth_date: "2001-05-17",
  address: "Feldweg 3",
  postcode: "34117",
  city: "Kassel",
};

const KATHARINA = { first_name: "Katharina", last_name: "Zwiebel" };
const BERLIN = { address: "Ringstr. 9", postcode: "10115", city: "Berlin" };

export const STORIES: readonly Story[] = [
  {
    name: "two children on their mother's mailbox stay two, and her own mail is nobody's in particular",
    days: [
      [said("mia", ["salesforce_contact_id C1", "email mum@example.org"], { first_name: "Mia", last_name: "Ott" })],
      [said("leo", ["salesforce_contact_id C2", "email mum@example.org"], { first_name: "Leo", last_name: "Ott" })],
      [said("letter", ["email mum@example.org"])],
    ],
    people: [["mia"], ["leo"], ["letter"]],
    refused: [
      ["leo", "mia"],
      ["leo", "letter"],
    ],
  },
  {
    name: "twins share all but the given name",
    days: [
      [
        said("adele", ["salesforce_contact_id C1"], { first_name: "Adelheid", ...ADELE }),
        said("bea", ["salesforce_contact_id C2"], { first_name: "Beatrix", ...ADELE }),
        said("form", ["anonymous_id A1"], { first_name: "Adelheid", ...ADELE }),
      ],
      [said("typo", ["user_id U1"], { first_name: "Adelhied", ...ADELE })],
    ],
    people: [["adele", "form", "typo"], ["bea"]],
  },
  {
    name: "an address joins a contact and an account, under the older name",
    days: [
      [said("contact", ["salesforce_contact_id C1", "email ann@example.org"], { first_name: "Ann", last_name: "Lee" })],
      [said("account", ["user_id U1", "phone 4915100"], { first_name: "Ann", last_name: "Lee" })],
      [said("account", ["user_id U1", "email ann@example.org"])],
    ],
    people: [["contact", "account"]],
    renamed: [["account", "contact"]],
  },
  {
    name: "an operator takes apart what an address joins, and joins what numbers keep apart",
    days: [
      [
        said("ann", ["salesforce_contact_id C1", "email shared@example.org"]),
        said("bob", ["salesforce_contact_id C2", "email shared@example.org"]),
        said("old", ["user_id U1"]),
        said("new", ["user_id U2"]),
      ],
      [unlink("ann", "bob"), link("old", "new")],
    ],
    people: [["ann"], ["bob"], ["old", "new"]],
    refused: [["ann", "bob"]],
  },
  {
    name: "late evidence takes two apart that one address had joined",
    days: [
      [
        said("first", ["salesforce_contact_id C1", "email family@example.org"]),
        said("second", ["salesforce_contact_id C2", "email family@example.org"]),
      ],
      [said("second", ["salesforce_contact_id C2", "student_number S2"])],
      [said("first", ["salesforce_contact_id C1", "student_number S1"])],
    ],
    people: [["first"], ["second"]],
    refused: [["first", "second"]],
    happened: ["split"],
  },
  {
    name: "a school gives an address to another pupil",
    days: [
      [
        said("anna", ["student_number S1", "email a.meier@school.example"], {
          first_name: "Anna",
          last_name: "Meier",
          birth_date: "2004-02-01",
        }),
      ],
      [
        said("anton", ["student_number S9", "email a.meier@school.example"], {
          first_name: "Anton",
          last_name: "Meier",
          birth_date: "2010-11-30",
        }),
      ],
      [said("account", ["user_id U9", "email a.meier@school.example", "student_number S9"])],
    ],
    people: [["anna"], ["anton", "account"]],
    refused: [["account", "anna"]],
    happened: ["cut", "grow"],
  },
  {
    name: "a classroom's tablet tells nobody",
    days: [
      [
        said("ann", ["user_id U1", "device_id T1"]),
        said("ben", ["user_id U2", "device_id T1"]),
        said("cem", ["user_id U3", "device_id T1"]),
        said("dana", ["user_id U4", "device_id T1"]),
      ],
      [said("browsing", ["device_id T1"])],
    ],
    people: [["ann"], ["ben"], ["cem"], ["dana"], ["browsing"]],
  },
  {
    name: "a visitor's browser becomes that of who signs in",
    days: [[said("browsing", ["anonymous_id A1"])], [said("ann", ["user_id U1", "anonymous_id A1"])]],
    people: [["browsing", "ann"]],
  },
  {
    name: "an operator joins what has nothing in common, and takes it back",
    days: [
      [
        said("contact", ["salesforce_contact_id C1"]),
        said("lead", ["salesforce_lead_id L1"]),
        said("chat", ["phone 491"]),
      ],
      [link("contact", "lead"), link("lead", "chat")],
      [unlink("chat", "contact"), unlink("lead", "chat")],
    ],
    people: [["contact", "lead"], ["chat"]],
    happened: ["merge", "split"],
  },
  {
    name: "two accounts at the two ends of a chain: the phone, not the address, gives way",
    days: [
      [
        said("first", ["user_id U1", "email one@example.org"]),
        said("lead", ["salesforce_lead_id L1", "email one@example.org", "phone 4930"]),
        said("chat", ["phone 4930"]),
        said("second", ["user_id U2", "phone 4930"]),
      ],
    ],
    people: [
      ["first", "lead"],
      ["second", "chat"],
    ],
    refused: [["chat", "lead"]],
  },
  {
    name: "an address of more students than a family has is an office's, and those it had joined part",
    days: [
      [
        said("enquiry", ["salesforce_lead_id L1", "email office@school.example"]),
        said("one", ["salesforce_contact_id C1", "email office@school.example"]),
      ],
      ["two", "three", "four", "five", "six", "seven"].map((name, at) =>
        said(name, [`student_number S${at}`, "email office@school.example"]),
      ),
    ],
    happened: ["split"],
    people: [["enquiry"], ["one"], ["two"], ["three"], ["four"], ["five"], ["six"], ["seven"]],
  },
  {
    name: "who resembles two different people is the one he resembles more, and an operator is asked about the other",
    days: [
      [
        said("kassel", ["salesforce_contact_id C1"], { ...KATHARINA, birth_date: "2001-05-17", phone: "+49561223344" }),
        said("berlin", ["salesforce_contact_id C2"], { ...KATHARINA, birth_date: "1987-11-02", ...BERLIN }),
      ],
      [said("between", ["user_id U1"], { ...KATHARINA, phone: "+49561223344", ...BERLIN })],
    ],
    people: [["kassel", "between"], ["berlin"]],
    asked: [["berlin", "kassel"]],
  },
  {
    name: "two that may be one are an operator's to look at, until she has",
    days: [
      [
        said("kassel", ["salesforce_contact_id C1"], { ...KATHARINA, city: "Kassel" }),
        said("typo", ["salesforce_contact_id C2"], { ...KATHARINA, last_name: "Zwibel", birth_date: "2001-05-17" }),
        said("ann", ["salesforce_contact_id C3"], { first_name: "Ann", last_name: "Baum", city: "Ulm" }),
        said("anna", ["salesforce_contact_id C4"], { first_name: "Ann", last_name: "Baun", birth_date: "2004-08-01" }),
      ],
      [unlink("ann", "anna")],
    ],
    people: [["kassel"], ["typo"], ["ann"], ["anna"]],
    asked: [["kassel", "typo"]],
  },
];
