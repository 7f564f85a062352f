import { fakerEN_GB as dice } from "@faker-js/faker";
import { type Person, PROGRAMMES } from "./people.js";

/** What one person did, in the words of each source. Times are ISO 8601, all before `nowMs`. */
export type SegmentMessage = Readonly<Record<string, unknown>> & { readonly messageId: string };

const DAY_MS = 86_400_000;
const MODULES: Readonly<Record<string, readonly string[]>> = {
  mba: ["MBA101", "MBA120"],
  "data-science": ["DSC101", "DSC140"],
  nursing: ["NUR101", "NUR115"],
  law: ["LAW101", "LAW130"],
  design: ["DES101", "DES118"],
  "computer-science": ["CSC101", "CSC150"],
};
const PRESENTATION = "2026A";

export function modulesOf(person: Person): readonly string[] {
  return MODULES[person.programme] ?? [];
}

/** A time `daysAgo` days before now, at a random moment of that day, never in the future. */
function timeAgo(nowMs: number, daysAgo: number): string {
  return new Date(nowMs - daysAgo * DAY_MS - dice.number.int({ min: 60_000, max: DAY_MS / 2 })).toISOString();
}

function messageId(person: Person, source: string, n: number): string {
  return `${source}-${person.index}-${n}`;
}

function browserContext(person: Person): Record<string, unknown> {
  return {
    ip: dice.internet.ipv4(),
    locale: person.language,
    userAgent: dice.internet.userAgent(),
    library: { name: "analytics.js", version: "4.1.0" },
    page: { path: `/programmes/${person.programme}`, url: `https://campus.example/programmes/${person.programme}` },
    campaign: dice.datatype.boolean(0.3) ? { source: "google", medium: "cpc", name: "autumn" } : undefined,
  };
}

const INTENT_EVENTS = ["programme_viewed", "pricing_viewed", "brochure_downloaded", "webinar_registered"] as const;

/** Browses anonymously, then (if they ever say who they are) identifies and goes on. */
export function websiteMessages(person: Person, nowMs: number): SegmentMessage[] {
  const messages: SegmentMessage[] = [];
  const isRecent = dice.datatype.boolean(0.6);
  const firstDay = isRecent ? dice.number.int({ min: 3, max: 20 }) : dice.number.int({ min: 40, max: 200 });
  let day = firstDay;
  const add = (message: Record<string, unknown>, anonymousId: string | undefined): void => {
    const timestamp = timeAgo(nowMs, day);
    messages.push({
      messageId: messageId(person, "web", messages.length),
      timestamp,
      originalTimestamp: timestamp,
      anonymousId,
      context: browserContext(person),
      ...message,
    });
    day = Math.max(0, day - dice.number.int({ min: 0, max: 2 }));
  };
  for (const anonymousId of person.anonymousIds) {
    const views = dice.datatype.boolean(0.3) ? 2 : 1;
    for (let n = 0; n < views; n++) {
      const programme = dice.datatype.boolean(0.8) ? person.programme : dice.helpers.arrayElement(PROGRAMMES);
      add(
        { type: "page", name: "Programme", properties: { path: `/programmes/${programme}`, title: programme } },
        anonymousId,
      );
    }
  }
  if (person.stage === "visitor") return messages;
  const lastAnonymousId = person.anonymousIds.at(-1);
  for (const anonymousId of person.anonymousIds) {
    const traits = {
      email: person.email,
      firstName: person.firstName,
      lastName: person.lastName,
      country: person.country,
    };
    const userId = person.stage === "prospect" ? undefined : person.userId;
    add({ type: "identify", userId, traits }, anonymousId);
  }
  const intents = dice.number.int({ min: 1, max: person.stage === "prospect" ? 3 : 1 });
  for (let n = 0; n < intents; n++) {
    add(
      {
        type: "track",
        event: dice.helpers.arrayElement(INTENT_EVENTS),
        properties: { programme_id: person.programme },
      },
      lastAnonymousId,
    );
  }
  if (dice.datatype.boolean(0.5)) {
    const consents = [
      { purpose: "marketing", channel: "email", status: dice.datatype.boolean(0.85) ? "granted" : "denied" },
      { purpose: "marketing", channel: "whatsapp", status: dice.datatype.boolean(0.6) ? "granted" : "denied" },
    ].map((decision) => ({ ...decision, notice_version: "2026-01" }));
    add(
      { type: "track", event: "form_submitted", properties: { form: "request-info", email: person.email, consents } },
      lastAnonymousId,
    );
  }
  if (person.stage !== "prospect") {
    add(
      {
        type: "track",
        event: "application_started",
        userId: person.userId,
        properties: { programme_id: person.programme },
      },
      lastAnonymousId,
    );
    add(
      {
        type: "track",
        event: "application_submitted",
        userId: person.userId,
        properties: { programme_id: person.programme },
      },
      lastAnonymousId,
    );
  }
  return messages;
}

