import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { callSocket } from "../../src/orchestration/socket.js";
import type { QueryResult } from "../../src/warehouse/port.js";
import { PROFILE_STORE } from "../../syncs/targets/profiles/spec.js";
import { waitFor } from "../support/product.js";

/** `rollcall up`, edge and engine, as a group of processes that can lose its power. */
const ENTRY = join(import.meta.dirname, "../../src/cli/rollcall.mjs");
const PATIENCE_MS = 120_000;

export interface ProductProcess {
  /** Resolves with the edge's address; rejects when it ended before it listened. */
  readonly url: Promise<string>;
  /** Resolves with the signal that ended the edge. */
  readonly ended: Promise<NodeJS.Signals | number | null>;
  /** What was written to standard error so far. */
  said(): string;
  /** SIGKILL to edge and engine at once. */
  losePower(): Promise<void>;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
}

export function startUp(home: string, crashAt = ""): ProductProcess {
  const child = spawn(process.execPath, [ENTRY, "up", "--home", home, "--port", "0"], {
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
    env: { ...process.env, NO_COLOR: "1", ROLLCALL_LOG_LEVEL: "error", ROLLCALL_CRASH_AT: crashAt },
  });
  let said = "";
  let printed = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  const exited = once(child, "exit") as Promise<[number | null, NodeJS.Signals | null]>;
  const url = new Promise<string>((resolve, reject) => {
    child.stdout?.on("data", (chunk: Buffer) => {
      printed += chunk.toString();
      const match = /http:\/\/127\.0\.0\.1:\d+/.exec(printed);
      if (match) resolve(match[0]);
    });
    exited.then(() => reject(new Error(`rollcall up ended before it listened:\n${said}`)));
  });
  // Whoever does not ask for the address does not care that there is none.
  url.catch(() => undefined);
  return {
    url,
    ended: exited.then(([code, signal]) => signal ?? code),
    said: () => said,
    losePower: async () => {
      process.kill(-(child.pid as number), "SIGKILL");
      await exited;
    },
    stop: async () => {
      child.kill("SIGTERM");
      const [code] = await exited;
      return code;
    },
  };
}

/** Resolves when all that was accepted is published and delivered, without anybody asking for it. */
export async function delivered(home: string, accepted: () => Promise<number>): Promise<void> {
  const socket = join(home, "engine.sock");
  await waitFor(
    async () => {
      const records = await accepted();
      const { rows } = (await callSocket(socket, "query", {
        sql: `SELECT
            (SELECT SUM(row_count) FROM ops.landed_batches) AS landed,
            (SELECT UNIX_MICROS(MAX(ingested_at)) FROM ops.landed_batches) AS arrived_at,
            (SELECT UNIX_MICROS(MIN(window_to)) FROM ops.watermarks WHERE model LIKE "activation.%") AS published_to,
            (SELECT MIN(CAST(marker AS INT64)) FROM ops.sync_watermarks) AS delivered_to,
            (SELECT COUNT(*) FROM ops.sync_watermarks) AS object_count`,
        unmask: false,
      })) as QueryResult;
      const { landed, arrived_at, published_to, delivered_to, object_count } = rows[0] ?? {};
      const isPublished = Number(landed) === records && Number(published_to) > Number(arrived_at);
      const isDelivered =
        object_count === PROFILE_STORE.objects.length && Number(delivered_to) === Number(published_to);
      return isPublished && isDelivered;
    },
    PATIENCE_MS,
    "everything to be delivered",
  );
}

export interface Resender {
  /** Sends all, each batch until it is acknowledged. Resolves with how many attempts failed. */
  send(source: "website" | "mobile", messages: readonly unknown[]): Promise<number>;
}

const BATCH = 20;
/** Between two batches, so that sending lasts while things die. */
const PACE_MS = 100;

/** A sender as SDKs are: what gets no 200 it sends again, with the same message ids, to whatever answers next. */
export function createResender(
  writeKeys: { readonly website: string; readonly mobile: string },
  address: () => Promise<string>,
): Resender {
  async function attempt(source: "website" | "mobile", batch: readonly unknown[]): Promise<boolean> {
    try {
      const response = await fetch(`${await address()}/v1/batch`, {
        method: "POST",
        headers: {
          authorization: `Basic ${Buffer.from(`${writeKeys[source]}:`).toString("base64")}`,
          "content-type": "application/json",
          connection: "close",
        },
        body: JSON.stringify({ batch }),
      });
      await response.arrayBuffer();
      return response.status === 200;
    } catch {
      return false;
    }
  }

  return {
    send: async (source, messages) => {
      let failures = 0;
      for (let at = 0; at < messages.length; at += BATCH) {
        while (!(await attempt(source, messages.slice(at, at + BATCH)))) {
          failures += 1;
          await sleep(PACE_MS);
        }
        await sleep(PACE_MS);
      }
      return failures;
    },
  };
}
