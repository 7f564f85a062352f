import type { Warehouse } from "../../warehouse/port.js";
import { sql } from "../../warehouse/sql.js";

/** When a profile or node id was erased last; null for an id that was not, and for anything else. */
export async function erasedAt(warehouse: Pick<Warehouse, "query">, id: string): Promise<string | null> {
  const { rows } = await warehouse.query(ERASED_SQL, { id: { type: "STRING", value: id } });
  const at = rows[0]?.erased_at;
  return typeof at === "string" ? at : null;
}

const ERASED_SQL = sql`
  SELECT t.erased_at FROM identity.tombstones AS t WHERE t.tombstone = TO_HEX(SHA256(CONCAT("erased ", @id)))`;
