import type { EraseId } from "../../warehouse/project/erase-tags.js";
import type { AppendedObject, ErasableTable, ErasureRules, FactTable } from "./rules.js";

/** One statement of an erasure, and the table whose rows it takes out or blanks; null: it is counted nowhere. */
export interface Statement {
  readonly text: string;
  readonly table: string | null;
}

/** What each id is looked up in: made by `CHOOSE_SQL`, or here. */
const CHOSEN: Readonly<Record<EraseId, string>> = {
  node_id: "SELECT x.node_id FROM erased_nodes AS x",
  profile_id: "SELECT x.profile_id FROM erased_profiles AS x",
  event_id: "SELECT x.event_id FROM erased_events AS x",
  event_key: "SELECT x.event_key FROM erased_event_keys AS x",
  hmac: "SELECT x.hmac FROM erased_hmacs AS x",
  description_id: "SELECT x.description_id FROM erased_descriptions AS x",
  key: "SELECT x.key FROM erased_keys AS x",
  value_hash: "SELECT x.value_hash FROM erased_values AS x",
};

const IS_ERASED = `IN (${CHOSEN.node_id})`;

/**
 * Empties the bronze rows of the erased, and counts them as erased. A row about others, too, loses nothing but the number that
 * names the erased in it.
 */
export function blankBronze({ bronze, source, silver }: FactTable): Statement[] {
  const unnamed = (text: string): Statement => ({ text, table: null });
  return [
    unnamed(`CREATE OR REPLACE TEMP TABLE blanked AS
SELECT f.event_id
FROM ${silver} AS f
WHERE f.event_id IN (SELECT o.event_id FROM ${silver} AS o WHERE o.node_id ${IS_ERASED})
GROUP BY f.event_id
HAVING LOGICAL_AND(f.node_id ${IS_ERASED})`),
    unnamed("INSERT INTO erased_events (event_id) SELECT b.event_id FROM blanked AS b"),
    unnamed(`MERGE quality.quarantine AS q
USING (
  SELECT b.event_id, MIN(b.ingested_at) AS ingested_at
  FROM ${bronze} AS b
  WHERE b.event_id IN (SELECT x.event_id FROM blanked AS x)
  GROUP BY b.event_id
) AS b
ON q.source_table = "${source}" AND q.event_id = b.event_id
WHEN MATCHED THEN UPDATE SET rule = "erased"
WHEN NOT MATCHED THEN INSERT (event_id, source_table, rule, ingested_at) VALUES (b.event_id, "${source}", "erased", b.ingested_at)`),
    {
      table: bronze,
      text: `UPDATE ${bronze} AS b
SET personal = NULL, identifiers = [], features = [], erased_at = @now
WHERE b.event_id IN (SELECT x.event_id FROM blanked AS x)`,
    },
    {
      table: bronze,
      text: `UPDATE ${bronze} AS b
SET identifiers = ARRAY(
  SELECT AS STRUCT i.namespace, i.type, i.hmac, i.value, i.role
  FROM UNNEST(b.identifiers) AS i WITH OFFSET AS position
  WHERE i.hmac NOT IN UNNEST(s.hmacs)
  ORDER BY position
)
FROM (
  SELECT f.event_id, ARRAY_AGG(DISTINCT f.owner_hmac) AS hmacs
  FROM ${silver} AS f
  WHERE f.node_id ${IS_ERASED} AND f.event_id NOT IN (SELECT x.event_id FROM blanked AS x)
  GROUP BY f.event_id
) AS s
WHERE b.event_id = s.event_id`,
    },
  ];
}

/**
 * The values that nobody is described by any more: of all that are counted, those that only the erased have. Not those that stand in
 * somebody else's mailbox: whether its letters are a name decides whose it is (`includes/lending.js`).
 */
export function chooseValues({ countedValues, valueHash }: ErasureRules): Statement {
  const values = (isErased: string): string => `SELECT v.value, ${valueHash("v.value")} AS value_hash
  FROM identity.descriptions AS d, UNNEST(${countedValues("d")}) AS v
  WHERE v.value IS NOT NULL AND d.description_id ${isErased} (${CHOSEN.description_id})`;
  return {
    table: null,
    text: `CREATE OR REPLACE TEMP TABLE erased_values AS
SELECT DISTINCT e.value_hash
FROM (
  ${values("IN")}
) AS e
WHERE EXISTS (SELECT 1 FROM erased_descriptions)
  AND e.value_hash NOT IN (
  SELECT l.value_hash FROM (${values("NOT IN")}) AS l
)
  AND NOT EXISTS (
  SELECT 1
  FROM identity.descriptions AS o
  WHERE STRPOS(o.email_user, e.value) > 0 AND o.description_id NOT IN (${CHOSEN.description_id})
)`,
  };
}

/** Facts stay in a target that they were appended to: each is sent once more, as a removal. */
export function takeBack({ target, object, table, key }: AppendedObject): Statement {
  return {
    table: null,
    text: `INSERT INTO ops.sync_jobs (job_id, target, object, key, operation, status, attempts, next_attempt_at, planned_at, updated_at)
SELECT CONCAT("erase ", CAST(a.${key} AS STRING)), "${target}", "${object}", CAST(a.${key} AS STRING), "remove", "retry", 0, @now, @now, @now
FROM ${table} AS a
WHERE a.node_id ${IS_ERASED}`,
  };
}

/** Every sync compares again, whatever it was settled under. */
export const COMPARE_AGAIN: Statement = {
  table: null,
  text: "UPDATE ops.sync_watermarks SET marker = NULL WHERE TRUE",
};

export function deleteRows({ name, by }: ErasableTable): Statement {
  const conditions = by.flatMap(({ id, columns }) => columns.map((column) => `t.\`${column}\` IN (${CHOSEN[id]})`));
  return { table: name, text: `DELETE FROM ${name} AS t\nWHERE ${conditions.join("\n  OR ")}` };
}
