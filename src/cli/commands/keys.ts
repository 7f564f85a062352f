import { RollcallError } from "../../platform/errors.js";
import { SCOPES, type Scope } from "../../serving/api-keys.js";
import { readConfig } from "../config.js";
import { refuseMissingHome } from "../home.js";
import { formatRows } from "../print.js";
import { openReading, type Reading } from "../wiring/reading.js";

async function withKeys<T>(options: { home: string }, work: (keys: Reading["apiKeys"]) => Promise<T>): Promise<T> {
  const reading = await openReading(readConfig(process.env, options));
  try {
    return await work(reading.apiKeys);
  } finally {
    await reading.close();
  }
}

function isScope(text: string): text is Scope {
  return (SCOPES as readonly string[]).includes(text);
}

/** Prints the key and nothing else, so that a script can keep it: it cannot be shown again. */
export async function keysCreate(options: { home: string; scope: string[]; name: string }): Promise<void> {
  const unknown = options.scope.filter((scope) => !isScope(scope));
  if (unknown.length > 0) {
    throw new RollcallError("INPUT_INVALID", `No such scope: ${unknown.join(", ")}. Scopes: ${SCOPES.join(", ")}.`, {
      isRetriable: false,
    });
  }
  const { key } = await withKeys(options, (keys) =>
    keys.create({ name: options.name, scopes: options.scope.filter(isScope) }),
  );
  process.stdout.write(`${key}\n`);
}

export async function keysList(options: { home: string }): Promise<void> {
  refuseMissingHome(options.home);
  const rows = (await withKeys(options, (keys) => keys.list())).map((key) => ({
    id: key.id,
    name: key.name,
    scopes: key.scopes.join(" "),
    created: key.createdAt,
    revoked: key.revokedAt ?? "",
  }));
  const columns = ["id", "name", "scopes", "created", "revoked"].map((name) => ({ name }));
  process.stdout.write(`${formatRows({ columns, rows }, "table")}\n`);
}

export async function keysRevoke(id: string, options: { home: string }): Promise<void> {
  refuseMissingHome(options.home);
  if (!(await withKeys(options, (keys) => keys.revoke(id)))) {
    throw new RollcallError("NOT_FOUND", `No key "${id}". List them: rollcall keys list`, { isRetriable: false });
  }
  process.stdout.write(`Revoked ${id}. A product that is up refuses it within 15 seconds.\n`);
}
