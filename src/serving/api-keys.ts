import { createHash, timingSafeEqual } from "node:crypto";
import type { Clock } from "../platform/clock.js";
import type { Document, Documents } from "../platform/documents/port.js";
import { RollcallError } from "../platform/errors.js";

/** What a key may do. Nothing is implied: `profiles:read:personal` alone reads no profile. */
export const SCOPES = ["profiles:read", "profiles:read:personal", "segments:read", "metrics:read"] as const;
export type Scope = (typeof SCOPES)[number];

export interface ApiKey {
  /** Public: shown in lists and logs, and the first part of the key itself. */
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly createdAt: string;
  readonly revokedAt: string | null;
}

/** Who calls: what a verified key proves. */
export interface Principal {
  readonly keyId: string;
  readonly scopes: ReadonlySet<Scope>;
}

export interface ApiKeysDeps {
  readonly documents: Documents;
  /** Cryptographically strong bytes. */
  readonly random: (size: number) => Buffer;
  readonly clock: Clock;
}

export interface ApiKeys {
  /** The key is in this answer only: what is kept is its hash. Throws INPUT_INVALID for a name or scope it cannot take. */
  create(input: { readonly name: string; readonly scopes: readonly Scope[] }): Promise<{ key: string; apiKey: ApiKey }>;
  list(): Promise<ApiKey[]>;
  /** At once here, within 15 seconds in other processes. False when there is no such key. */
  revoke(id: string): Promise<boolean>;
  /** Null when the key is malformed, unknown or revoked: the caller is told no more than that. */
  verify(key: string): Promise<Principal | null>;
}

interface StoredKey extends Document {
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** SHA-256 of the secret part. A fast hash is enough: 256 random bits cannot be guessed. */
  readonly hash: string;
  readonly created_at: string;
  readonly revoked_at: string | null;
}

const KEY = /^(rk_[0-9a-f]{12})_([A-Za-z0-9_-]{43})$/;
const CACHE_MS = 15_000;
const CACHE_SIZE = 1000;

/** API keys: `rk_<id>_<256 random bits>`, hashed at rest, scoped, revocable. */
export function createApiKeys(deps: ApiKeysDeps): ApiKeys {
  const keys = deps.documents.collection<StoredKey>({ name: "api_keys" });
  // Built on first use: a failing store then fails the call that needs it.
  keys.catch(() => undefined);
  const cache = new Map<string, { readonly stored: StoredKey | null; readonly until: number }>();

  async function read(id: string): Promise<StoredKey | null> {
    const hit = cache.get(id);
    if (hit && hit.until > deps.clock.now()) return hit.stored;
    const stored = await (await keys).get(id);
    // Unknown ids are not kept: a caller could fill the cache with them.
    if (stored === null) return null;
    if (cache.size >= CACHE_SIZE) cache.clear();
    cache.set(id, { stored, until: deps.clock.now() + CACHE_MS });
    return stored;
  }

  return {
    create: async ({ name, scopes }) => {
      const isKnown = scopes.length > 0 && scopes.every((scope) => SCOPES.includes(scope));
      if (name.trim() === "" || !isKnown) {
        throw new RollcallError("INPUT_INVALID", `a key needs a name and scopes out of ${SCOPES.join(", ")}`, {
          isRetriable: false,
        });
      }
      const id = `rk_${deps.random(6).toString("hex")}`;
      const secret = deps.random(32).toString("base64url");
      const stored: StoredKey = {
        _id: id,
        name: name.trim(),
        scopes: [...new Set(scopes)],
        hash: hashOf(secret).toString("hex"),
        created_at: new Date(deps.clock.now()).toISOString(),
        revoked_at: null,
      };
      if (!(await (await keys).insert(stored))) {
        throw new RollcallError("CONFLICT", "a key of this id exists: try again", { isRetriable: true });
      }
      return { key: `${id}_${secret}`, apiKey: apiKeyOf(stored) };
    },

    list: async () => (await (await keys).find({ sort: [{ field: "_id" }] })).map(apiKeyOf),

    revoke: async (id) => {
      const collection = await keys;
      const stored = await collection.get(id);
      cache.delete(id);
      if (stored === null) return false;
      if (stored.revoked_at === null) {
        await collection.put([{ ...stored, revoked_at: new Date(deps.clock.now()).toISOString() }]);
        cache.delete(id);
      }
      return true;
    },

    verify: async (key) => {
      const [, id, secret] = KEY.exec(key) ?? [];
      if (id === undefined || secret === undefined) return null;
      const stored = await read(id);
      if (stored === null) return null;
      const isSame = timingSafeEqual(hashOf(secret), Buffer.from(stored.hash, "hex"));
      if (!isSame || stored.revoked_at !== null) return null;
      return { keyId: id, scopes: new Set(stored.scopes) };
    },
  };
}

function hashOf(secret: string): Buffer {
  return createHash("sha256").update(secret).digest();
}

function apiKeyOf(stored: StoredKey): ApiKey {
  return {
    id: stored._id,
    name: stored.name,
    scopes: stored.scopes,
    createdAt: stored.created_at,
    revokedAt: stored.revoked_at,
  };
}
