import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { type Clock, type Micros, microsToIso } from "../../src/platform/clock.js";
import { messageOf, RollcallError } from "../../src/platform/errors.js";
import type { Objects } from "../../src/platform/objects/port.js";
import { clearEnvelope } from "../../src/privacy/envelope.js";
import type { DeadLetter, DecodeContext, Decoded, SourceId } from "../record.js";
import type { EventSink } from "../sink.js";
import { toDeadLetter } from "../sources/outcome.js";
import { type Line, readLines } from "./lines.js";
import { createCsvReader, createNdjsonReader, type FileReader } from "./readers.js";

/** What a Salesforce file holds; the other sources have only one kind of file. */
const FILE_OBJECTS = ["changes", "contacts", "enrollments"] as const;
export type FileObject = (typeof FILE_OBJECTS)[number];

export interface LandFileRequest {
  readonly source: SourceId;
  readonly path: string;
  /** For Salesforce; recognised by the content when absent. */
  readonly object?: FileObject;
}

export interface FileProgress {
  /** Records so far: `events + deadLetters`. */
  readonly accepted: number;
  readonly events: number;
  readonly deadLetters: number;
  /** Bytes of the file read so far. */
  readonly bytes: number;
}

export interface LandFileDeps {
  readonly sink: EventSink;
  readonly objects: Pick<Objects, "put">;
  /** What decoding may know of a file of that source. */
  readonly context: (source: SourceId, receivedAt: Micros) => DecodeContext;
  readonly clock: Pick<Clock, "now">;
  readonly logger?: { info(fields: Readonly<Record<string, unknown>>, message: string): void };
  /** Called after each append. */
  readonly onProgress?: (progress: FileProgress) => void;
}

const BATCH_RECORDS = 500;
/** Of originals: what a batch may hold in memory however long its lines are. */
const BATCH_BYTES = 4 * 1024 * 1024;
/** A log record has to fit a Kafka message (1 MB by default) in its decoded form too. */
export const MAX_LINE_BYTES = 512 * 1024;

const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;

/**
 * Lands a file record by record: NDJSON for every source, CSV for Salesforce contacts and enrolments. Every record
 * becomes one event or one dead letter with its line number.
 *
 * What was appended before an error stays; landing the same file again gives the same event ids, so a repeat is harmless.
 * Holds one batch in memory, and reads on only when it is durable. Throws INPUT_INVALID for a file that
 * cannot be read as what it should be, before anything landed, and what the sink throws.
 */
export async function landFile(request: LandFileRequest, deps: LandFileDeps): Promise<FileProgress> {
  const { source, path } = request;
  const receivedAt = deps.clock.now() * 1000;
  const ctx = deps.context(source, receivedAt);
  const reader = createReader(request, await firstByte(path), ctx);
  const batch = createBatch(source, deps);
  for await (const lines of readLines(path, MAX_LINE_BYTES)) {
    for (const line of lines) await batch.add(await readLine(line, reader, request, deps, ctx), line);
  }
  await batch.add(reader.end(), null);
  const result = await batch.flush();
  deps.logger?.info({ source, ...result }, "landed a file");
  return result;
}

/** The records that end with this line. */
async function readLine(
  line: Line,
  reader: FileReader,
  { path }: LandFileRequest,
  { objects }: LandFileDeps,
  ctx: DecodeContext,
): Promise<Decoded[]> {
  if (line.kind === "line") return reader.push(line);
  const before = reader.end();
  return [...before, await storeOversized(line, path, objects, reader, ctx)];
}

/** Copies the line from the file to the object store, under the name of its content: a repeat writes the same object. */
async function storeOversized(
  line: Extract<Line, { kind: "oversized" }>,
  path: string,
  objects: Pick<Objects, "put">,
  reader: FileReader,
  ctx: DecodeContext,
): Promise<DeadLetter> {
  const name = `dead_letters/${microsToIso(ctx.receivedAt).slice(0, 10)}/${line.sha256}`;
  await objects.put(name, Readable.from(envelopeOf(path, line.start, line.length)));
  const letter = toDeadLetter(
    reader.table(),
    Buffer.alloc(0),
    { ...ctx, line: line.number },
    { reason: "too_large", detail: `expected a line of at most ${MAX_LINE_BYTES} bytes`, stage: "decode" },
  );
  return { ...letter, originalObject: name };
}

async function* envelopeOf(path: string, start: number, length: number): AsyncGenerator<Buffer> {
  yield clearEnvelope(Buffer.alloc(0));
  for await (const chunk of createReadStream(path, { start, end: start + length - 1 })) yield chunk as Buffer;
}

interface Batch {
  add(records: readonly Decoded[], line: Line | null): Promise<void>;
  /** Appends what is left and says how far the file is durable. */
  flush(): Promise<FileProgress>;
}

function createBatch(source: SourceId, deps: Pick<LandFileDeps, "sink" | "onProgress">): Batch {
  let items: Decoded[] = [];
  let itemBytes = 0;
  let end = 0;
  let events = 0;
  let deadLetters = 0;

  async function flush(): Promise<FileProgress> {
    if (items.length > 0) await deps.sink.append(source, items);
    for (const { kind } of items) {
      if (kind === "event") events += 1;
      else deadLetters += 1;
    }
    items = [];
    itemBytes = 0;
    const progress = { accepted: events + deadLetters, events, deadLetters, bytes: end };
    deps.onProgress?.(progress);
    return progress;
  }

  return {
    add: async (records, line) => {
      items.push(...records);
      itemBytes += line?.kind === "line" ? line.bytes.length : 0;
      end = line?.end ?? end;
      if (items.length >= BATCH_RECORDS || itemBytes >= BATCH_BYTES) await flush();
    },
    flush,
  };
}

function createReader({ source, object, path }: LandFileRequest, first: number, ctx: DecodeContext): FileReader {
  if (source !== "salesforce" && object !== undefined) {
    throw invalid(`Only Salesforce files have an object; leave it out for ${source}.`);
  }
  const isCsv = source === "salesforce" && object !== "changes" && (object !== undefined || first !== OPEN_BRACE);
  if (isCsv) return createCsvReader(object, ctx);
  if (first === OPEN_BRACKET) throw invalid(`${path} is one JSON array. Write one JSON object a line (NDJSON).`);
  if (source !== "salesforce" && path.toLowerCase().endsWith(".csv")) {
    throw invalid(`${path} is a CSV file; ${source} takes one JSON object a line (NDJSON).`);
  }
  return createNdjsonReader(source, ctx);
}

/** The first byte that is neither blank nor a byte order mark; 0 for a file without one near its start. */
async function firstByte(path: string): Promise<number> {
  try {
    const info = await stat(path);
    if (info.isDirectory()) throw invalid(`${path} is a directory. Name one file.`);
    const file = await open(path, "r");
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(1024), 0, 1024, 0);
      const text = buffer.subarray(0, bytesRead).toString("utf8").trimStart();
      return Buffer.from(text)[0] ?? 0;
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof RollcallError) throw error;
    if (error instanceof Error && "code" in error && error.code === "ENOENT") {
      throw new RollcallError("INPUT_INVALID", `There is no file ${path}.`, { isRetriable: false, cause: error });
    }
    throw new RollcallError("INPUT_INVALID", `${path} cannot be read: ${messageOf(error)}.`, {
      isRetriable: false,
      cause: error,
    });
  }
}

function invalid(message: string): RollcallError {
  return new RollcallError("INPUT_INVALID", message, { isRetriable: false });
}
