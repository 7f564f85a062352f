import { createHmac } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readConfig } from "../config.js";
import { openEdge } from "./edge.js";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "rollcall-edge-"));
});
afterEach(() => rmSync(home, { recursive: true }));

const deps = { isEngineReady: async () => false };

describe("the edge", () => {
  it("refuses a wrong configuration before it opens anything, and names the variables", async () => {
    const key = "a-write-key-used-twice";
    const config = readConfig({ ROLLCALL_WRITE_KEY_WEBSITE: key, ROLLCALL_WRITE_KEY_MOBILE: key }, { home, port: 0 });
    await expect(openEdge(config, deps)).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringContaining(
        "ROLLCALL_WRITE_KEY_WEBSITE, ROLLCALL_WRITE_KEY_MOBILE: each write key may stand here once",
      ),
    });
    expect(readdirSync(home)).not.toContain("log.sqlite");
  });

  it("closes what it had opened when its port is taken", async () => {
    const first = await openEdge({ ...readConfig({}, { home, port: 0 }), logLevel: "silent" }, deps);
    const port = Number(new URL(first.url).port);
    await expect(openEdge(readConfig({}, { home, port }), deps)).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    await first.close();
    const again = await openEdge({ ...readConfig({}, { home, port }), logLevel: "silent" }, deps);
    expect((await fetch(`${again.url}/health`)).status).toBe(200);
    await again.close();
  });

  it("checks Twilio's signature against the public address that was set, whatever port it took", async () => {
    const publicUrl = "https://cdp.example.edu";
    const config = readConfig({ ROLLCALL_PUBLIC_URL: publicUrl }, { home, port: 0 });
    const edge = await openEdge({ ...config, logLevel: "silent" }, deps);
    const fields = { AccountSid: "AC1", From: "whatsapp:+447700900123", MessageSid: "SM1" };
    const statusFor = async (address: string): Promise<number> => {
      const signed = Object.entries(fields).reduce((text, [name, value]) => text + name + value, address);
      const signature = createHmac("sha1", config.secrets.twilioAuthToken).update(signed).digest("base64");
      const response = await fetch(`${edge.url}/webhooks/twilio`, {
        method: "POST",
        headers: { "x-twilio-signature": signature },
        body: new URLSearchParams(fields),
      });
      return response.status;
    };
    expect(await statusFor(`${publicUrl}/webhooks/twilio`)).toBe(200);
    expect(await statusFor(`${edge.url}/webhooks/twilio`)).toBe(403);
    await edge.close();
  });
});
