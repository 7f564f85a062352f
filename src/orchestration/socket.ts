import { chmodSync, existsSync, unlinkSync } from "node:fs";
import { createServer, type IncomingMessage, request, type Server } from "node:http";
import { ERROR_CODES, type ErrorCode, messageOf, RollcallError } from "../platform/errors.js";

/**
 * The engine's socket: JSON calls over HTTP on a Unix socket that only its owner may open.
 * The engine is the one process that holds the warehouse file, so whoever else wants rows asks here.
 */
export type Calls = Readonly<Record<string, (input: unknown) => Promise<unknown>>>;

const LARGEST_CALL_BYTES = 4 * 1024 * 1024;

async function readBody(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message) {
    const buffer = chunk as Buffer;
    bytes += buffer.length;
    if (bytes > LARGEST_CALL_BYTES) {
      throw new RollcallError("TOO_LARGE", "A call to the engine may not exceed 4 MB.", { isRetriable: false });
    }
    chunks.push(buffer);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Rows hold integers beyond 2^53 as bigint; they travel as text. */
function toJson(value: unknown): string {
  return JSON.stringify(value ?? null, (_, v: unknown) => (typeof v === "bigint" ? v.toString() : v));
}

export interface SocketServer {
  close(): Promise<void>;
}

/** Listens at `path`, replacing what a dead engine left there. Throws CONFLICT when a live one answers. */
export async function serveSocket(path: string, calls: Calls): Promise<SocketServer> {
  if (existsSync(path)) {
    if (await isServed(path)) {
      throw new RollcallError(
        "CONFLICT",
        `Rollcall is already up: ${path} answers. Stop it, or choose another --home.`,
        {
          isRetriable: false,
        },
      );
    }
    unlinkSync(path);
  }
  const server: Server = createServer((req, res) => {
    const answer = (status: number, body: unknown): void => {
      res.writeHead(status, { "content-type": "application/json" });
      res.end(toJson(body));
    };
    const name = (req.url ?? "/").slice(1);
    const call = Object.hasOwn(calls, name) ? calls[name] : undefined;
    if (call === undefined) {
      answer(404, { code: "NOT_FOUND", message: `The engine has no call "${name}".`, isRetriable: false });
      return;
    }
    readBody(req)
      .then((body) => call(body === "" ? undefined : JSON.parse(body)))
      .then(
        (result) => answer(200, result),
        (error: unknown) => {
          const known = error instanceof RollcallError;
          answer(500, {
            code: known ? error.code : "INTERNAL",
            message: messageOf(error),
            isRetriable: known && error.isRetriable,
            details: known ? error.details : {},
          });
        },
      );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
  chmodSync(path, 0o600);
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function toError(text: string): RollcallError {
  const body = JSON.parse(text) as {
    code: string;
    message: string;
    isRetriable: boolean;
    details?: Record<string, unknown>;
  };
  const code = (ERROR_CODES as readonly string[]).includes(body.code) ? (body.code as ErrorCode) : "INTERNAL";
  return new RollcallError(code, body.message, { isRetriable: body.isRetriable, details: body.details ?? {} });
}

function unanswered(path: string, cause: NodeJS.ErrnoException): RollcallError {
  const message =
    cause.code === "ECONNRESET"
      ? `The engine at ${path} ended before it had answered. What it committed stays; ask again.`
      : `No engine answers at ${path}. Start one with "rollcall up".`;
  return new RollcallError("ENGINE_UNAVAILABLE", message, { isRetriable: true, cause });
}

/**
 * Calls the engine behind the socket. Throws what it threw, or ENGINE_UNAVAILABLE when nobody listens and when it ends before its
 * answer does.
 */
export function callSocket(path: string, name: string, input?: unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const req = request({ socketPath: path, path: `/${name}`, method: "POST" }, (res) => {
      const chunks: Buffer[] = [];
      res.on("data", (chunk: Buffer) => chunks.push(chunk));
      // An answer that breaks off has no end: unheard, whoever asked would wait for ever.
      res.on("error", (cause) => reject(unanswered(path, cause)));
      res.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        try {
          if (res.statusCode === 200) resolve(JSON.parse(text));
          else reject(toError(text));
        } catch (cause) {
          reject(
            new RollcallError("INTERNAL", "The engine's answer could not be read.", { isRetriable: false, cause }),
          );
        }
      });
    });
    req.on("error", (cause) => reject(unanswered(path, cause)));
    req.end(input === undefined ? undefined : toJson(input));
  });
}

/** Whether an engine answers at `path`. */
export async function isServed(path: string): Promise<boolean> {
  if (!existsSync(path)) return false;
  try {
    await callSocket(path, "ping");
    return true;
  } catch (error) {
    return error instanceof RollcallError && error.code !== "ENGINE_UNAVAILABLE";
  }
}
