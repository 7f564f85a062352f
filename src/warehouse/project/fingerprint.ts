import { createHash } from "node:crypto";
import type { Action } from "./action.js";

/** What of a model can change: its queries, the operations before and after them, and how its table is laid out. */
export const FINGERPRINT_PARTS = ["sql", "operations", "config"] as const;
export type FingerprintPart = (typeof FINGERPRINT_PARTS)[number];

const known = new WeakMap<Action, string>();

/**
 * What tells one version of a model from the next: everything that shapes its rows. One hash per part, in the order of
 * `FINGERPRINT_PARTS`, so that a plan can say which of them changed.
 */
export function hashOf(action: Action): string {
  const cached = known.get(action);
  if (cached !== undefined) return cached;
  const { sql, incrementalSql, statements, preOps, postOps, incrementalPreOps, incrementalPostOps } = action;
  const { kind, uniqueKey, partitionBy, clusterBy } = action;
  const parts: Readonly<Record<FingerprintPart, unknown>> = {
    sql: [sql, incrementalSql, statements],
    operations: [preOps, postOps, incrementalPreOps, incrementalPostOps],
    config: [kind, uniqueKey, partitionBy, clusterBy],
  };
  const hash = FINGERPRINT_PARTS.map((part) => digest(parts[part])).join("-");
  known.set(action, hash);
  return hash;
}

/** Which parts differ from the recorded fingerprint. All of them when it cannot be read as one. */
export function changedParts(recorded: string, action: Action): readonly FingerprintPart[] {
  if (recorded === hashOf(action)) return [];
  const before = recorded.split("-");
  const after = hashOf(action).split("-");
  if (before.length !== after.length) return FINGERPRINT_PARTS;
  return FINGERPRINT_PARTS.filter((_, at) => before[at] !== after[at]);
}

function digest(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 20);
}
