import type { IdentifierType } from "../record.js";

/**
 * Within what an identifier is unique. A student number is one person's in one institution; an address is one
 * mailbox's everywhere; an id that an app or browser made up means nothing to another app.
 */
export function createNamespaceOf(institution: string, source: string): (type: IdentifierType) => string {
  return (type) => {
    switch (type) {
      case "user_id":
      case "student_number":
        return institution;
      case "email":
      case "phone":
        return "global";
      case "salesforce_contact_id":
      case "salesforce_lead_id":
        return "salesforce";
      case "device_id":
      case "push_token":
      case "anonymous_id":
        return source;
    }
  };
}

/**
 * Salesforce's order: a record's own id comes first, because a change event may carry nothing else, and all news of one
 * record must have one owner.
 */
export const SALESFORCE_STRENGTH: readonly IdentifierType[] = [
  "salesforce_lead_id",
  "salesforce_contact_id",
  "student_number",
  "user_id",
  "email",
  "phone",
];
