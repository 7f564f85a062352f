// @ts-check
/**
 * What links somebody refused, kept beside the graph so that a refusal that comes or goes is told. Statements for identity.resolve, over
 * its temporary tables.
 */

const sharing = require("./sharing.js");
const window = require("./window.js");

/** @typedef {import("./claims.js").Ref} Ref */

/**
 * From `refused`, `withheld`, `members` and `member_edges` into identity.cuts, and to `cut_changes(profile_id, kind, other_id)`: between
 * which profiles as they are today a cut came or went.
 * @param {Ref} ref
 * @returns {string}
 */
function write(ref) {
  return `
-- What was refused before and what is now, where it could have changed, with whose it is today.
CREATE OR REPLACE TEMP TABLE old_cuts AS
SELECT c.node_a, c.node_b, c.hmac, c.reason
FROM ${ref("identity", "cuts")} AS c
WHERE IF(
  c.reason IN ("${sharing.APART}", "${sharing.AMBIGUOUS}"),
  c.hmac IN (SELECT hmac FROM member_edges),
  c.node_a IN (SELECT node_id FROM members) OR c.node_b IN (SELECT node_id FROM members)
);

-- What was refused and is withheld now stays refused.
INSERT INTO refused (node_a, node_b, hmac, reason)
SELECT DISTINCT c.node_a, c.node_b, c.hmac, c.reason
FROM old_cuts AS c
JOIN withheld AS w ON w.hmac = c.hmac AND w.node_id IN (c.node_a, c.node_b);

CREATE OR REPLACE TEMP TABLE cut_changes (profile_id STRING, kind STRING, other_id STRING);

IF EXISTS (SELECT 1 FROM refused) OR EXISTS (SELECT 1 FROM old_cuts) THEN
  CREATE OR REPLACE TEMP TABLE cut_ends AS
  SELECT m.node_id, m.profile_id
  FROM ${ref("identity", "identity_map")} AS m
  WHERE m.node_id IN (
    SELECT node_id
    FROM (SELECT node_a, node_b FROM refused UNION ALL SELECT node_a, node_b FROM old_cuts) AS c, UNNEST([c.node_a, c.node_b]) AS node_id
  );

  CREATE OR REPLACE TEMP TABLE new_cuts AS
  SELECT r.node_a, r.node_b, r.hmac, MIN(r.reason) AS reason
  FROM refused AS r
  JOIN cut_ends AS a ON a.node_id = r.node_a
  JOIN cut_ends AS b ON b.node_id = r.node_b
  WHERE a.profile_id != b.profile_id
  GROUP BY r.node_a, r.node_b, r.hmac;

  INSERT INTO cut_changes (profile_id, kind, other_id)
  WITH
    sides AS (
      SELECT
        LEAST(a.profile_id, b.profile_id) AS profile_id,
        NULLIF(GREATEST(a.profile_id, b.profile_id), LEAST(a.profile_id, b.profile_id)) AS other_id,
        LOGICAL_OR(c.is_new) AS is_cut,
        LOGICAL_OR(NOT c.is_new) AS was_cut
      FROM (
        SELECT node_a, node_b, TRUE AS is_new FROM new_cuts
        UNION ALL
        SELECT node_a, node_b, FALSE FROM old_cuts
      ) AS c
      JOIN cut_ends AS a ON a.node_id = c.node_a
      JOIN cut_ends AS b ON b.node_id = c.node_b
      GROUP BY profile_id, other_id
    )
  SELECT s.profile_id, IF(s.is_cut, "cut", "uncut"), s.other_id
  FROM sides AS s
  WHERE s.is_cut != s.was_cut;

  MERGE ${ref("identity", "cuts")} AS c
  USING (
    SELECT IFNULL(n.node_a, o.node_a) AS node_a, IFNULL(n.node_b, o.node_b) AS node_b, IFNULL(n.hmac, o.hmac) AS hmac, n.reason
    FROM new_cuts AS n
    FULL JOIN old_cuts AS o ON o.node_a = n.node_a AND o.node_b = n.node_b AND o.hmac = n.hmac
  ) AS r
  ON c.node_a = r.node_a AND c.node_b = r.node_b AND c.hmac = r.hmac
  WHEN MATCHED AND r.reason IS NULL THEN DELETE
  WHEN MATCHED THEN UPDATE SET reason = r.reason
  WHEN NOT MATCHED THEN INSERT (node_a, node_b, hmac, reason, cut_at) VALUES (r.node_a, r.node_b, r.hmac, r.reason, ${window.last()});
END IF;`;
}

module.exports = { write };
