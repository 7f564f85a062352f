// @ts-check
/**
 * Pairs of people that are nearly one by what describes them, for an operator to decide. Statements for identity.resolve, over
 * its temporary tables.
 */

const match = require("./match.js");
const window = require("./window.js");

/** @typedef {import("./claims.js").Ref} Ref */

/**
 * From `nearness`, `people`, `held`, `resolved` and `members` into identity.review_pairs: what is near now replaces what was, where
 * it could have changed.
 * @param {Ref} ref
 * @returns {string}
 */
function write(ref) {
  return `
CREATE OR REPLACE TEMP TABLE old_pairs AS
SELECT r.profile_a, r.profile_b
FROM ${ref("identity", "review_pairs")} AS r
WHERE r.node_a IN (SELECT node_id FROM members) OR r.node_b IN (SELECT node_id FROM members);

IF EXISTS (SELECT 1 FROM nearness) OR EXISTS (SELECT 1 FROM old_pairs) THEN
  CREATE OR REPLACE TEMP TABLE found_pairs AS
  WITH
    nearly AS (
      SELECT n.a, n.b, n.weight, n.pair_count
      FROM nearness AS n
      WHERE n.weight >= ${match.thresholds().review} AND n.weight < ${match.thresholds().tau}
    ),
    -- What a number or an operator says of them is not asked.
    settled AS (
      SELECT DISTINCT n.a, n.b
      FROM nearly AS n
      JOIN people AS l ON l.person = n.a
      JOIN held AS x ON x.grp = l.node
      JOIN people AS r ON r.person = n.b
      JOIN held AS y ON y.grp = r.node AND y.claim_key = x.claim_key
      WHERE y.claim_value != x.claim_value
    ),
    best AS (
      SELECT n.a, n.b, n.weight, n.pair_count, MIN(l.node) AS node_a, MIN(r.node) AS node_b
      FROM nearly AS n
      JOIN people AS l ON l.person = n.a
      JOIN people AS r ON r.person = n.b
      WHERE NOT EXISTS (SELECT 1 FROM settled AS s WHERE s.a = n.a AND s.b = n.b)
      GROUP BY n.a, n.b, n.weight, n.pair_count
    )
  SELECT
    LEAST(l.profile_id, r.profile_id) AS profile_a,
    GREATEST(l.profile_id, r.profile_id) AS profile_b,
    IF(l.profile_id < r.profile_id, l.node_id, r.node_id) AS node_a,
    IF(l.profile_id < r.profile_id, r.node_id, l.node_id) AS node_b,
    b.weight,
    b.pair_count
  FROM best AS b
  JOIN resolved AS l ON l.node = b.node_a
  JOIN resolved AS r ON r.node = b.node_b;

  MERGE ${ref("identity", "review_pairs")} AS t
  USING (
    SELECT
      IFNULL(n.profile_a, o.profile_a) AS profile_a, IFNULL(n.profile_b, o.profile_b) AS profile_b,
      n.node_a, n.node_b, n.weight, n.pair_count
    FROM found_pairs AS n
    FULL JOIN old_pairs AS o ON o.profile_a = n.profile_a AND o.profile_b = n.profile_b
  ) AS r
  ON t.profile_a = r.profile_a AND t.profile_b = r.profile_b
  WHEN MATCHED AND r.weight IS NULL THEN DELETE
  WHEN MATCHED THEN UPDATE SET node_a = r.node_a, node_b = r.node_b, weight = r.weight, pair_count = r.pair_count
  WHEN NOT MATCHED THEN INSERT (profile_a, profile_b, node_a, node_b, weight, pair_count, found_at)
    VALUES (r.profile_a, r.profile_b, r.node_a, r.node_b, r.weight, r.pair_count, ${window.last()});
END IF;`;
}

module.exports = { write };
