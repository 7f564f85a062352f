/** The feeds, named as an integration names them. */
export const FEEDS = [
  "website",
  "mobile_app",
  "crm_contacts",
  "crm_leads",
  "admissions_form",
  "lms",
  "email_engagement",
  "whatsapp",
] as const;
export type Feed = (typeof FEEDS)[number];

/**
 * What was planted. `parent` stands on a parent's records and on a child's records that carry the parent's mailbox or
 * phone; `twins`, `siblings`, `namesakes`, `changed_*` and `two_contacts` on all records of the persons; the others on the
 * very records.
 */
export const TRAPS = [
  "twins",
  "siblings",
  "parent",
  "classroom_device",
  "family_tablet",
  "recycled_mail",
  "role_mail",
  "placeholder",
  "hub_phone",
  "namesakes",
  "changed_surname",
  "changed_email",
  "changed_phone",
  "two_contacts",
  "late",
  "resent",
] as const;
export type Trap = (typeof TRAPS)[number];

/** What a feed says of a person, as raw as it says it. */
export const CELLS = [
  "user_id",
  "student_number",
  "crm_id",
  "lead_id",
  "email",
  "phone",
  "anonymous_id",
  "device_id",
  "first_name",
  "last_name",
  "full_name",
  "birth_date",
  "address",
  "city",
  "postcode",
  "country",
  "institution",
  "programme",
] as const;
export type Cell = (typeof CELLS)[number];
export type Cells = { [cell in Cell]?: string };

export const COLUMNS = [
  "record_id",
  "person_id",
  "household_id",
  "feed",
  "occurred_at",
  "ingested_order",
  ...CELLS,
  "trap",
] as const;
export type Column = (typeof COLUMNS)[number];

/** One row of the labelled file. An empty text: the feed does not say. */
export type SyntheticRecord = Readonly<Record<Column, string>>;
