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
 * What nodes claim: one value per node and key. Where a record was given another number, the later one is meant.
 * @param {string} edges a query of their rows of identity.edges
 * @returns {string} a query of node_id, claim_key, claim_value
 */
const claimedBy = (edges) => `
SELECT e.node_id, CONCAT(IFNULL(e.namespace, ''), '|', e.type) AS claim_key, e.hmac AS claim_value
FROM (${edges}
) AS e
WHERE ${graph.isExclusive("e.type")} AND NOT e.is_blocked
QUALIFY ROW_NUMBER() OVER (
  PARTITION BY e.node_id, e.namespace, e.type ORDER BY e.first_ingested_at DESC, e.hmac
) = 1`;

/**
 * The same, of nodes whose edges are not at hand.
 * @param {Ref} ref @param {string} nodes a query of node_id
 * @returns {string}
 */
const claimed = (ref, nodes) =>
  claimedBy(`
  SELECT v.node_id, v.hmac, v.namespace, v.type, v.is_blocked, v.first_ingested_at
  FROM (${nodes}) AS n
  JOIN ${ref("identity", "edges")} AS v ON v.node_id = n.node_id`);

/**
 * From `members`, `member_edges` and `bearers` to `claims(node_id, claim_key, claim_value)`. Values that an operator's links bring to
 * one person are one value, wherever they are claimed, also by those who only carry the same mailbox: the smallest stands for all.
 * Which those are is kept in identity.joined_numbers. Of links that contradict what the operator keeps apart, the latest hold.
 *
 * All decisions are looked at, not only those about members: what a bearer's number means is the same whoever asks.
 * @param {Ref} ref
 * @returns {string}
 */
function nodeClaims(ref) {
  const joined = ref("identity", "joined_numbers");
  return `
CREATE OR REPLACE TEMP TABLE claims AS${claimedBy(`
  SELECT m.node_id, m.hmac, m.namespace, m.type, m.is_blocked, m.first_ingested_at FROM member_edges AS m
  UNION ALL
  SELECT o.node_id, o.hmac, o.namespace, o.type, o.is_blocked, o.first_ingested_at
  FROM (SELECT b.node_id FROM bearers AS b WHERE b.node_id NOT IN (SELECT node_id FROM members)) AS b
  JOIN ${ref("identity", "edges")} AS o ON o.node_id = b.node_id`)};

DELETE FROM ${joined} WHERE TRUE;

IF EXISTS (SELECT 1 FROM ${ref("identity", "decisions")} WHERE kind = 'link') THEN
  CREATE OR REPLACE TEMP TABLE verdicts AS
  SELECT d.decision_id, d.kind, d.decided_at, LEAST(d.node_a, d.node_b) AS node_a, GREATEST(d.node_a, d.node_b) AS node_b
  FROM ${ref("identity", "decisions")} AS d
  WHERE d.node_a != d.node_b
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY LEAST(d.node_a, d.node_b), GREATEST(d.node_a, d.node_b) ORDER BY d.decided_at DESC, d.decision_id DESC
  ) = 1;

  CREATE OR REPLACE TEMP TABLE decided AS
  SELECT node_id, ROW_NUMBER() OVER (ORDER BY node_id) AS grp
  FROM (SELECT node_a AS node_id FROM verdicts UNION DISTINCT SELECT node_b FROM verdicts);

  CREATE OR REPLACE TEMP TABLE told_apart AS
  SELECT n.grp, CONCAT('decision|', v.decision_id) AS claim_key, n.node_id AS claim_value
  FROM verdicts AS v
  CROSS JOIN UNNEST([v.node_a, v.node_b]) AS side
  JOIN decided AS n ON n.node_id = side
  WHERE v.kind = 'unlink';

  CREATE OR REPLACE TEMP TABLE told_links AS
  SELECT a.grp AS a, b.grp AS b, CAST(-ROW_NUMBER() OVER (ORDER BY v.decided_at DESC, v.decision_id DESC) AS FLOAT64) AS weight_sum, 1 AS pair_count
  FROM verdicts AS v
  JOIN decided AS a ON a.node_id = v.node_a
  JOIN decided AS b ON b.node_id = v.node_b
  WHERE v.kind = 'link';
  ${linkage.merge({ edges: "told_links", claims: "told_apart", into: "told", mode: "strongest" })}

  CREATE OR REPLACE TEMP TABLE told_values AS
  SELECT t.root, c.claim_key, c.claim_value, DENSE_RANK() OVER (ORDER BY c.claim_key, c.claim_value) AS node
  FROM told AS t
  JOIN decided AS n ON n.grp = t.grp
  JOIN (${claimed(ref, "SELECT node_id FROM decided")}
  ) AS c ON c.node_id = n.node_id;

  CREATE OR REPLACE TEMP TABLE told_same AS
  SELECT MIN(v.node) OVER (PARTITION BY v.root, v.claim_key) AS u, v.node AS v FROM told_values AS v;
  ${connected.components({
    nodes: "(SELECT DISTINCT node FROM told_values)",
    links: "told_same",
    into: "one_value",
  })}

  INSERT INTO ${joined} (hmac, joined_hmac)
  SELECT DISTINCT j.claim_value, j.one_value
  FROM (
    SELECT v.claim_value, MIN(v.claim_value) OVER (PARTITION BY o.root) AS one_value
    FROM told_values AS v
    JOIN one_value AS o ON o.node = v.node
  ) AS j
  WHERE j.claim_value != j.one_value;

  CREATE OR REPLACE TEMP TABLE claims AS
  SELECT c.node_id, c.claim_key, IFNULL(j.joined_hmac, c.claim_value) AS claim_value
  FROM claims AS c
  LEFT JOIN ${joined} AS j ON j.hmac = c.claim_value;
END IF;`;
}

/**
 * Nodes whose numbers may mean something else now, because one that an operator decided about is in \`touched\`: whoever carries a number
 * of its component's.
 * @param {Ref} ref
 * @returns {string} a query of node_id
 */
function retold(ref) {
  return `
    SELECT DISTINCT o.node_id
    FROM ${ref("identity", "decisions")} AS d
    CROSS JOIN UNNEST([d.node_a, d.node_b]) AS side
    JOIN touched AS t ON t.node_id = side
    CROSS JOIN UNNEST([d.node_a, d.node_b]) AS decided
    JOIN ${ref("identity", "identity_map")} AS s ON s.node_id = decided
    JOIN ${ref("identity", "identity_map")} AS m ON m.component_id = s.component_id
    JOIN ${ref("identity", "edges")} AS e ON e.node_id = m.node_id AND ${graph.isExclusive("e.type")}
    JOIN ${ref("identity", "edges")} AS o ON o.hmac = e.hmac`;
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
 * From `claims` and `ties` to `held(grp, claim_key, claim_value)`, with members as groups. What an operator keeps apart is a claim of
 * its own.
 * @returns {string}
 */
function held() {
  return `
CREATE OR REPLACE TEMP TABLE held AS
SELECT m.node AS grp, c.claim_key, c.claim_value
FROM claims AS c
JOIN members AS m ON m.node_id = c.node_id
UNION ALL
SELECT side, CONCAT('decision|', t.decision_id), CAST(side AS STRING)
FROM ties AS t, UNNEST([t.a, t.b]) AS side
WHERE t.kind = 'unlink';`;
}

module.exports = { nodeClaims, retold, ties, held };
