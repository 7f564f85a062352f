/** The kinds of identifier, strongest first. Which of them tell one person from another is said in `includes/identifiers.json`. */
export const IDENTIFIER_STRENGTH = [
  "user_id",
  "student_number",
  "salesforce_contact_id",
  "salesforce_lead_id",
  "email",
  "phone",
  "device_id",
  "push_token",
  "anonymous_id",
] as const;
export type IdentifierType = (typeof IDENTIFIER_STRENGTH)[number];

export type IdentifierRole = "own" | "mentioned" | "recipient";

export interface Identifier {
  readonly namespace: string;
  readonly type: IdentifierType;
  readonly hmac: string;
  readonly value: string;
  readonly role: IdentifierRole;
}
