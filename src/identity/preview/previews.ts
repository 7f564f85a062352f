import type { Micros } from "../../platform/clock.js";
import type { Warehouse } from "../../warehouse/port.js";
import { sql } from "../../warehouse/sql.js";
import type { PreviewSummary } from "./report.js";

export interface StoredPreview {
  /** ISO 8601. */
  readonly previewedAt: string;
  readonly summary: PreviewSummary;
}

/** In the place of an earlier one of the same rules. */
export async function storePreview(warehouse: Warehouse, summary: PreviewSummary, at: Micros): Promise<void> {
  const { published, project } = summary.fingerprint;
  await warehouse.execute(
    sql`BEGIN TRANSACTION;
      DELETE FROM ops.identity_previews WHERE fingerprint = @fingerprint;
      INSERT INTO ops.identity_previews (fingerprint, published_fingerprint, previewed_at, summary)
      VALUES (@fingerprint, @published, @previewed_at, @summary);
      COMMIT TRANSACTION;`,
    {
      fingerprint: { type: "STRING", value: project },
      published: { type: "STRING", value: published },
      previewed_at: { type: "TIMESTAMP", value: at },
      summary: { type: "STRING", value: JSON.stringify(summary) },
    },
  );
}

/** What these rules would change of what is published; null when nobody has looked. */
export async function findPreview(
  warehouse: Warehouse,
  { fingerprint, published }: { readonly fingerprint: string; readonly published: string | null },
): Promise<StoredPreview | null> {
  const { rows } = await warehouse.query(
    sql`SELECT p.previewed_at, p.summary FROM ops.identity_previews AS p
      WHERE p.fingerprint = @fingerprint AND IFNULL(p.published_fingerprint, "") = IFNULL(@published, "")`,
    { fingerprint: { type: "STRING", value: fingerprint }, published: { type: "STRING", value: published } },
  );
  const [row] = rows;
  // Written by storePreview, and by nobody else.
  return row === undefined
    ? null
    : { previewedAt: String(row.previewed_at), summary: JSON.parse(String(row.summary)) as PreviewSummary };
}
