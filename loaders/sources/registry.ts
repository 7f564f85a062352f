import { type EventTable, SOURCES, type SourceId } from "../record.js";

/** What every room needs to know of a source without knowing its messages. */
export interface SourceSpec {
  readonly id: SourceId;
  /** The source's topic in the event log: its id. */
  readonly topic: SourceId;
  readonly tables: readonly EventTable[];
  /** What `source` says in a row when no write key or feed has a name of its own. */
  readonly feed: string;
  /** Namespace of the ids the source makes up itself; see `namespaces.ts`. */
  readonly namespace: string;
}

const SPECS: Readonly<Record<SourceId, SourceSpec>> = {
  website: {
    id: "website",
    topic: "website",
    tables: ["website_events"],
    feed: "website",
    namespace: "website",
  },
  mobile: { id: "mobile", topic: "mobile", tables: ["mobile_events"], feed: "mobile", namespace: "mobile" },
  salesforce: {
    id: "salesforce",
    topic: "salesforce",
    tables: ["salesforce_changes", "salesforce_contacts", "salesforce_enrollments"],
    feed: "salesforce",
    namespace: "salesforce",
  },
  email: { id: "email", topic: "email", tables: ["email_events"], feed: "sendgrid", namespace: "email" },
  whatsapp: {
    id: "whatsapp",
    topic: "whatsapp",
    tables: ["whatsapp_messages"],
    feed: "twilio",
    namespace: "whatsapp",
  },
};

export function sourceSpec(id: SourceId): SourceSpec {
  return SPECS[id];
}

export const SOURCE_SPECS: readonly SourceSpec[] = SOURCES.map(sourceSpec);
