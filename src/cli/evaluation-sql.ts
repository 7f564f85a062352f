/**
 * The SQL between a labelled file and the identity models. Labelled records become silver observations by the project's own
 * macros, so that what owns a node and what is blocked is decided where it is always decided.
 */

/** The part of `includes/graph.js` that is used here. Each takes and gives SQL. */
export interface GraphMacros {
  nodeIdOf(source: string, owner: string, row: string): string;
  isBlocked(identifier: string): string;
  isLent(identifier: string, row: string): string;
  canOwn(identifier: string): string;
  isStrong(type: string): string;
}

/** Landing writes here; a dataset of its own would be refused. */
export const RECORDS = { dataset: "bronze", table: "labelled_records" } as const;

/** `line` names the record. Its identifiers stand in the order in which they may own it. */
export const RECORD_COLUMNS = [
  { name: "line", type: "INT64" },
  { name: "person", type: "STRING" },
  { name: "source", type: "STRING" },
  { name: "arrival", type: "INT64" },
  { name: "occurred_at", type: "TIMESTAMP" },
  {
    name: "identifiers",
    type: "ARRAY<STRUCT<namespace STRING, type STRING, hmac STRING, value STRING, role STRING>>",
  },
  { name: "traits", type: "ARRAY<STRUCT<field STRING, value STRING>>" },
  { name: "features", type: "ARRAY<STRUCT<field STRING, value STRING>>" },
] as const;

/** The namespace of the id that a record has as a record: no identifier of the person's. */
export const RECORD_NAMESPACE = "labelled record";

const NODES = "bronze.labelled_nodes";

/** Observations of every record, arriving one microsecond after another from `@first_at` on. */
export function observeSql(graph: GraphMacros): string {
  return `
CREATE TABLE ${NODES} AS
SELECT
  r.line,
  CAST(r.line AS STRING) AS event_id,
  CONCAT(r.source, ':', CAST(r.line AS STRING)) AS event_key,
  r.person,
  r.source,
  o.node_id,
  o.hmac AS owner_hmac,
  r.occurred_at,
  TIMESTAMP_ADD(@first_at, INTERVAL ROW_NUMBER() OVER (ORDER BY r.arrival, r.line) MICROSECOND) AS arrived_at
FROM bronze.labelled_records AS r
LEFT JOIN (
  SELECT c.line, i.hmac, ${graph.nodeIdOf("c.source", "i", "c")} AS node_id
  FROM bronze.labelled_records AS c, UNNEST(c.identifiers) AS i WITH OFFSET AS position
  WHERE ${graph.canOwn("i")}
  QUALIFY ROW_NUMBER() OVER (PARTITION BY c.line ORDER BY position) = 1
) AS o ON o.line = r.line;

INSERT INTO silver.identifier_observations (
  event_key, event_id, node_id, source, namespace, type, hmac, value, role, is_owner, is_blocked, is_lent, occurred_at, ingested_at
)
SELECT
  n.event_key, n.event_id, n.node_id, n.source, i.namespace, i.type, i.hmac, i.value, i.role,
  i.hmac = n.owner_hmac, ${graph.isBlocked("i")}, ${graph.isLent("i", "r")}, n.occurred_at, n.arrived_at
FROM ${NODES} AS n
JOIN bronze.labelled_records AS r ON r.line = n.line, UNNEST(r.identifiers) AS i
WHERE n.node_id IS NOT NULL;

INSERT INTO silver.trait_observations (event_key, event_id, node_id, source, field, value, observed_at, ingested_at)
SELECT n.event_key, n.event_id, n.node_id, n.source, t.field, t.value, n.arrived_at, n.arrived_at
FROM ${NODES} AS n
JOIN bronze.labelled_records AS r ON r.line = n.line, UNNEST(r.traits) AS t
WHERE n.node_id IS NOT NULL;

INSERT INTO silver.feature_observations (event_key, event_id, node_id, source, field, value, observed_at, ingested_at)
SELECT n.event_key, n.event_id, n.node_id, n.source, t.field, t.value, n.occurred_at, n.arrived_at
FROM ${NODES} AS n
JOIN bronze.labelled_records AS r ON r.line = n.line, UNNEST(r.features) AS t
WHERE n.node_id IS NOT NULL;`;
}

