import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RollcallError } from "../../src/platform/errors.js";
import { openEnvelope } from "../../src/privacy/envelope.js";
import type { Decoded, SourceId } from "../record.js";
import { context, RECEIVED_AT } from "../sources/testing.js";
import { type FileProgress, type LandFileRequest, landFile, MAX_LINE_BYTES } from "./land-file.js";

let folder: string;
let appended: { source: SourceId; items: readonly Decoded[] }[];
let objects: Map<string, Buffer>;
let progress: FileProgress[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "files-"));
  appended = [];
  objects = new Map();
  progress = [];
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function write(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function land(request: LandFileRequest): Promise<FileProgress> {
  return landFile(request, {
    sink: {
      append: async (source, items) => {
        appended.push({ source, items });
      },
    },
    objects: {
      put: async (name, content) => {
        const bytes = Buffer.isBuffer(content) ? content : await buffer(content);
        objects.set(name, bytes);
        return { bytes: bytes.length };
      },
    },
    context: (_source, receivedAt) => ({ ...context, receivedAt }),
    clock: { now: () => RECEIVED_AT / 1000 },
    onProgress: (step) => progress.push(step),
  });
}

function items(): Decoded[] {
  return appended.flatMap((batch) => batch.items);
}

/** "line reason" of each dead letter. */
function faults(): string[] {
  return items().flatMap((item) => (item.kind === "dead_letter" ? [`${item.line} ${item.reason}`] : []));
}

const lesson = (n: number): string =>
  JSON.stringify({
    type: "track",
    event: "lesson_completed",
    messageId: `m-${n}`,
    userId: `u-${n}`,
    timestamp: "2025-06-01T08:00:00Z",
    properties: { course_id: "MBA101", lesson_id: `L${n}` },
  });

describe("an NDJSON file", () => {
  it("lands line by line; a bad line costs only itself", async () => {
    const content = Buffer.concat([
      Buffer.from(`${lesson(1)}\r\n\n{"type":\n   \n`),
      Buffer.from([0x22, 0xff, 0x22, 0x0a]),
      Buffer.from(`${"[".repeat(40)}${"]".repeat(40)}\n[]\n${lesson(2)}`),
    ]);
    const result = await land({ source: "mobile", path: write("x.ndjson", content) });
    expect(result).toEqual({ accepted: 6, events: 2, deadLetters: 4, bytes: content.length });
    expect(faults()).toEqual(["3 malformed_json", "5 invalid_utf8", "6 too_deep", "7 wrong_type"]);
    expect(appended.map(({ source }) => source)).toEqual(["mobile"]);
  });

  it("gives the same event ids when it is landed again, also where the source sent none", async () => {
    const bare = JSON.stringify({ type: "page", anonymousId: "a", timestamp: "2025-06-01T08:00:00Z" });
    const path = write("x.ndjson", `${lesson(1)}\n${bare}\n`);
    const ids = async (): Promise<unknown[]> => {
      appended = [];
      await land({ source: "website", path });
      return items().map(({ eventId }) => eventId);
    };
    const first = await ids();
    expect(await ids()).toEqual(first);
    expect(new Set(first).size).toBe(2);
  });

  it("goes in batches of five hundred, each told", async () => {
    const lines = Array.from({ length: 1_201 }, (_, n) => lesson(n));
    const result = await land({ source: "mobile", path: write("x.ndjson", lines.join("\n")) });
    expect(appended.map((batch) => batch.items.length)).toEqual([500, 500, 201]);
    expect(progress.map(({ accepted }) => accepted)).toEqual([500, 1_000, 1_201]);
    expect(progress.at(-1)).toEqual(result);
    expect(items().map(({ eventId }) => eventId)).toEqual(lines.map((_, n) => `m-${n}`));
  });

  it("goes in smaller batches where lines are long", async () => {
    const long = `{"padding":"${"x".repeat(MAX_LINE_BYTES - 100)}"}`;
    await land({ source: "mobile", path: write("x.ndjson", `${long}\n`.repeat(20)) });
    expect(appended.map((batch) => batch.items.length)).toEqual([9, 9, 2]);
  });

  it("stores a line of 40 MB as an object and lands a dead letter that names it", async () => {
    const huge = Buffer.alloc(40 * 1024 * 1024, "x");
    const path = write(
      "x.ndjson",
      Buffer.concat([Buffer.from(`${lesson(1)}\n`), huge, Buffer.from(`\n${lesson(2)}\n`)]),
    );
    const result = await land({ source: "mobile", path });
    expect(result).toMatchObject({ accepted: 3, events: 2, deadLetters: 1 });
    const name = `dead_letters/2026-01-31/${createHash("sha256").update(huge).digest("hex")}`;
    expect(items()[1]).toMatchObject({ reason: "too_large", line: 2, originalObject: name, original: Buffer.alloc(0) });
    expect(openEnvelope(objects.get(name) ?? Buffer.alloc(0)).equals(huge)).toBe(true);
  });

  it.each<[SourceId, string, string]>([
    ["email", '{"sg_event_id":"1","event":"open","email":"j@x.org","timestamp":1}', "email_events"],
    [
      "whatsapp",
      '{"MessageSid":"SM1","From":"whatsapp:+447911123456","To":"whatsapp:+14155238886"}',
      "whatsapp_messages",
    ],
    [
      "salesforce",
      '{"ChangeEventHeader":{"entityName":"Lead","recordIds":["00Q000000000001"],"changeType":"CREATE","transactionKey":"t","sequenceNumber":1,"commitTimestamp":1}}',
      "salesforce_changes",
    ],
  ])("of %s", async (source, line, table) => {
    const result = await land({ source, path: write("x.ndjson", `\ufeff${line}\n`) });
    expect(result).toMatchObject({ events: 1, deadLetters: 0 });
    expect(items()[0]).toMatchObject({ table, receivedAt: RECEIVED_AT });
  });
});

const CONTACTS = "Id,FirstName,Email,LastModifiedDate";
const ENROLLMENTS = "Student_Number__c,Module__c,Presentation__c";

describe("a CSV file", () => {
  it("lands row by row; a broken row costs only itself", async () => {
    const path = write(
      "contacts.csv",
      [
        `\ufeff${CONTACTS}`,
        '003000000000001,"Doe, Jane",jane@x.org,2025-06-01T08:00:00Z',
        "003000000000002,too,few",
        "003000000000003,too,many,2025-06-01T08:00:00Z,cells",
        '003000000000004,"Ann,a@x.org,2025-06-01T08:00:00Z',
        '003000000000005,"Two\nlines",b@x.org,2025-06-01T08:00:00Z',
        "nobody,Bob,c@x.org,2025-06-01T08:00:00Z",
        "",
        "003000000000006,Eve,d@x.org,",
      ].join("\r\n"),
    );
    const result = await land({ source: "salesforce", path });
    expect(result).toMatchObject({ accepted: 7, events: 3, deadLetters: 4 });
    expect(faults()).toEqual(["3 broken_row", "4 broken_row", "5 broken_row", "8 wrong_type"]);
    expect(items().flatMap((item) => (item.kind === "event" ? [item.personal?.FirstName] : []))).toEqual([
      "Doe, Jane",
      "Two\nlines",
      "Eve",
    ]);
  });

  it("is recognised by its columns", async () => {
    await land({ source: "salesforce", path: write("e.csv", `${ENROLLMENTS}\nS-1,MBA101,2026A\n`) });
    expect(items()).toMatchObject([{ kind: "event", table: "salesforce_enrollments" }]);
  });

  it("reads a file of only a header, and an empty one", async () => {
    const nothing = { accepted: 0, events: 0, deadLetters: 0 };
    expect(await land({ source: "salesforce", path: write("a.csv", CONTACTS) })).toMatchObject(nothing);
    expect(await land({ source: "salesforce", path: write("b.csv", "") })).toMatchObject(nothing);
  });

  it.each<[string, string, LandFileRequest["object"], RegExp]>([
    ["an unknown column", `${CONTACTS},Shoe_Size__c`, undefined, /contacts \(unknown: Shoe_Size__c\)/],
    ["a missing column", "Student_Number__c,Module__c", undefined, /enrollments \(missing: Presentation__c\)/],
    ["a repeated column", "Id,Email,Email", undefined, /repeated: Email/],
    [
      "the columns of another object",
      ENROLLMENTS,
      "contacts",
      /contacts \(missing: Id; unknown: Module__c, Presentation__c\)/,
    ],
    ["no header", "003000000000001,Jane,jane@x.org", undefined, /names no columns.*of another system/],
    ["no header where contacts are expected", "003000000000001,Jane,jane@x.org", "contacts", /missing: Id\)/],
  ])("with %s is refused as a whole", async (_, header, object, message) => {
    const path = write("x.csv", `${header}\n003000000000001,Jane,jane@x.org\n`);
    const failure = await land({ source: "salesforce", path, ...(object && { object }) }).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(RollcallError);
    expect(failure).toMatchObject({
      code: "INPUT_INVALID",
      isRetriable: false,
      message: expect.stringMatching(message),
    });
    expect(String(failure)).not.toContain("Jane");
    expect(appended).toEqual([]);
  });
});

