import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readConfig } from "./config.js";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "rollcall-config-"));
});
afterEach(() => rmSync(home, { recursive: true }));

const read = (environment: NodeJS.ProcessEnv, port?: number) =>
  readConfig(environment, port === undefined ? { home } : { home, port });

describe("the configuration", () => {
  it("refuses variables that nobody reads, and says which there are", () => {
    const wrong = { ROLLCALL_PROT: "4000", ROLLCALL_SECRET_FILE: "/no/such", PATH: "/bin" };
    expect(() => read(wrong)).toThrow(/ROLLCALL_PROT: no such variable\. There are ROLLCALL_PORT, /);
    expect(() => read(wrong)).toThrow(/ROLLCALL_SECRET_FILE: no such variable/);
    expect(() => read(wrong)).not.toThrow(/PATH:/);
  });

  it("lets pass what is read elsewhere, and variables that are empty", () => {
    const environment = { ROLLCALL_HOME: "x", ROLLCALL_CRASH_AT: "append:1", ROLLCALL_OULAD: "x", ROLLCALL_NONE: "" };
    expect(read(environment).port).toBe(4000);
  });

  it("reports a key that is none together with everything else", () => {
    const wrong = { ROLLCALL_REGION: "england", ROLLCALL_SENDGRID_PUBLIC_KEY: "not a public key at all" };
    expect(() => read(wrong)).toThrow(/ROLLCALL_REGION: .*\n {2}ROLLCALL_SENDGRID_PUBLIC_KEY: a P-256 public key/);
  });

  it("takes a secret from a file", () => {
    const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const key = publicKey.export({ type: "spki", format: "der" }).toString("base64");
    writeFileSync(join(home, "key"), `${key}\n`);
    expect(read({ ROLLCALL_SENDGRID_PUBLIC_KEY_FILE: join(home, "key") }).secrets.sendgridPublicKey).toBe(key);
  });

  it("keeps a public address that was set, whatever the port", () => {
    expect(read({ ROLLCALL_PUBLIC_URL: "https://cdp.example.edu" }, 0).publicUrl).toBe("https://cdp.example.edu");
    expect(read({}, 0).publicUrl).toBeNull();
  });
});
