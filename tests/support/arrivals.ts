import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { landFile } from "../../loaders/files/land-file.js";
import type { Decoded, SourceId } from "../../loaders/record.js";
import { sourceSpec } from "../../loaders/sources/registry.js";
import { createDemoData } from "../../src/cli/demo/data.js";
import { createIdentify } from "../../src/identity/normalise/identify.js";
import { createSeededRandom } from "../../src/platform/random.js";

/** What one source sent, decoded as the file reader does it. */
export interface Arrival {
  readonly source: SourceId;
  readonly item: Decoded;
}

const INSTITUTION = "campus";
const REGION = "GB";
const identify = createIdentify({ pepper: Buffer.alloc(32, 7), region: REGION });

/** Reads files by the product's own file reader, and keeps what it would have appended to the log. */
async function decodeFiles(files: readonly SourceFile[], receivedMs: number): Promise<Arrival[]> {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-arrivals-"));
  const arrivals: Arrival[] = [];
  try {
    for (const [n, { source, content }] of files.entries()) {
      const path = join(folder, `${n}.txt`);
      writeFileSync(path, content);
      await landFile(
        { source, path },
        {
          sink: {
            append: async (_, items) => {
              arrivals.push(...items.map((item) => ({ source, item })));
            },
          },
          objects: { put: async () => ({ bytes: 0 }) },
          clock: { now: () => receivedMs },
          context: (id, receivedAt) => ({
            source: sourceSpec(id).feed,
            institution: INSTITUTION,
            region: REGION,
            receivedAt,
            identify,
          }),
        },
      );
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return arrivals;
}

interface SourceFile {
  readonly source: SourceId;
  readonly content: string;
}

function ndjson(items: readonly unknown[]): string {
  return items.map((item) => JSON.stringify(item)).join("\n");
}

/** The demo's student body: five sources, re-sends, broken messages. */
export function studentBody(people: number, seed: number, nowMs: number): Promise<Arrival[]> {
  const data = createDemoData({ people, seed, nowMs });
  const files: SourceFile[] = [
    { source: "website", content: ndjson(data.website) },
    { source: "mobile", content: ndjson(data.mobile) },
    { source: "email", content: ndjson(data.email) },
    { source: "whatsapp", content: ndjson(data.whatsapp) },
    { source: "salesforce", content: data.contactsCsv },
    { source: "salesforce", content: data.enrollmentsCsv },
    { source: "salesforce", content: data.changesNdjson },
  ];
  return decodeFiles(files, nowMs);
}

/** What makes models differ between batches: what comes late, goes away, changes its mind or belongs to several. */
export function awkwardCases(nowMs: number): Promise<Arrival[]> {
  const at = (minutesAgo: number): string => new Date(nowMs - minutesAgo * 60_000).toISOString();
  return decodeFiles(
    [
      { source: "website", content: ndjson(websiteCases(at)) },
      { source: "mobile", content: ndjson(mobileCases(at)) },
      { source: "salesforce", content: ndjson(crmCases((minutesAgo) => nowMs - minutesAgo * 60_000)) },
      { source: "whatsapp", content: ndjson(whatsappCases()) },
      { source: "email", content: ndjson(emailCases(nowMs)) },
    ],
    nowMs,
  );
}

type At = (minutesAgo: number) => string;

function websiteCases(at: At): Record<string, unknown>[] {
  const message = (messageId: string, minutesAgo: number, rest: Record<string, unknown>): Record<string, unknown> => ({
    messageId,
    timestamp: at(minutesAgo),
    type: "track",
    event: "programme_viewed",
    properties: { programme_id: "mba" },
    ...rest,
  });
  const twins = ["twin-a", "twin-b"].map((userId, n) =>
    message(`twin-${n}`, 500 - n, { type: "identify", userId, traits: { email: "family@gmail.com" } }),
  );
  // Three users on one library computer: its browser links nobody any more.
  const library = ["lib-1", "lib-2", "lib-3"].map((userId, n) =>
    message(`library-${n}`, 400 - n, { type: "identify", userId, anonymousId: "library-pc", traits: {} }),
  );
  // Every identifier stands for nobody at first; the same message comes again with one that does not.
  const unusable = [
    message("late-owner", 300, { anonymousId: "undefined", userId: "null" }),
    message("late-owner", 300, { anonymousId: "late-owner-browser" }),
    message("never-usable", 299, { anonymousId: "00000000-0000-0000-0000-000000000000" }),
    message("never-usable", 299, { anonymousId: "00000000-0000-0000-0000-000000000000" }),
  ];
  const decisions = (status: string): Record<string, unknown> => ({
    decisions: [{ purpose: "marketing", channel: "email", status, notice_version: "2026-01" }],
  });
  return [
    ...twins,
    ...library,
    ...unusable,
    message("chain-1", 200, { anonymousId: "chain-browser" }),
    message("chain-2", 190, { type: "identify", anonymousId: "chain-browser", traits: { email: "chain@gmail.com" } }),
    message("chain-3", 180, { type: "identify", userId: "chain-user", traits: { email: "chain@gmail.com" } }),
    message("chain-4", 170, { type: "alias", userId: "chain-user", previousId: "chain-phone-browser" }),
    message("mind-1", 160, { userId: "chain-user", event: "consent_updated", properties: decisions("granted") }),
    message("mind-2", 150, { userId: "chain-user", event: "consent_updated", properties: decisions("denied") }),
    message("gpc-1", 140, { anonymousId: "gpc-browser", type: "page", context: { gpc: true } }),
    message("gpc-2", 139, { anonymousId: "gpc-browser", type: "page", context: { gpc: true } }),
  ];
}

function mobileCases(at: At): Record<string, unknown>[] {
  return ["tab-1", "tab-2", "tab-3"].flatMap((userId, n) => [
    {
      messageId: `tablet-${n}`,
      timestamp: at(100 - n),
      type: "track",
      event: "lesson_completed",
      userId,
      context: { device: { id: "classroom-tablet" } },
      properties: { course_id: "M1", lesson_id: `L${n}` },
    },
    {
      messageId: `tablet-open-${n}`,
      timestamp: at(90 - n),
      type: "track",
      event: "app_opened",
      anonymousId: `install-tab-${n}`,
      context: { device: { id: "classroom-tablet" } },
    },
  ]);
}

const CONTACT = "003000000009000";

function crmCases(ms: (minutesAgo: number) => number): Record<string, unknown>[] {
  let transaction = 0;
  const change = (
    entityName: "Contact" | "Lead",
    changeType: string,
    recordIds: readonly string[],
    minutesAgo: number,
    fields: Record<string, unknown> = {},
    header: Record<string, unknown> = {},
  ): Record<string, unknown> => {
    transaction += 1;
    return {
      ChangeEventHeader: {
        entityName,
        changeType,
        recordIds,
        changeOrigin: "com/salesforce/api/rest/62.0",
        transactionKey: `awkward-${transaction}`,
        sequenceNumber: 1,
        commitTimestamp: ms(minutesAgo),
        commitUser: "005000000000001AAA",
        ...header,
      },
      ...fields,
    };
  };
  const lead = "00Q000000009000";
  const gone = "003000000009001";
  const back = "003000000009002";
  return [
    change("Lead", "CREATE", [lead], 300, { FirstName: "Lea", LastName: "Der", Email: "lea@gmail.com", Status: "New" }),
    change("Lead", "UPDATE", [lead], 200, { IsConverted: true, ConvertedContactId: CONTACT, Status: "Converted" }),
    change("Contact", "CREATE", [CONTACT], 200, { FirstName: "Lea", LastName: "Derova", Platform_User_Id__c: "lea-1" }),
    // Older than what may have arrived before it, and what empties a field.
    change("Contact", "UPDATE", [CONTACT], 250, { FirstName: "Leah" }),
    change("Contact", "UPDATE", [CONTACT], 100, { LastName: null }, { nulledFields: ["LastName"] }),
    change("Contact", "UPDATE", [CONTACT], 90, { HasOptedOutOfEmail: true }),
    change("Contact", "UPDATE", [CONTACT, gone, back], 80, { LeadSource: "Fair" }),
    change("Contact", "CREATE", [gone], 400, { FirstName: "Gone", Email: "gone@gmail.com" }),
    change("Contact", "DELETE", [gone], 50),
    change("Contact", "CREATE", [back], 400, { FirstName: "Back", Email: "back@gmail.com" }),
    change("Contact", "DELETE", [back], 60),
    change("Contact", "UNDELETE", [back], 40, { FirstName: "Back" }),
  ];
}

function whatsappCases(): Record<string, string>[] {
  const inbound = (n: number, from: string, body: string): Record<string, string> => ({
    MessageSid: `SM${String(n).padStart(32, "9")}`,
    SmsStatus: "received",
    From: `whatsapp:${from}`,
    To: "whatsapp:+14155238886",
    Body: body,
    NumMedia: "0",
  });
  return [
    inbound(1, "+447400123456", "STOP"),
    inbound(2, "+447400123456", "START"),
    inbound(3, "+447400123457", "my mother's address is family@gmail.com, what are the fees?"),
  ];
}

function emailCases(nowMs: number): Record<string, unknown>[] {
  const seconds = Math.floor(nowMs / 1000);
  const event = (id: string, email: string, kind: string, secondsAgo: number): Record<string, unknown> => ({
    sg_event_id: id,
    sg_message_id: `${id}.filter`,
    email,
    event: kind,
    timestamp: seconds - secondsAgo,
  });
  return [
    event("awk-1", "family@gmail.com", "open", 900),
    event("awk-2", "chain@gmail.com", "click", 800),
    event("awk-3", "chain@gmail.com", "unsubscribe", 700),
    event("awk-4", "info@campus.example", "delivered", 600),
  ];
}

/** The arrivals in another order, every tenth once more at another place, dealt into `count` deliveries. */
export function deal(arrivals: readonly Arrival[], count: number, seed: number): Arrival[][] {
  const dice = createSeededRandom(seed);
  const resent = arrivals.filter(() => dice() < 0.1);
  const placed = [...arrivals, ...resent].map((arrival) => ({ arrival, place: dice() }));
  const shuffled = placed.sort((a, b) => a.place - b.place).map(({ arrival }) => arrival);
  const size = Math.ceil(shuffled.length / count);
  return Array.from({ length: count }, (_, n) => shuffled.slice(n * size, (n + 1) * size));
}