describe("a file that is none", () => {
  it.each<[string, () => LandFileRequest, string, string]>([
    ["is missing", () => ({ source: "email", path: join(folder, "none") }), "INPUT_INVALID", "There is no file"],
    ["is a directory", () => ({ source: "email", path: join(folder, "d") }), "INPUT_INVALID", "is a directory"],
    [
      "is an array",
      () => ({ source: "email", path: write("x", ' [{"a":1}]') }),
      "INPUT_INVALID",
      "one JSON object a line",
    ],
    [
      "is CSV of a source without",
      () => ({ source: "email", path: write("x.CSV", "a,b") }),
      "INPUT_INVALID",
      "CSV file",
    ],
    [
      "has an object it cannot have",
      () => ({ source: "email", path: write("x", "{}"), object: "contacts" }),
      "INPUT_INVALID",
      "object",
    ],
  ])("%s", async (_, request, code, message) => {
    mkdirSync(join(folder, "d"));
    await expect(land(request())).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
    expect(appended).toEqual([]);
  });
});

it("what the sink throws stops the file, and nothing after it is read", async () => {
  const path = write("x.ndjson", Array.from({ length: 1_200 }, (_, n) => lesson(n)).join("\n"));
  let calls = 0;
  const full = new RollcallError("LOG_FULL", "full", { isRetriable: true });
  const landing = landFile(
    { source: "mobile", path },
    {
      sink: {
        append: async () => {
          calls += 1;
          if (calls === 2) throw full;
        },
      },
      objects: { put: async () => ({ bytes: 0 }) },
      context: () => context,
      clock: { now: () => 0 },
    },
  );
  await expect(landing).rejects.toBe(full);
  expect(calls).toBe(2);
});
