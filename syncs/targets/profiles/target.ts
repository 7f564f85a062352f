import type { Collection, Document, Documents, Json } from "../../../src/platform/documents/port.js";
import { OPEN_END } from "../../../src/platform/documents/profile-collections.js";
import { messageOf, RollcallError } from "../../../src/platform/errors.js";
import type { Row } from "../../../src/warehouse/port.js";
import type { Operation, Outcome, Target } from "../../engine/target.js";
import { PROFILE_STORE, PROFILE_STORE_OBJECTS, type ProfileStoreObject } from "./spec.js";

export interface ProfileStoreDeps {
  readonly documents: Documents;
}

/** A row of the profile store: an activation row under its key. */
export interface StoredRow extends Document {
  readonly [column: string]: Json;
}

interface Store {
  readonly object: ProfileStoreObject;
  readonly rows: Collection<StoredRow>;
}

/**
 * Writes profiles, identifiers, segment members and events to the documents that the Profile API reads.
 * A merged profile stays as a signpost: its id, and where to go.
 */
export async function createProfileStoreTarget(deps: ProfileStoreDeps): Promise<Target> {
  const stores = new Map<string, Store>();
  for (const [name, object] of Object.entries<ProfileStoreObject>(PROFILE_STORE_OBJECTS)) {
    stores.set(name, { object, rows: await deps.documents.collection<StoredRow>(object.collection) });
  }

  return {
    spec: PROFILE_STORE,
    apply: async (object, operations) => {
      const store = stores.get(object);
      if (!store) {
        throw new RollcallError("TARGET_FAILED", `the profile store has no object "${object}"`, { isRetriable: false });
      }
      const batch = split(operations, store.object);
      try {
        if (batch.removed.length > 0) await store.rows.remove(batch.removed);
        if (batch.written.length > 0) await store.rows.put(batch.written);
      } catch (error) {
        throw new RollcallError("TARGET_FAILED", `the profile store cannot write ${object}: ${messageOf(error)}`, {
          isRetriable: true,
          cause: error,
        });
      }
      return batch.outcomes;
    },
  };
}

/** Removals and writes of one call. They may be applied in any order: an activation table names each row once. */
function split(
  operations: readonly Operation[],
  object: ProfileStoreObject,
): { removed: string[]; written: StoredRow[]; outcomes: Outcome[] } {
  const removed: string[] = [];
  const written: StoredRow[] = [];
  const outcomes = operations.map((operation): Outcome => {
    const { key, kind, row } = operation;
    if (kind === "remove" || row === null) {
      removed.push(key);
      return { key, status: "synced" };
    }
    const signpost = signpostOf(key, row);
    if (signpost) {
      written.push(signpost);
      return { key, status: "synced" };
    }
    const missing = object.required.filter((column) => row[column] === null || row[column] === undefined);
    if (missing.length > 0) return { key, status: "rejected", reason: `${missing.join(", ")} missing` };
    written.push(documentOf(key, row));
    return { key, status: "synced" };
  });
  return { removed, written, outcomes };
}

function signpostOf(key: string, row: Row): StoredRow | null {
  const successor = row.merged_into;
  return typeof successor === "string" ? { _id: key, profile_id: key, merged_into: successor } : null;
}

function documentOf(key: string, row: Row): StoredRow {
  const document: Record<string, Json> = {};
  for (const [column, value] of Object.entries(row)) document[column] = jsonOf(value);
  if ("member_until" in document) document.member_until ??= OPEN_END;
  return { ...document, _id: key };
}

/** Warehouse values as JSON: integers beyond 2^53 as text, bytes as base64. */
function jsonOf(value: unknown): Json {
  if (value === null || value === undefined) return null;
  if (typeof value === "bigint") return value.toString();
  if (Buffer.isBuffer(value)) return value.toString("base64");
  if (Array.isArray(value)) return value.map(jsonOf);
  if (typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, jsonOf(member)]));
  }
  return value as string | number | boolean;
}