/** Every record, where it ended. Without a node nothing could hold it together with another: it is alone. */
const PLACED = `
  placed AS (
    SELECT n.line, n.event_id, n.person, n.node_id, m.profile_id, IFNULL(m.profile_id, CONCAT('alone ', n.event_id)) AS cluster
    FROM ${NODES} AS n
    LEFT JOIN identity.identity_map AS m ON m.node_id = n.node_id
  )`;

/** The cells: cluster, person, record_count. */
export const CELLS_SQL = `
WITH ${PLACED}
SELECT p.cluster, p.person, COUNT(*) AS record_count
FROM placed AS p
GROUP BY p.cluster, p.person`;

/** Every record in the order of the files: line, person, profile_id (NULL: it is alone), people_in_profile, profiles_of_person. */
export const OUTCOMES_SQL = `
WITH ${PLACED},
  cells AS (SELECT DISTINCT p.cluster, p.person FROM placed AS p),
  merged AS (SELECT c.cluster, COUNT(*) AS people_in_profile FROM cells AS c GROUP BY c.cluster),
  parted AS (SELECT c.person, COUNT(*) AS profiles_of_person FROM cells AS c GROUP BY c.person)
SELECT p.line, p.person, p.profile_id, m.people_in_profile, s.profiles_of_person
FROM placed AS p
JOIN merged AS m ON m.cluster = p.cluster
JOIN parted AS s ON s.person = p.person
ORDER BY p.line`;

/** Records by why they are not eligible (NULL: they are), whether they are matched and whether their person has more. */
export function judgedSql(graph: GraphMacros): string {
  return `
WITH ${PLACED},
  carried AS (
    SELECT r.line, LOGICAL_OR(${graph.isStrong("i.type")}) AS has_strong
    FROM bronze.labelled_records AS r, UNNEST(r.identifiers) AS i
    WHERE i.namespace != '${RECORD_NAMESPACE}'
    GROUP BY r.line
  ),
  usable AS (
    SELECT DISTINCT o.event_id
    FROM silver.identifier_observations AS o
    WHERE NOT o.is_blocked AND o.namespace != '${RECORD_NAMESPACE}' AND ${graph.isStrong("o.type")}
  ),
  described AS (
    SELECT t.event_id
    FROM (SELECT event_id, field AS type, value FROM silver.trait_observations) AS t
    WHERE t.type IN ('first_name', 'last_name', 'full_name', 'birth_date', 'address', 'email', 'phone')
      AND NOT ${graph.isBlocked("t")}
    GROUP BY t.event_id
    HAVING LOGICAL_OR(t.type IN ('first_name', 'last_name', 'full_name'))
      AND LOGICAL_OR(t.type IN ('birth_date', 'address', 'email', 'phone'))
  ),
  judged AS (
    SELECT
      CASE
        WHEN u.event_id IS NOT NULL OR d.event_id IS NOT NULL THEN NULL
        WHEN c.has_strong THEN 'only blocked identifiers'
        WHEN c.line IS NOT NULL THEN 'only a device or browser'
        ELSE 'no identifier, and no name with a birth date, address, email or phone'
      END AS reason,
      IFNULL(l.is_named, FALSE) OR COUNT(*) OVER (PARTITION BY p.cluster) > 1 AS is_matched,
      COUNT(*) OVER (PARTITION BY p.person) > 1 AS has_twin
    FROM placed AS p
    LEFT JOIN carried AS c ON c.line = p.line
    LEFT JOIN usable AS u ON u.event_id = p.event_id
    LEFT JOIN described AS d ON d.event_id = p.event_id
    LEFT JOIN identity.clusters AS l ON l.profile_id = p.cluster
  )
SELECT j.reason, j.is_matched, j.has_twin, COUNT(*) AS record_count
FROM judged AS j
GROUP BY j.reason, j.is_matched, j.has_twin`;
}

