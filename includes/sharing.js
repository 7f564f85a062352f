// @ts-check
/**
 * Contact identifiers that several people carry: a parent's address, a family's phone. Those who carry one are told apart
 * by what they say of themselves; who fits two that are apart from one another belongs to neither. Statements for
 * identity.resolve, over its temporary tables.
 */

const match = require("./match.js");
const graph = require("./graph.js");

/** @typedef {import("./claims.js").Ref} Ref */

/** Why an identifier does not link two of its carriers. */
const APART = "carried by two people";
const AMBIGUOUS = "could be several people's";

/**
 * From `member_edges` to `bearers(hmac, node_id, is_lent)`: everybody who carries a contact identifier of a member's, members or not,
 * where that is more than one. On the way, with `node_edges`, to `contact_edges(hmac, node_id, is_lent, is_carried, is_decided)`: whoever
 * carries a contact of a member's, or one that somebody is named after who decided about consent.
 * @param {Ref} ref
 * @returns {string}
 */
function bearers(ref) {
  return `
CREATE OR REPLACE TEMP TABLE contact_edges AS
SELECT e.hmac, e.node_id, e.is_owner, e.is_lent, c.is_carried, c.is_decided
FROM (
  SELECT hmac, LOGICAL_OR(is_carried) AS is_carried, LOGICAL_OR(NOT is_carried) AS is_decided
  FROM (
    SELECT m.hmac, TRUE AS is_carried FROM member_edges AS m WHERE m.status = 'active' AND ${graph.isContact("m.type")}
    UNION ALL
    SELECT o.hmac, FALSE FROM node_edges AS o WHERE o.is_decider AND o.is_owner AND ${graph.isContact("o.type")}
  )
  GROUP BY hmac
) AS c
JOIN ${ref("identity", "edges")} AS e ON e.hmac = c.hmac;

CREATE OR REPLACE TEMP TABLE bearers AS
SELECT c.hmac, c.node_id, c.is_owner, c.is_lent
FROM contact_edges AS c
WHERE c.is_carried
QUALIFY COUNT(*) OVER (PARTITION BY c.hmac) > 1;`;
}

/**
 * From `bearers` and `claims` to `shares(hmac, node_id, who, part)`, of identifiers that different people carry: the
 * carriers of one part are one person's, as far as this identifier says; part is NULL where it could be several people's.
 * Carriers that say the same of themselves are one \`who\`, so an identifier with one description is not looked at.
 * @param {Ref} ref
 * @returns {string}
 */
