// @ts-check
/**
 * What a node claims about whose it is, and what an operator said: both keep groups apart. Statements for
 * identity.resolve, over its temporary tables.
 */

const connected = require("./connected.js");
const graph = require("./graph.js");
const linkage = require("./linkage.js");

/** @typedef {(dataset: string, table: string) => string} Ref */

/**
 * From `members` and `bearers` to `claims(node_id, claim_key, claim_value)`: one value per node and key. Where a record
 * was given another number, the later one is meant.
 * @param {Ref} ref
 * @returns {string}
 */
function nodeClaims(ref) {
  return `
CREATE OR REPLACE TEMP TABLE claims AS
SELECT e.node_id, CONCAT(IFNULL(e.namespace, ''), '|', e.type) AS claim_key, e.hmac AS claim_value
FROM (SELECT node_id FROM members UNION DISTINCT SELECT node_id FROM bearers) AS n
JOIN ${ref("identity", "edges")} AS e ON e.node_id = n.node_id
WHERE ${graph.isExclusive("e.type")} AND NOT e.is_blocked
QUALIFY ROW_NUMBER() OVER (
  PARTITION BY e.node_id, e.namespace, e.type ORDER BY e.first_ingested_at DESC, e.hmac
) = 1;`;
}

/**
 * From `members` to `ties(decision_id, kind, a, b, decided_at)`: the latest decision about each two of them.
 * @param {Ref} ref
 * @returns {string}
 */
function ties(ref) {
  return `
CREATE OR REPLACE TEMP TABLE ties AS
SELECT d.decision_id, d.kind, LEAST(l.node, r.node) AS a, GREATEST(l.node, r.node) AS b, d.decided_at
FROM ${ref("identity", "decisions")} AS d
JOIN members AS l ON l.node_id = d.node_a
JOIN members AS r ON r.node_id = d.node_b
WHERE l.node != r.node
QUALIFY ROW_NUMBER() OVER (
  PARTITION BY LEAST(l.node, r.node), GREATEST(l.node, r.node) ORDER BY d.decided_at DESC, d.decision_id DESC
) = 1;`;
}

/**
 * From `claims` and `ties` to `held(grp, claim_key, claim_value)`, with members as groups. Values that an operator's links
 * bring to one person are one value, wherever they are claimed; of links that contradict what the operator keeps apart,
 * the latest hold. What is kept apart is a claim of its own.
 * @returns {string}
 */
function held() {
  return `
CREATE OR REPLACE TEMP TABLE held AS
SELECT m.node AS grp, c.claim_key, c.claim_value
FROM claims AS c
JOIN members AS m ON m.node_id = c.node_id;

IF EXISTS (SELECT 1 FROM ties) THEN
  CREATE OR REPLACE TEMP TABLE kept_apart AS
  SELECT side AS grp, CONCAT('decision|', t.decision_id) AS claim_key, CAST(side AS STRING) AS claim_value
  FROM ties AS t, UNNEST([t.a, t.b]) AS side
  WHERE t.kind = 'unlink';

  CREATE OR REPLACE TEMP TABLE told_links AS
  SELECT t.a, t.b, CAST(-ROW_NUMBER() OVER (ORDER BY t.decided_at DESC, t.decision_id DESC) AS FLOAT64) AS weight_sum, 1 AS pair_count
  FROM ties AS t
  WHERE t.kind = 'link';
  ${linkage.merge({ edges: "told_links", claims: "kept_apart", into: "told", mode: "strongest" })}

  CREATE OR REPLACE TEMP TABLE told_values AS
  SELECT t.root, h.claim_key, h.claim_value, DENSE_RANK() OVER (ORDER BY h.claim_key, h.claim_value) AS node
  FROM told AS t
  JOIN held AS h ON h.grp = t.grp;

  CREATE OR REPLACE TEMP TABLE told_same AS
  SELECT MIN(v.node) OVER (PARTITION BY v.root, v.claim_key) AS u, v.node AS v FROM told_values AS v;
  ${connected.components({
    nodes: "(SELECT DISTINCT node FROM told_values)",
    links: "told_same",
    into: "one_value",
  })}

  CREATE OR REPLACE TEMP TABLE held AS
  WITH
    renamed AS (
      SELECT DISTINCT v.claim_key, v.claim_value, MIN(v.claim_value) OVER (PARTITION BY o.root) AS one_value
      FROM told_values AS v
      JOIN one_value AS o ON o.node = v.node
    )
  SELECT h.grp, h.claim_key, IFNULL(r.one_value, h.claim_value) AS claim_value
  FROM held AS h
  LEFT JOIN renamed AS r ON r.claim_key = h.claim_key AND r.claim_value = h.claim_value
  UNION ALL
  SELECT k.grp, k.claim_key, k.claim_value FROM kept_apart AS k;
END IF;`;
}

module.exports = { nodeClaims, ties, held };
