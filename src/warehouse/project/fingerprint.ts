import { createHash } from "node:crypto";
import { tokenize } from "../googlesql/lexer.js";
import { type Action, isBootstrap } from "./action.js";

/** What of a model can change: its queries, the operations before and after them, and how its table is laid out. */
const FINGERPRINT_PARTS = ["sql", "operations", "config"] as const;
export type FingerprintPart = (typeof FINGERPRINT_PARTS)[number];

const known = new WeakMap<Action, string>();

/**
 * What tells one version of a model from the next: everything that shapes its rows. One hash per part, in the order of
 * `FINGERPRINT_PARTS`, so that a plan can say which of them changed. Comments and white space are no part of it.
 */
export function hashOf(action: Action): string {
  const cached = known.get(action);
  if (cached !== undefined) return cached;
  const { sql, incrementalSql, statements, preOps, postOps, incrementalPreOps, incrementalPostOps } = action;
  const { kind, uniqueKey, partitionBy, clusterBy } = action;
  const parts: Readonly<Record<FingerprintPart, unknown>> = {
    sql: [meaningOf(sql), meaningOf(incrementalSql), statements.map(meaningOf)],
    operations: [preOps, postOps, incrementalPreOps, incrementalPostOps].map((texts) => texts.map(meaningOf)),
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

/** The dataset whose models say who is whom. */
export const IDENTITY_DATASET = "identity";

/**
 * The models that say who is whom, in the order of their ids. Not the operations that only make empty tables: what is done
 * with those tables is said elsewhere.
 */
export function identityModels(actions: readonly Action[]): readonly Action[] {
  return actions
    .filter(({ target, kind }) => target.dataset === IDENTITY_DATASET && kind !== "assertion" && kind !== "declaration")
    .filter((action) => !action.isDisabled && !isBootstrap(action));
}

/** One name for all rules by which the project says who is whom; null when it says nothing about that. */
export function identityFingerprint(actions: readonly Action[]): string | null {
  const models = identityModels(actions);
  return models.length === 0 ? null : digest(models.map((action) => [action.id, hashOf(action)]));
}

function digest(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 20);
}

/** The tokens of a text. An analyst who explains or indents a query did not change it. */
function meaningOf(sql: string): readonly string[] {
  return tokenize(sql)
    .filter(({ kind }) => kind !== "blank")
    .map(({ text }) => text);
}
