import { generateKeyPairSync, randomBytes } from "node:crypto";
import { linkSync, readFileSync, statSync, unlinkSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { RollcallError } from "../platform/errors.js";

/**
 * What callers of the embedded Rollcall show to be let in. Made at the first start and kept in a file only its owner may
 * read; production sets the environment variables instead (`src/cli/config.ts`).
 */
const secretsSchema = z.strictObject({
  /** Segment write keys by source. */
  writeKeys: z.record(z.enum(["website", "mobile"]), z.string().min(16)),
  /** Signs Twilio's webhooks. */
  twilioAuthToken: z.string().min(16),
  /** Verifies SendGrid's webhooks: base64 of the DER public key. */
  sendgridPublicKey: z.string().min(16),
  /** Only for the local sandbox and the demo, which play SendGrid's part: base64 of the PKCS#8 DER key. */
  sendgridSandboxPrivateKey: z.string().min(16),
  /** Bearer token of Salesforce's change events. */
  salesforceToken: z.string().min(16),
});

export type Secrets = z.infer<typeof secretsSchema>;

function createSecrets(): Secrets {
  const token = (): string => randomBytes(24).toString("base64url");
  const sendgrid = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return {
    writeKeys: { website: `web_${token()}`, mobile: `app_${token()}` },
    twilioAuthToken: token(),
    sendgridPublicKey: sendgrid.publicKey.export({ type: "spki", format: "der" }).toString("base64"),
    sendgridSandboxPrivateKey: sendgrid.privateKey.export({ type: "pkcs8", format: "der" }).toString("base64"),
    salesforceToken: token(),
  };
}

/** Writes the file unless another process was faster; whoever was first wins, whole. */
function createFile(path: string): void {
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, `${JSON.stringify(createSecrets(), null, 2)}\n`, { mode: 0o600 });
  try {
    linkSync(temporary, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    unlinkSync(temporary);
  }
}

/** Reads the secrets, making them at the first start. Throws CONFIG_INVALID for a file that others may read or that is damaged. */
export function openSecrets(path: string): Secrets {
  let mode: number | undefined;
  try {
    mode = statSync(path).mode;
  } catch {
    createFile(path);
  }
  if (mode !== undefined && (mode & 0o077) !== 0) {
    throw new RollcallError("CONFIG_INVALID", `${path} can be read by others. Run: chmod 600 ${path}`, {
      isRetriable: false,
    });
  }
  const parsed = secretsSchema.safeParse(readJson(path));
  if (!parsed.success) {
    const fields = parsed.error.issues.map((issue) => issue.path.join(".")).filter((field) => field !== "");
    const where = fields.length === 0 ? "it is no JSON object" : `check ${fields.join(", ")}`;
    throw new RollcallError("CONFIG_INVALID", `${path} is not a secrets file: ${where}.`, {
      isRetriable: false,
    });
  }
  return parsed.data;
}

/** Null for what is no JSON: the parser's own words quote the text, and these are secrets. */
function readJson(path: string): unknown {
  const text = readFileSync(path, "utf8");
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
