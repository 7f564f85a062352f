import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RollcallError } from "../platform/errors.js";
import { callSocket, isServed, type SocketServer, serveSocket } from "./socket.js";

describe("the engine's socket", () => {
  let folder: string;
  let path: string;
  let served: SocketServer | null;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "rollcall-socket-"));
    path = join(folder, "engine.sock");
    served = null;
  });
  afterEach(async () => {
    await served?.close();
    rmSync(folder, { recursive: true });
  });

  it("gives answers as JSON, integers beyond 2^53 as text, to its owner only", async () => {
    served = await serveSocket(path, { double: async (input) => ({ twice: [input, input], big: 2n ** 60n }) });
    expect(await callSocket(path, "double", { n: 1 })).toEqual({
      twice: [{ n: 1 }, { n: 1 }],
      big: "1152921504606846976",
    });
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("throws at the caller what the call threw", async () => {
    served = await serveSocket(path, {
      refuse: () =>
        Promise.reject(new RollcallError("TOO_LARGE", "too many rows", { isRetriable: false, details: { rows: 9 } })),
    });
    await expect(callSocket(path, "refuse")).rejects.toMatchObject({
      code: "TOO_LARGE",
      message: "too many rows",
      isRetriable: false,
      details: { rows: 9 },
    });
    await expect(callSocket(path, "constructor")).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  it("is nobody's when what is left of it answers nobody, and is taken over", async () => {
    writeFileSync(path, "");
    expect(await isServed(path)).toBe(false);
    await expect(callSocket(path, "ping")).rejects.toMatchObject({
      code: "ENGINE_UNAVAILABLE",
      message: `No engine answers at ${path}. Start one with "rollcall up".`,
    });
    served = await serveSocket(path, { ping: async () => "pong" });
    expect(await isServed(path)).toBe(true);
  });

  it("is not taken from one that is alive", async () => {
    served = await serveSocket(path, { ping: async () => "pong" });
    await expect(serveSocket(path, {})).rejects.toMatchObject({ code: "CONFLICT" });
    expect(existsSync(path)).toBe(true);
  });

  it.each([
    ["before its answer", ""],
    ["in the middle of its answer", 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"rows":'],
  ])("tells of an engine that ends %s", async (_, said) => {
    const dying = createServer((socket) => socket.once("data", () => socket.end(said)));
    await new Promise<void>((resolve) => dying.listen(path, resolve));
    await expect(callSocket(path, "query", { sql: "SELECT 1" })).rejects.toMatchObject({
      code: "ENGINE_UNAVAILABLE",
      message: `The engine at ${path} ended before it had answered. What it committed stays; ask again.`,
      isRetriable: true,
    });
    await new Promise((resolve) => dying.close(resolve));
  });
});
