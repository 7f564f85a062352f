import { isoToMicros, type Micros } from "../../platform/clock.js";
import type { Row, Warehouse } from "../port.js";
import { sql } from "../sql.js";

/**
 * By which rules people were resolved, and which other rules somebody accepted: the rows of `ops.identity_versions`. At most one of
 * them is accepted and not published yet.
 */
export interface IdentityVersion {
  readonly fingerprint: string;
  /** What the match model called itself; null when nobody said. */
  readonly modelVersion: string | null;
  /** Null for the first one, which nothing had to give way to. */
  readonly accepted: Acceptance | null;
  /** When everything that is made from it was published; null while that is to come. */
  readonly publishedAt: Micros | null;
}

export interface Acceptance {
  readonly at: Micros;
  readonly by: string;
  readonly reason: string | null;
}

export interface PublishedVersion {
  readonly fingerprint: string;
  readonly modelVersion: string | null;
  readonly runId: string | null;
  readonly at: Micros;
}

/** Oldest first; one that is not published yet comes last. */
export async function readIdentityVersions(warehouse: Warehouse): Promise<readonly IdentityVersion[]> {
  const { rows } = await warehouse.query(
    sql`SELECT fingerprint, model_version, accepted_at, accepted_by, reason, published_at FROM ops.identity_versions
      ORDER BY IFNULL(published_at, TIMESTAMP "9999-12-31")`,
  );
  return rows.map(versionOf);
}

/** Takes the place of rules that were accepted and never published. */
export async function recordAcceptance(
  warehouse: Warehouse,
  { fingerprint, modelVersion, at, by, reason }: Acceptance & Pick<IdentityVersion, "fingerprint" | "modelVersion">,
): Promise<void> {
  await warehouse.execute(
    sql`BEGIN TRANSACTION;
      DELETE FROM ops.identity_versions WHERE published_at IS NULL;
      INSERT INTO ops.identity_versions (fingerprint, model_version, accepted_at, accepted_by, reason, published_at, run_id)
      VALUES (@fingerprint, @model_version, @accepted_at, @accepted_by, @reason, NULL, NULL);
      COMMIT TRANSACTION;`,
    {
      fingerprint: { type: "STRING", value: fingerprint },
      model_version: { type: "STRING", value: modelVersion },
      accepted_at: { type: "TIMESTAMP", value: at },
      accepted_by: { type: "STRING", value: by },
      reason: { type: "STRING", value: reason },
    },
  );
}

/** What was accepted and given up again goes. */
export async function recordPublication(
  warehouse: Warehouse,
  { fingerprint, modelVersion, runId, at }: PublishedVersion,
): Promise<void> {
  await warehouse.execute(
    sql`-- @fingerprint STRING
      -- @model_version STRING
      -- @published_at TIMESTAMP
      -- @run_id STRING
      BEGIN TRANSACTION;
      DELETE FROM ops.identity_versions WHERE published_at IS NULL AND fingerprint != @fingerprint;
      INSERT INTO ops.identity_versions (fingerprint, model_version, accepted_at, accepted_by, reason, published_at, run_id)
      SELECT @fingerprint, @model_version, MAX(v.accepted_at), MAX(v.accepted_by), MAX(v.reason), @published_at, @run_id
      FROM ops.identity_versions AS v
      WHERE v.published_at IS NULL;
      DELETE FROM ops.identity_versions WHERE published_at IS NULL;
      COMMIT TRANSACTION;`,
    {
      fingerprint: { type: "STRING", value: fingerprint },
      model_version: { type: "STRING", value: modelVersion },
      published_at: { type: "TIMESTAMP", value: at },
      run_id: { type: "STRING", value: runId },
    },
  );
}

function versionOf(row: Row): IdentityVersion {
  const textOf = (value: unknown): string | null => (typeof value === "string" ? value : null);
  const momentOf = (value: unknown): Micros | null => (typeof value === "string" ? isoToMicros(value) : null);
  const at = momentOf(row.accepted_at);
  return {
    fingerprint: String(row.fingerprint),
    modelVersion: textOf(row.model_version),
    accepted: at === null ? null : { at, by: String(row.accepted_by), reason: textOf(row.reason) },
    publishedAt: momentOf(row.published_at),
  };
}