function shares(ref) {
  const descriptions = ref("identity", "descriptions");
  return `
CREATE OR REPLACE TEMP TABLE shares (hmac STRING, node_id STRING, who STRING, part STRING);

CREATE OR REPLACE TEMP TABLE sayings AS
SELECT
  b.hmac,
  b.node_id,
  b.is_owner,
  b.is_lent,
  f.description_id,
  f.given_name,
  f.given_root,
  f.family_name,
  f.name_bag,
  f.email_user,
  f.birth_date,
  c.node_id IS NOT NULL AS has_claims,
  CONCAT(IFNULL(f.description_id, ''), '|', IFNULL(c.signature, '')) AS who
FROM bearers AS b
LEFT JOIN ${ref("identity", "features")} AS f ON f.node_id = b.node_id
LEFT JOIN (
  SELECT node_id, STRING_AGG(CONCAT(claim_key, '=', claim_value), '&' ORDER BY claim_key) AS signature
  FROM claims
  GROUP BY node_id
) AS c ON c.node_id = b.node_id;

CREATE OR REPLACE TEMP TABLE whos AS
SELECT hmac, who
FROM (SELECT DISTINCT hmac, who FROM sayings)
WHERE TRUE
QUALIFY COUNT(*) OVER (PARTITION BY hmac) > 1;

CREATE OR REPLACE TEMP TABLE rivals AS
WITH
  sorts AS (
    SELECT s.who, MIN(s.description_id) AS description_id, MIN(s.node_id) AS node_id
    FROM sayings AS s
    WHERE s.who IN (SELECT who FROM whos)
    GROUP BY s.who
  ),
  pairs AS (
    SELECT DISTINCT l.who AS a, r.who AS b
    FROM whos AS l
    JOIN whos AS r ON r.hmac = l.hmac AND l.who < r.who
  ),
  said AS (
    SELECT p.a, p.b, l.node_id AS node_a, r.node_id AS node_b, l.description_id AS description_a, r.description_id AS description_b
    FROM pairs AS p
    JOIN sorts AS l ON l.who = p.a
    JOIN sorts AS r ON r.who = p.b
  ),
  described AS (
    SELECT d.*
    FROM ${descriptions} AS d
    WHERE d.description_id IN (SELECT s.description_id FROM sorts AS s)
  ),
  unlike AS (
    SELECT d.description_a, d.description_b
    FROM (SELECT DISTINCT description_a, description_b FROM said WHERE description_a != description_b) AS d
    JOIN described AS l ON l.description_id = d.description_a
    JOIN described AS r ON r.description_id = d.description_b
    WHERE ${match.conflicts("l", "r")}
  ),
  found AS (
    SELECT s.a, s.b
    FROM said AS s
    JOIN claims AS l ON l.node_id = s.node_a
    JOIN claims AS r ON r.node_id = s.node_b AND r.claim_key = l.claim_key
    WHERE r.claim_value != l.claim_value
    UNION DISTINCT
    SELECT s.a, s.b
    FROM said AS s
    JOIN unlike AS u ON u.description_a = s.description_a AND u.description_b = s.description_b
  )
SELECT a AS who, b AS rival FROM found
UNION ALL
SELECT b, a FROM found;

IF EXISTS (SELECT 1 FROM rivals) THEN
  INSERT INTO shares (hmac, node_id, who, part)
  WITH
    disputed AS (
      SELECT w.hmac, w.who
      FROM whos AS w
      WHERE w.hmac IN (
        SELECT l.hmac
        FROM whos AS l
        JOIN rivals AS v ON v.who = l.who
        JOIN whos AS r ON r.hmac = l.hmac AND r.who = v.rival
      )
    ),
    fitting AS (
      SELECT l.hmac, l.who, r.who AS other
      FROM disputed AS l
      JOIN disputed AS r ON r.hmac = l.hmac AND r.who != l.who
      LEFT JOIN rivals AS v ON v.who = l.who AND v.rival = r.who
      WHERE v.who IS NULL
    ),
    ambiguous AS (
      SELECT DISTINCT f.hmac, f.who
      FROM fitting AS f
      JOIN rivals AS v ON v.who = f.other
      JOIN fitting AS g ON g.hmac = f.hmac AND g.who = f.who AND g.other = v.rival
    ),
    parts AS (
      SELECT d.hmac, d.who, LEAST(d.who, IFNULL(MIN(IF(o.who IS NULL, f.other, NULL)), d.who)) AS part
      FROM disputed AS d
      LEFT JOIN ambiguous AS a ON a.hmac = d.hmac AND a.who = d.who
      LEFT JOIN fitting AS f ON f.hmac = d.hmac AND f.who = d.who
      LEFT JOIN ambiguous AS o ON o.hmac = f.hmac AND o.who = f.other
      WHERE a.who IS NULL
      GROUP BY d.hmac, d.who
    )
  SELECT s.hmac, s.node_id, s.who, p.part
  FROM sayings AS s
  JOIN disputed AS d ON d.hmac = s.hmac AND d.who = s.who
  LEFT JOIN parts AS p ON p.hmac = s.hmac AND p.who = s.who;
END IF;`;
}

/**
 * From `shares` and `withheld` to `refused(node_a, node_b, hmac, reason)`: the smallest carrier of an identifier beside the
 * smallest of each other part, and each that fits several.
 * @returns {string}
 */
function refusals() {
  return `
CREATE OR REPLACE TEMP TABLE refused (node_a STRING, node_b STRING, hmac STRING, reason STRING);

IF EXISTS (SELECT 1 FROM shares) THEN
  INSERT INTO refused (node_a, node_b, hmac, reason)
  WITH
    -- Who could be several people's because of somebody erased is told as before; who was not told of before is not now.
    told AS (
      SELECT s.hmac, s.node_id, s.who, IF(w.hmac IS NULL, s.part, NULL) AS part
      FROM shares AS s
      LEFT JOIN withheld AS w ON w.hmac = s.hmac AND w.node_id = s.node_id
      WHERE w.hmac IS NULL OR w.is_refused
    ),
    firsts AS (
      SELECT hmac, part IS NULL AS is_ambiguous, MIN(node_id) AS node_id
      FROM told
      GROUP BY hmac, IFNULL(part, who), part IS NULL
    ),
    beside AS (
      SELECT
        hmac,
        node_id,
        is_ambiguous,
        FIRST_VALUE(node_id) OVER (PARTITION BY hmac ORDER BY node_id) AS hub,
        FIRST_VALUE(is_ambiguous) OVER (PARTITION BY hmac ORDER BY node_id) AS is_hub_ambiguous
      FROM firsts
    )
  SELECT b.hub, b.node_id, b.hmac, IF(b.is_ambiguous OR b.is_hub_ambiguous, "${AMBIGUOUS}", "${APART}")
  FROM beside AS b
  WHERE b.node_id != b.hub;
END IF;`;
}

module.exports = { APART, AMBIGUOUS, bearers, shares, refusals };