/** Learns in the app. Some have fallen silent: they are the students at risk. */
export function mobileMessages(person: Person, nowMs: number): SegmentMessage[] {
  if (!person.usesApp) return [];
  const messages: SegmentMessage[] = [];
  const isSilent = dice.datatype.boolean(0.2);
  const isStrong = dice.datatype.boolean(0.7);
  let day = isSilent ? 60 : dice.number.int({ min: 10, max: 27 });
  const lastDay = isSilent ? 30 : 0;
  const add = (message: Record<string, unknown>): void => {
    const timestamp = timeAgo(nowMs, day);
    messages.push({
      messageId: messageId(person, "app", messages.length),
      timestamp,
      originalTimestamp: timestamp,
      userId: person.userId,
      anonymousId: `install-${person.index}`,
      context: {
        app: { name: "Campus", version: "3.2.0" },
        device: {
          id: person.deviceId,
          type: dice.datatype.boolean(0.5) ? "ios" : "android",
          token: `push-${person.deviceId}`,
        },
      },
      ...message,
    });
    day = Math.max(lastDay, day - dice.number.int({ min: 0, max: 4 }));
  };
  add({ type: "identify", traits: { email: person.email } });
  for (const [n, module] of modulesOf(person).entries()) {
    const lessons = dice.number.int({ min: 2, max: 3 });
    for (let lesson = 1; lesson <= lessons; lesson++) {
      add({
        type: "track",
        event: "lesson_completed",
        properties: { course_id: module, lesson_id: `${module}-L${lesson}` },
      });
    }
    const score = isStrong ? dice.number.int({ min: 55, max: 98 }) : dice.number.int({ min: 15, max: 60 });
    add({
      type: "track",
      event: "assessment_submitted",
      properties: {
        assessment_id: `${module}-A${n + 1}`,
        module,
        presentation: PRESENTATION,
        assessment_type: "TMA",
        score,
        is_banked: false,
      },
    });
  }
  return messages;
}

const EMAIL_EVENTS = ["delivered", "delivered", "open", "open", "click"] as const;

/** SendGrid's view of the mails a person got. */
export function emailEvents(person: Person, nowMs: number): Record<string, unknown>[] {
  if (!person.receivesEmail) return [];
  const kinds: string[] = dice.helpers.arrayElements(EMAIL_EVENTS, { min: 1, max: 3 });
  if (dice.datatype.boolean(0.04)) kinds.push("unsubscribe");
  if (dice.datatype.boolean(0.01)) kinds.push("spamreport");
  if (dice.datatype.boolean(0.03)) kinds.push("bounce");
  return kinds.map((event, n) => ({
    sg_event_id: `sg-${person.index}-${n}`,
    sg_message_id: `msg-${person.index}.filter`,
    email: person.email,
    event,
    timestamp: Math.floor(Date.parse(timeAgo(nowMs, dice.number.int({ min: 0, max: 30 }))) / 1000),
    category: ["newsletter"],
    ...(event === "click" ? { url: `https://campus.example/programmes/${person.programme}` } : {}),
  }));
}

const QUESTIONS: Readonly<Record<Person["language"], readonly string[]>> = {
  en: [
    "Hi, how do I apply for the {p} programme?",
    "What are the fees for {p}?",
    "I cannot log in to the app, please help",
  ],
  hi: ["Namaste, how can I get admission in {p}?", "{p} ki fees kitni hai?", "Please help, my login is not working"],
  de: ["Hallo, wie kann ich mich für {p} bewerben?", "Was kosten die Gebühren für {p}?"],
  es: ["Hola, ¿cómo puedo inscribirme en {p}?", "¿Cuál es el precio de {p}?"],
  fr: ["Bonjour, comment m'inscrire au programme {p} ?", "Quels sont les frais pour {p} ?"],
  pt: ["Olá, como faço a inscrição em {p}?", "Qual é o preço de {p}?"],
};
const STOP: Readonly<Record<Person["language"], string>> = {
  en: "STOP",
  hi: "STOP",
  de: "STOPP",
  es: "PARAR",
  fr: "ARRÊT",
  pt: "PARAR",
};

