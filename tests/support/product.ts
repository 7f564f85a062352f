import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { callSocket } from "../../src/orchestration/socket.js";

/** Drives the real product: its command line, its processes, its ports. */
const ENTRY = join(import.meta.dirname, "../../src/cli/rollcall.mjs");

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one command to its end. */
export async function rollcall(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<CommandResult> {
  const child = spawn(process.execPath, [ENTRY, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NO_COLOR: "1", ...env },
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const [code] = (await once(child, "close")) as [number | null];
  return { code, stdout, stderr };
}

export interface Product {
  readonly home: string;
  readonly url: string;
  readonly process: ChildProcess;
  readonly secrets: {
    readonly writeKeys: { readonly website: string; readonly mobile: string };
    readonly twilioAuthToken: string;
    readonly sendgridPublicKey: string;
    readonly sendgridSandboxPrivateKey: string;
    readonly salesforceToken: string;
  };
  /** Everything written to standard error so far. */
  log(): string;
  /** SIGTERM, and wait for a clean end. Returns the exit code. */
  stop(): Promise<number | null>;
}

export function temporaryHome(): string {
  return mkdtempSync(join(tmpdir(), "rollcall-"));
}

export function removeHome(home: string): void {
  rmSync(home, { recursive: true, force: true });
}

/** Starts `rollcall up` on a free port and waits until it is ready. */
export async function startProduct(home: string, env: NodeJS.ProcessEnv = {}): Promise<Product> {
  const child = spawn(process.execPath, [ENTRY, "up", "--home", home, "--port", "0"], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NO_COLOR: "1", ...env },
  });
  let log = "";
  let printed = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    log += chunk.toString();
  });
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout?.on("data", (chunk: Buffer) => {
      printed += chunk.toString();
      const match = /(http:\/\/127\.0\.0\.1:\d+)/.exec(printed);
      if (match) resolve(match[1] as string);
    });
    child.once("exit", (code) => reject(new Error(`rollcall up ended with ${code}:\n${log}`)));
  });
  await waitFor(async () => (await fetch(`${url}/ready`)).status === 200, 60_000, "the product to be ready");
  return {
    home,
    url,
    process: child,
    secrets: JSON.parse(readFileSync(join(home, "secrets.json"), "utf8")) as Product["secrets"],
    log: () => log,
    stop: async () => {
      if (child.exitCode !== null) return child.exitCode;
      child.kill("SIGTERM");
      const [code] = (await once(child, "exit")) as [number | null];
      return code;
    },
  };
}

/** Rows of a running product, personal columns included. Asks its engine's socket, as `rollcall query` does. */
export async function ask<Row = Record<string, unknown>>({ home }: { home: string }, sql: string): Promise<Row[]> {
  const result = (await callSocket(join(home, "engine.sock"), "query", { sql, unmask: true })) as { rows: Row[] };
  return result.rows;
}

/** Makes a key of the Profile API. */
export async function createApiKey(home: string, ...scopes: string[]): Promise<string> {
  const created = await rollcall(["keys", "create", "--home", home, "--scope", ...scopes]);
  if (created.code !== 0) throw new Error(created.stderr);
  return created.stdout.trim();
}

/** Polls until `condition` holds; throws after `timeoutMs`. Errors of the condition count as "not yet". */
export async function waitFor(condition: () => Promise<boolean>, timeoutMs: number, what: string): Promise<void> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    try {
      if (await condition()) return;
    } catch {
      // Not yet.
    }
    if (Date.now() > end) throw new Error(`Waited ${timeoutMs} ms in vain for ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Posts Segment messages in batches of `size`, a few requests at a time. Throws on anything but 200. */
export async function postBatches(
  url: string,
  writeKey: string,
  messages: readonly unknown[],
  size = 250,
  concurrency = 4,
): Promise<void> {
  const authorization = `Basic ${Buffer.from(`${writeKey}:`).toString("base64")}`;
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < messages.length) {
      const batch = messages.slice(next, next + size);
      next += size;
      const response = await fetch(`${url}/v1/batch`, {
        method: "POST",
        headers: { authorization, "content-type": "application/json" },
        body: JSON.stringify({ batch, sentAt: new Date().toISOString() }),
      });
      if (response.status !== 200) throw new Error(`/v1/batch answered ${response.status}: ${await response.text()}`);
      await response.arrayBuffer();
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}