/** Pairs of records by the kind of identifier they share; counted from cells, so that a hub costs no more than its people. */
export const LINKS_SQL = `
WITH ${PLACED},
  cells AS (
    SELECT o.namespace, o.type, o.hmac, p.cluster, p.person, COUNT(*) AS c
    FROM silver.identifier_observations AS o
    JOIN placed AS p ON p.event_id = o.event_id
    WHERE o.role = 'own' AND o.namespace != '${RECORD_NAMESPACE}'
    GROUP BY o.namespace, o.type, o.hmac, p.cluster, p.person
  ),
  -- Of one cluster and person; of one cluster; of one person; all.
  counted AS (
    SELECT c.namespace, c.type, DIV(c.c * (c.c - 1), 2) AS right_linked, 0 AS linked, 0 AS same_person, 0 AS shared
    FROM cells AS c
    UNION ALL
    SELECT g.namespace, g.type, 0, DIV(g.c * (g.c - 1), 2), 0, 0
    FROM (SELECT namespace, type, SUM(c) AS c FROM cells GROUP BY namespace, type, hmac, cluster) AS g
    UNION ALL
    SELECT g.namespace, g.type, 0, 0, DIV(g.c * (g.c - 1), 2), 0
    FROM (SELECT namespace, type, SUM(c) AS c FROM cells GROUP BY namespace, type, hmac, person) AS g
    UNION ALL
    SELECT g.namespace, g.type, 0, 0, 0, DIV(g.c * (g.c - 1), 2)
    FROM (SELECT namespace, type, SUM(c) AS c FROM cells GROUP BY namespace, type, hmac) AS g
  ),
  pairs AS (
    SELECT
      namespace, type, SUM(right_linked) AS right_pairs, SUM(linked) AS linked_pairs,
      SUM(shared) - SUM(linked) AS apart_pairs, SUM(same_person) - SUM(right_linked) AS apart_right_pairs
    FROM counted
    GROUP BY namespace, type
  ),
  statuses AS (
    SELECT
      namespace, type, COUNTIF(status = 'active') AS active_count, COUNTIF(status = 'generic') AS generic_count,
      COUNTIF(status = 'blocked') AS blocked_count
    FROM identity.identifiers
    GROUP BY namespace, type
  )
SELECT
  p.type, p.namespace, s.active_count, s.generic_count, s.blocked_count, p.linked_pairs, p.right_pairs, p.apart_pairs,
  p.apart_right_pairs
FROM pairs AS p
JOIN statuses AS s ON s.namespace = p.namespace AND s.type = p.type
ORDER BY p.linked_pairs DESC, p.type, p.namespace`;

/**
 * Pairs of different descriptions of one person: all, those that a key brings together, and those that weigh enough to be kept; and the
 * keys that are too common to bring anybody together. All pairs are counted from people, the others found by their keys: a person of
 * 30,000 descriptions has half a billion pairs, and no key more than its limit allows.
 */
export const COMPARED_SQL = `
WITH
  described AS (
    SELECT DISTINCT n.person, f.description_id
    FROM ${NODES} AS n
    JOIN identity.features AS f ON f.node_id = n.node_id
  ),
  people AS (
    SELECT d.person, COUNT(*) AS c
    FROM described AS d
    GROUP BY d.person
  ),
  keyed AS (
    SELECT d.person, d.description_id, k.key
    FROM described AS d
    JOIN identity.block_keys AS k ON k.description_id = d.description_id
    WHERE NOT EXISTS (SELECT 1 FROM identity.block_skipped AS s WHERE s.key = k.key)
  ),
  met AS (
    SELECT DISTINCT l.person, l.description_id AS a, r.description_id AS b
    FROM keyed AS l
    JOIN keyed AS r ON r.key = l.key AND r.person = l.person AND r.description_id > l.description_id
  ),
  kept AS (
    SELECT l.person
    FROM identity.description_pairs AS p
    JOIN described AS l ON l.description_id = p.a
    JOIN described AS r ON r.description_id = p.b AND r.person = l.person
    WHERE p.a != p.b
  )
SELECT
  (SELECT IFNULL(SUM(DIV(c * (c - 1), 2)), 0) FROM people) AS pair_count,
  (SELECT COUNT(*) FROM met) AS met_count,
  (SELECT COUNT(*) FROM kept) AS kept_count,
  (SELECT COUNT(*) FROM identity.block_skipped) AS skipped_key_count`;
