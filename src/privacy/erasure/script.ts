import { sql } from "../../warehouse/sql.js";

/**
 * Who is meant, and what the identity graph has to know of it afterwards. It leaves `erased_nodes`, `erased_profiles`,
 * `erased_hmacs`, `erased_descriptions` and `erased_keys` for the deletes that follow in the same transaction; rows of the erased are
 * still there when it ends.
 */
export const CHOOSE_SQL = sql`
BEGIN TRANSACTION;

CREATE OR REPLACE TEMP TABLE erased_nodes AS
SELECT m.node_id
FROM identity.identity_map AS m
JOIN identity.nodes AS n ON n.node_id = m.node_id
-- @source STRING
WHERE m.profile_id = @profile AND (@source IS NULL OR n.source = @source);

CREATE OR REPLACE TEMP TABLE survivors AS
SELECT m.node_id, n.first_ingested_at
FROM identity.identity_map AS m
JOIN identity.nodes AS n ON n.node_id = m.node_id
WHERE m.profile_id = @profile AND m.node_id NOT IN (SELECT e.node_id FROM erased_nodes AS e);

CREATE OR REPLACE TEMP TABLE births AS
SELECT b.node_id, b.birth_id, b.first_ingested_at, b.node_id IN (SELECT e.node_id FROM erased_nodes AS e) AS is_erased
FROM (
  SELECT n.node_id, n.birth_id, n.first_ingested_at FROM identity.nodes AS n
  UNION ALL
  SELECT i.node_id, i.birth_id, i.first_ingested_at FROM identity.inherited_births AS i
) AS b
JOIN identity.identity_map AS m ON m.node_id = b.node_id
WHERE m.profile_id = @profile;

-- Ids that were published stay those of what is left: its earliest node names it by them from now on.
CREATE OR REPLACE TEMP TABLE bequeathed AS
SELECT b.birth_id, b.first_ingested_at, h.node_id
FROM births AS b
CROSS JOIN (
  SELECT l.node_id
  FROM births AS l
  WHERE NOT l.is_erased
  QUALIFY ROW_NUMBER() OVER (ORDER BY l.first_ingested_at, l.birth_id) = 1
) AS h
WHERE b.is_erased
  AND (b.birth_id = @profile OR b.birth_id IN (SELECT a.profile_id FROM identity.aliases AS a WHERE a.merged_into = @profile));

CREATE OR REPLACE TEMP TABLE erased_profiles AS
SELECT b.birth_id AS profile_id
FROM births AS b
WHERE b.is_erased AND b.birth_id NOT IN (SELECT q.birth_id FROM bequeathed AS q);

CREATE OR REPLACE TEMP TABLE erased_edges AS
SELECT e.node_id, e.hmac, e.type, i.status
FROM erased_nodes AS n
JOIN identity.edges AS e ON e.node_id = n.node_id
JOIN identity.identifiers AS i ON i.hmac = e.hmac;

-- Who else carries what the erased carried.
CREATE OR REPLACE TEMP TABLE fellows AS
SELECT e.node_id, e.hmac, e.type
FROM identity.edges AS e
WHERE e.hmac IN (SELECT x.hmac FROM erased_edges AS x) AND e.node_id NOT IN (SELECT n.node_id FROM erased_nodes AS n);

CREATE OR REPLACE TEMP TABLE erased_hmacs AS
SELECT DISTINCT x.hmac
FROM erased_edges AS x
WHERE x.hmac NOT IN (SELECT f.hmac FROM fellows AS f);

-- What kept the survivors apart from others and does so no longer.
CREATE OR REPLACE TEMP TABLE lost_claims AS
SELECT x.hmac AS claim
FROM erased_edges AS x
-- @exclusive_types ARRAY<STRING>
WHERE x.type IN UNNEST(@exclusive_types)
  AND x.hmac NOT IN (SELECT f.hmac FROM fellows AS f JOIN survivors AS s ON s.node_id = f.node_id)
UNION DISTINCT
SELECT d.decision_id
FROM (
  -- The latest about two counts, and what is withdrawn keeps nobody apart.
  SELECT o.decision_id, o.kind
  FROM identity.decisions AS o
  WHERE o.node_a IN (SELECT e.node_id FROM erased_nodes AS e) OR o.node_b IN (SELECT e.node_id FROM erased_nodes AS e)
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY LEAST(o.node_a, o.node_b), GREATEST(o.node_a, o.node_b) ORDER BY o.decided_at DESC, o.decision_id DESC
  ) = 1
) AS d
WHERE d.kind = "unlink";

-- Devices that say of the erased's account whose it is, though the erased were never there.
CREATE OR REPLACE TEMP TABLE account_devices AS
SELECT DISTINCT d.hmac
FROM fellows AS f
JOIN identity.device_days AS d ON d.node_id = f.node_id
-- @exclusive_types ARRAY<STRING>
WHERE f.type IN UNNEST(@exclusive_types);

CREATE OR REPLACE TEMP TABLE shaken_links AS
SELECT d.node_id, d.hmac, d.other_node_id, d.node_id IN (SELECT s.node_id FROM survivors AS s) AS is_survivor
FROM identity.device_links AS d
WHERE d.node_id NOT IN (SELECT e.node_id FROM erased_nodes AS e)
  AND (
    d.hmac IN (SELECT x.hmac FROM erased_edges AS x UNION DISTINCT SELECT a.hmac FROM account_devices AS a)
    OR d.node_id IN (SELECT s.node_id FROM survivors AS s)
  );

CREATE OR REPLACE TEMP TABLE signed_in AS
SELECT DISTINCT e.node_id
FROM identity.edges AS e
-- @device_types ARRAY<STRING>
WHERE NOT e.is_blocked AND e.type NOT IN UNNEST(@device_types)
  AND e.node_id IN (
    SELECT d.node_id FROM shaken_links AS d
    UNION DISTINCT
    SELECT d.other_node_id FROM shaken_links AS d
    UNION DISTINCT
    SELECT s.node_id FROM survivors AS s
  );

-- Of devices that they shared with the erased: whatever belongs to nobody who signed in there, with what it is kept with.
CREATE OR REPLACE TEMP TABLE loose AS
WITH
  links AS (
    SELECT
      d.node_id,
      d.hmac,
      d.other_node_id,
      d.is_survivor,
      d.other_node_id IN (SELECT e.node_id FROM erased_nodes AS e) AS is_to_erased,
      o.other_node_id IS NULL AND d.other_node_id NOT IN (SELECT s.node_id FROM signed_in AS s) AS is_to_unknown,
      d.other_node_id NOT IN (SELECT s.node_id FROM survivors AS s) AS is_to_others
    FROM shaken_links AS d
    LEFT JOIN identity.device_links AS o ON o.node_id = d.other_node_id
  ),
  hosts AS (
    SELECT d.hmac, MIN(d.node_id) AS node_id
    FROM identity.device_days AS d
    JOIN survivors AS s ON s.node_id = d.node_id
    WHERE d.node_id IN (SELECT i.node_id FROM signed_in AS i)
    GROUP BY d.hmac
  )
SELECT
  l.node_id,
  l.hmac,
  CASE
    WHEN l.is_to_erased THEN IF(l.is_survivor, h.node_id, NULL)
    WHEN l.is_to_unknown THEN l.other_node_id
  END AS other_node_id
FROM links AS l
LEFT JOIN hosts AS h ON h.hmac = l.hmac
WHERE l.is_to_erased
  OR (l.hmac IN (SELECT x.hmac FROM erased_edges AS x) AND (l.other_node_id IS NULL OR l.is_to_unknown))
  OR (l.other_node_id IS NULL AND l.hmac IN (SELECT a.hmac FROM account_devices AS a) AND l.node_id IN (SELECT s.node_id FROM signed_in AS s))
  OR (l.is_survivor AND l.is_to_others AND NOT l.is_to_unknown AND EXISTS (SELECT 1 FROM lost_claims AS c));

CREATE OR REPLACE TEMP TABLE held_back AS
SELECT l.node_id, l.hmac, l.other_node_id FROM loose AS l
UNION DISTINCT
SELECT f.node_id, f.hmac, NULL
FROM fellows AS f
-- @device_types ARRAY<STRING>
WHERE f.type NOT IN UNNEST(@device_types)
  AND f.hmac IN (SELECT x.hmac FROM erased_edges AS x WHERE x.status = "generic")
UNION DISTINCT
SELECT a.node_id, a.hmac, NULL
FROM identity.ambiguous_edges AS a
JOIN fellows AS f ON f.node_id = a.node_id AND f.hmac = a.hmac
UNION DISTINCT
-- A link between the survivors and others that only the erased refused.
SELECT s.node_id, e.hmac, NULL
FROM survivors AS s
JOIN identity.edges AS e ON e.node_id = s.node_id
-- @device_types ARRAY<STRING>
-- @sharing_reasons ARRAY<STRING>
WHERE e.type NOT IN UNNEST(@device_types)
  AND e.hmac IN (SELECT c.hmac FROM identity.cuts AS c WHERE c.reason NOT IN UNNEST(@sharing_reasons))
  AND EXISTS (SELECT 1 FROM lost_claims AS c);

CREATE OR REPLACE TEMP TABLE erased_descriptions AS
SELECT DISTINCT f.description_id
FROM identity.features AS f
JOIN erased_nodes AS n ON n.node_id = f.node_id
WHERE f.description_id NOT IN (
  SELECT o.description_id FROM identity.features AS o WHERE o.node_id NOT IN (SELECT e.node_id FROM erased_nodes AS e)
);

CREATE OR REPLACE TEMP TABLE erased_keys AS
SELECT k.key
FROM identity.block_keys AS k
WHERE k.key IN (
  SELECT o.key FROM identity.block_keys AS o WHERE o.description_id IN (SELECT d.description_id FROM erased_descriptions AS d)
)
GROUP BY k.key
HAVING LOGICAL_AND(k.description_id IN (SELECT d.description_id FROM erased_descriptions AS d));

-- Who has to be settled anew: whoever shares an identifier, a description or a component with the erased.
INSERT INTO identity.pending_nodes (node_id)
SELECT n.node_id
FROM (
  SELECT f.node_id FROM fellows AS f
  UNION DISTINCT
  SELECT h.node_id FROM held_back AS h
  UNION DISTINCT
  SELECT o.node_id
  FROM identity.features AS o
  WHERE o.description_id IN (
    SELECT f.description_id FROM identity.features AS f JOIN erased_nodes AS e ON e.node_id = f.node_id
  )
  UNION DISTINCT
  SELECT m.node_id
  FROM identity.identity_map AS m
  WHERE m.component_id IN (
    SELECT o.component_id FROM identity.identity_map AS o JOIN erased_nodes AS e ON e.node_id = o.node_id
  )
) AS n
WHERE n.node_id NOT IN (SELECT p.node_id FROM identity.pending_nodes AS p);

-- A key that too many had may bring those together again that still have it.
INSERT INTO identity.thinned_keys (key)
SELECT DISTINCT k.key
FROM identity.block_keys AS k
WHERE k.description_id IN (SELECT d.description_id FROM erased_descriptions AS d)
  AND k.key NOT IN (SELECT e.key FROM erased_keys AS e) AND k.key NOT IN (SELECT t.key FROM identity.thinned_keys AS t);

-- A refused link that stood for others, too, stands beside somebody else now.
INSERT INTO identity.cuts (node_a, node_b, hmac, reason, cut_at)
WITH
  bereft AS (
    SELECT
      c.hmac, c.node_a AS hub, c.node_b AS side, c.reason, c.cut_at,
      -- @sharing_reasons ARRAY<STRING>
      c.reason IN UNNEST(@sharing_reasons) AS is_shared,
      -- What is withheld refuses no other link, where links are refused by claims.
      c.node_a IN (SELECT e.node_id FROM erased_nodes AS e) OR (w.hmac IS NOT NULL AND c.reason NOT IN UNNEST(@sharing_reasons)) AS is_hub_lost,
      c.node_b IN (SELECT e.node_id FROM erased_nodes AS e) AS is_side_erased
    FROM identity.cuts AS c
    LEFT JOIN (SELECT DISTINCT b.node_id, b.hmac FROM held_back AS b) AS w ON w.node_id = c.node_a AND w.hmac = c.hmac
  ),
  stand_ins AS (
    SELECT e.hmac, is_shared, s.node_id
    FROM survivors AS s
    JOIN identity.edges AS e ON e.node_id = s.node_id, UNNEST([TRUE, FALSE]) AS is_shared
    QUALIFY ROW_NUMBER() OVER (
      PARTITION BY e.hmac, is_shared
      ORDER BY IF(is_shared, s.node_id, NULL), s.first_ingested_at, s.node_id
    ) = 1
  ),
  sides AS (
    SELECT b.hmac, b.hub, b.is_shared, b.is_hub_lost, IF(b.is_side_erased, s.node_id, b.side) AS node_id, b.reason, b.cut_at
    FROM bereft AS b
    LEFT JOIN stand_ins AS s ON s.hmac = b.hmac AND s.is_shared = b.is_shared
    WHERE b.is_hub_lost OR b.is_side_erased
    UNION DISTINCT
    SELECT b.hmac, b.hub, b.is_shared, TRUE, s.node_id, b.reason, b.cut_at
    FROM bereft AS b
    JOIN stand_ins AS s ON s.hmac = b.hmac AND s.is_shared = b.is_shared
    WHERE b.is_hub_lost
  ),
  hubs AS (
    SELECT
      s.hmac, s.node_id, s.reason, s.cut_at,
      IF(s.is_hub_lost, FIRST_VALUE(s.node_id) OVER (
        PARTITION BY s.hmac, s.hub, s.is_shared
        ORDER BY IF(s.is_shared, s.node_id, NULL), h.node_id IS NOT NULL, n.first_ingested_at, s.node_id
      ), s.hub) AS hub
    FROM sides AS s
    JOIN identity.nodes AS n ON n.node_id = s.node_id
    LEFT JOIN (SELECT DISTINCT b.node_id, b.hmac FROM held_back AS b) AS h ON h.node_id = s.node_id AND h.hmac = s.hmac
  )
SELECT h.hub, h.node_id, h.hmac, MIN(h.reason), MIN(h.cut_at)
FROM hubs AS h
JOIN identity.identity_map AS l ON l.node_id = h.hub
JOIN identity.identity_map AS r ON r.node_id = h.node_id
-- Of one person nothing is refused: an operator may have linked two who are told apart here.
WHERE l.profile_id != r.profile_id
  AND NOT EXISTS (SELECT 1 FROM identity.cuts AS c WHERE c.node_a = h.hub AND c.node_b = h.node_id AND c.hmac = h.hmac)
GROUP BY h.hub, h.node_id, h.hmac;

UPDATE identity.device_links AS d
SET other_node_id = (SELECT MIN(l.other_node_id) FROM loose AS l WHERE l.node_id = d.node_id)
WHERE d.other_node_id IN (SELECT e.node_id FROM erased_nodes AS e);

UPDATE identity.withheld_edges AS w
SET other_node_id = NULL
WHERE w.other_node_id IN (SELECT e.node_id FROM erased_nodes AS e);

MERGE identity.withheld_edges AS w
USING (SELECT h.node_id, h.hmac, MIN(h.other_node_id) AS other_node_id FROM held_back AS h GROUP BY h.node_id, h.hmac) AS h
ON w.node_id = h.node_id AND w.hmac = h.hmac
WHEN MATCHED THEN UPDATE SET other_node_id = h.other_node_id
WHEN NOT MATCHED THEN INSERT (node_id, hmac, other_node_id) VALUES (h.node_id, h.hmac, h.other_node_id);

DELETE FROM identity.inherited_births AS i WHERE i.node_id IN (SELECT e.node_id FROM erased_nodes AS e);

INSERT INTO identity.inherited_births (birth_id, first_ingested_at, node_id)
SELECT b.birth_id, b.first_ingested_at, b.node_id FROM bequeathed AS b;

UPDATE identity.clusters AS c
SET anchor_node_id = (SELECT b.node_id FROM bequeathed AS b WHERE b.birth_id = @profile)
WHERE c.profile_id = @profile AND EXISTS (SELECT 1 FROM bequeathed AS b WHERE b.birth_id = @profile);

MERGE identity.tombstones AS t
USING (
  SELECT TO_HEX(SHA256(CONCAT("erased ", i.id))) AS tombstone
  FROM (
    SELECT e.node_id AS id FROM erased_nodes AS e
    UNION DISTINCT
    SELECT p.profile_id FROM erased_profiles AS p
  ) AS i
) AS n
ON t.tombstone = n.tombstone
WHEN MATCHED THEN UPDATE SET erased_count = t.erased_count + 1, erased_at = @now
WHEN NOT MATCHED THEN INSERT (tombstone, erased_count, erased_at) VALUES (n.tombstone, 1, @now);

INSERT INTO identity.graph_events (event_key, kind, profile_id, other_id, happened_at)
SELECT
  SUBSTR(TO_HEX(SHA256(CONCAT("erase|", w.id, "|", CAST(@now AS STRING)))), 1, 32),
  "erase",
  w.id,
  NULL,
  -- @now TIMESTAMP
  @now
FROM (
  SELECT
    -- Of a whole person nothing is left but that somebody was erased.
    IF(EXISTS (SELECT 1 FROM survivors AS s), @profile, TO_HEX(SHA256(CONCAT("erased ", @profile)))) AS id
) AS w
WHERE EXISTS (SELECT 1 FROM erased_nodes AS e);

-- Components are called after their earliest node, too.
MERGE identity.identity_map AS m
USING (
  SELECT DISTINCT
    k.node_id,
    FIRST_VALUE(b.birth_id) OVER (PARTITION BY k.component_id ORDER BY b.first_ingested_at, b.birth_id) AS component_id
  FROM identity.identity_map AS k
  JOIN (
    SELECT n.node_id, n.birth_id, n.first_ingested_at FROM identity.nodes AS n
    UNION ALL
    SELECT i.node_id, i.birth_id, i.first_ingested_at FROM identity.inherited_births AS i
  ) AS b ON b.node_id = k.node_id
  WHERE k.component_id IN (SELECT p.profile_id FROM erased_profiles AS p)
    AND k.node_id NOT IN (SELECT e.node_id FROM erased_nodes AS e)
) AS k
ON m.node_id = k.node_id
WHEN MATCHED THEN UPDATE SET component_id = k.component_id;

-- A link that a later decision about the erased overruled does not come back without it. What no cycle has looked at yet stands.
INSERT INTO identity.decisions (decision_id, kind, node_a, node_b, decided_at, decided_by, reason)
SELECT
  CONCAT("d_", SUBSTR(TO_HEX(SHA256(CONCAT("erase|", d.decision_id, "|", CAST(@now AS STRING)))), 1, 16)),
  "withdraw",
  d.node_a,
  d.node_b,
  -- @now TIMESTAMP
  GREATEST(@now, TIMESTAMP_ADD(d.decided_at, INTERVAL 1 MICROSECOND)),
  "erasure",
  NULL
FROM (
  SELECT o.decision_id, o.kind, o.node_a, o.node_b, o.decided_at
  FROM identity.decisions AS o
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY LEAST(o.node_a, o.node_b), GREATEST(o.node_a, o.node_b) ORDER BY o.decided_at DESC, o.decision_id DESC
  ) = 1
) AS d
JOIN identity.identity_map AS l ON l.node_id = d.node_a
JOIN identity.identity_map AS r ON r.node_id = d.node_b
WHERE d.kind = "link"
  AND l.profile_id != r.profile_id
  AND l.component_id IN (
    SELECT m.component_id FROM identity.identity_map AS m JOIN erased_nodes AS e ON e.node_id = m.node_id
  )
  AND d.decided_at < (SELECT MAX(w.window_to) FROM ops.watermarks AS w WHERE w.model = "identity.resolve")
  AND d.node_a NOT IN (SELECT e.node_id FROM erased_nodes AS e)
  AND d.node_b NOT IN (SELECT e.node_id FROM erased_nodes AS e)
  AND EXISTS (SELECT 1 FROM lost_claims AS c JOIN identity.decisions AS o ON o.decision_id = c.claim);

CREATE OR REPLACE TEMP TABLE erased_event_keys AS
SELECT e.event_key
FROM silver.events AS e
WHERE e.node_id IN (SELECT n.node_id FROM erased_nodes AS n);

CREATE OR REPLACE TEMP TABLE erased_events (event_id STRING)`;