/** Twilio's webhook parameters, one set per request. */
export function whatsappMessages(person: Person): Record<string, string>[] {
  if (!person.usesWhatsapp) return [];
  const sid = (n: number): string => `SM${String(person.index).padStart(16, "0")}${String(n).padStart(16, "0")}`;
  const inbound = (n: number, body: string): Record<string, string> => ({
    MessageSid: sid(n),
    SmsStatus: "received",
    AccountSid: `AC${"0".repeat(32)}`,
    From: `whatsapp:${person.phone}`,
    To: "whatsapp:+14155238886",
    WaId: person.phone.slice(1),
    ProfileName: person.firstName,
    Body: body,
    NumMedia: "0",
  });
  const question = dice.helpers.arrayElement(QUESTIONS[person.language]);
  const messages = [inbound(0, question.replace("{p}", person.programme.replace("-", " ").replace("mba", "MBA")))];
  if (dice.datatype.boolean(0.4)) {
    messages.push({
      MessageSid: sid(1),
      MessageStatus: "delivered",
      SmsStatus: "delivered",
      AccountSid: `AC${"0".repeat(32)}`,
      From: "whatsapp:+14155238886",
      To: `whatsapp:${person.phone}`,
    });
  }
  if (dice.datatype.boolean(0.05)) messages.push(inbound(2, STOP[person.language]));
  return messages;
}

/** A typo a person makes at a keyboard: two neighbouring letters swapped. */
export function withTypo(text: string): string {
  if (text.length < 4) return text;
  const at = dice.number.int({ min: 1, max: text.length - 3 });
  return `${text.slice(0, at)}${text[at + 1]}${text[at]}${text.slice(at + 2)}`;
}

function contactId(person: Person, copy: number): string {
  return `003${String(person.index * 10 + copy).padStart(12, "0")}`;
}

/** A person's contacts as the CRM exports them: three in a hundred exist twice, four in a hundred have a typo. */
export function contactRows(person: Person, nowMs: number): Record<string, string>[] {
  if (!person.isInCrm) return [];
  const isEnrolled = person.stage === "student" || person.stage === "graduate";
  const row = (copy: number, firstName: string): Record<string, string> => ({
    Id: contactId(person, copy),
    FirstName: firstName,
    LastName: person.lastName,
    Email: copy === 0 ? person.email : person.email.toUpperCase(),
    Phone: "",
    MobilePhone: person.phone,
    Birthdate: person.birthDate,
    MailingCountry: person.country,
    Student_Number__c: isEnrolled ? person.studentNumber : "",
    Platform_User_Id__c: isEnrolled ? person.userId : "",
    HasOptedOutOfEmail: dice.datatype.boolean(0.05) ? "true" : "false",
    LeadSource: "Web",
    Programme__c: person.programme,
    LastModifiedDate: timeAgo(nowMs, dice.number.int({ min: 5, max: 90 })),
  });
  const rows = [row(0, dice.datatype.boolean(0.04) ? withTypo(person.firstName) : person.firstName)];
  if (dice.datatype.boolean(0.03)) rows.push(row(1, person.firstName));
  return rows;
}

export function enrollmentRows(person: Person, nowMs: number): Record<string, string>[] {
  if (person.stage !== "student" && person.stage !== "graduate") return [];
  return modulesOf(person).map((module) => ({
    Student_Number__c: person.studentNumber,
    Module__c: module,
    Presentation__c: PRESENTATION,
    Status__c: person.stage === "graduate" ? "Completed" : "Active",
    Enrolled_On__c: timeAgo(nowMs, 100).slice(0, 10),
    Result__c: person.stage === "graduate" ? "Pass" : "",
    Credits__c: "30",
    LastModifiedDate: timeAgo(nowMs, 30),
  }));
}

/** Leads of prospects, and contacts the admissions office changed after the last export. */
export function changeEvents(person: Person, nowMs: number): Record<string, unknown>[] {
  if (!person.isInCrm || dice.datatype.boolean(0.65)) return [];
  const isProspect = person.stage === "prospect";
  const commitTimestamp = Date.parse(timeAgo(nowMs, dice.number.int({ min: 0, max: 4 })));
  const header = {
    entityName: isProspect ? "Lead" : "Contact",
    recordIds: [isProspect ? `00Q${String(person.index).padStart(12, "0")}` : contactId(person, 0)],
    changeType: isProspect ? "CREATE" : "UPDATE",
    changeOrigin: "com/salesforce/api/rest/62.0",
    transactionKey: `tx-${String(person.index).padStart(8, "0")}`,
    sequenceNumber: 1,
    commitTimestamp,
    commitUser: "005000000000001AAA",
    changedFields: isProspect ? [] : ["Email"],
  };
  return [
    isProspect
      ? {
          ChangeEventHeader: header,
          FirstName: person.firstName,
          LastName: person.lastName,
          Email: person.email,
          MobilePhone: person.phone,
          Status: "Working",
          Programme__c: person.programme,
        }
      : { ChangeEventHeader: header, Email: person.email },
  ];
}
