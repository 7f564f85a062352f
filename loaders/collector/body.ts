import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { gunzip as gunzipCallback } from "node:zlib";
import type { Problem } from "./problem.js";

export type BodyOutcome =
  | { readonly ok: true; readonly body: Buffer }
  | { readonly ok: false; readonly problem: Problem }
  /** The caller hung up: nobody is there to be told. */
  | { readonly ok: false; readonly problem: null };

/** JSON shrinks ten to fifty times. Whoever shrinks more than this wants to hurt. */
const MAX_RATIO = 200;

const gunzip = promisify(gunzipCallback);

/**
 * The whole body as sent, or decompressed. Never holds more than `maxBytes` of either form, and stops reading at the
 * first byte above.
 */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<BodyOutcome> {
  const encoding = (request.headers["content-encoding"] ?? "identity").toLowerCase();
  if (encoding !== "identity" && encoding !== "gzip") {
    return refuse({ status: 415, code: "unsupported-encoding", detail: "Send the body as it is or with gzip." });
  }
  if (Number(request.headers["content-length"] ?? 0) > maxBytes) return refuse(tooLarge(maxBytes));
  const outcome = await collect(request, maxBytes);
  if (!outcome.ok || encoding === "identity") return outcome;
  try {
    const maxOutputLength = Math.max(1, Math.min(maxBytes, outcome.body.length * MAX_RATIO));
    return { ok: true, body: await gunzip(outcome.body, { maxOutputLength }) };
  } catch (error) {
    const isTooLarge = error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
    if (isTooLarge) return refuse(tooLarge(maxBytes));
    return refuse({
      status: 400,
      code: "broken-gzip",
      detail: "The body is not valid gzip, as Content-Encoding says.",
    });
  }
}

function collect(request: IncomingMessage, maxBytes: number): Promise<BodyOutcome> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const settle = (outcome: BodyOutcome): void => {
      request.removeListener("data", take);
      resolve(outcome);
    };
    const take = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > maxBytes) {
        request.pause();
        settle(refuse(tooLarge(maxBytes)));
      } else {
        chunks.push(chunk);
      }
    };
    request.on("data", take);
    request.once("end", () =>
      settle({ ok: true, body: chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks) }),
    );
    request.once("error", () => settle({ ok: false, problem: null }));
    request.once("close", () => settle({ ok: false, problem: null }));
  });
}

function tooLarge(maxBytes: number): Problem {
  return { status: 413, code: "too-large", detail: `The body may have ${maxBytes} bytes, after decompression.` };
}

function refuse(problem: Problem): BodyOutcome {
  return { ok: false, problem };
}
