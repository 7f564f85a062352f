// @ts-check
/**
 * From links to people: components, cut where claims clash, joined where descriptions agree. Statements for
 * identity.resolve, over its temporary tables. Each is computed from nothing for the components at hand, so that neither
 * order nor batching shows in what comes out.
 */

const connected = require("./connected.js");
const linkage = require("./linkage.js");
const match = require("./match.js");
const graph = require("./graph.js");

/** @typedef {import("./claims.js").Ref} Ref */

/** Why a link is refused that would bring clashing claims together. */
const EXCLUSIVE = "would join two people's own numbers";
const DECIDED = "an operator keeps them apart";

/** Devices tie less than any identifier. */
const LAST = 100;

/** A component of too many descriptions is taken apart by this much more weight at a time. */
const STEP = 4;

/**
 * From `members`, `bonds`, `device_ties`, `ties` and `held` to `parties(node, party)`: who is one by identifiers alone.
 * Components, and in those whose claims clash the strongest links first: an operator's, then by the kind of identifier,
 * then the latest.
 * @returns {string}
 */
function parties() {
  return `
CREATE OR REPLACE TEMP TABLE links AS
SELECT MIN(b.node) OVER (PARTITION BY b.hmac, b.part) AS u, b.node AS v FROM bonds AS b
UNION ALL
SELECT d.a, d.b FROM device_ties AS d
UNION ALL
SELECT t.a, t.b FROM ties AS t WHERE t.kind = 'link';
${connected.components({ nodes: "members", links: "links", into: "linked" })}

CREATE OR REPLACE TEMP TABLE contested AS
SELECT root, claim_key
FROM (
  SELECT l.root, h.claim_key, h.claim_value
  FROM held AS h
  JOIN linked AS l ON l.node = h.grp
)
GROUP BY root, claim_key
HAVING COUNT(DISTINCT claim_value) > 1;

CREATE OR REPLACE TEMP TABLE parties AS SELECT l.node, l.root AS party FROM linked AS l;

IF EXISTS (SELECT 1 FROM contested) THEN
  CREATE OR REPLACE TEMP TABLE torn AS
  SELECT l.node FROM linked AS l WHERE l.root IN (SELECT root FROM contested);

  -- Every pair, not stars: which of them hold is the question.
  CREATE OR REPLACE TEMP TABLE strands AS
  WITH
    pairs AS (
      SELECT t.a, t.b, 0 AS strength, t.decided_at AS tied_at FROM ties AS t WHERE t.kind = 'link'
      UNION ALL
      SELECT l.node, r.node, ${graph.strength("l.type")}, GREATEST(l.first_ingested_at, r.first_ingested_at)
      FROM torn AS t
      JOIN bonds AS l ON l.node = t.node
      JOIN bonds AS r ON r.hmac = l.hmac AND r.part = l.part AND r.node > l.node
      UNION ALL
      SELECT d.a, d.b, ${LAST}, d.tied_at FROM device_ties AS d
    ),
    best AS (
      SELECT p.a, p.b, p.strength, p.tied_at
      FROM pairs AS p
      WHERE p.a IN (SELECT node FROM torn)
      QUALIFY ROW_NUMBER() OVER (PARTITION BY p.a, p.b ORDER BY p.strength, p.tied_at DESC) = 1
    )
  SELECT
    b.a,
    b.b,
    CAST(-ROW_NUMBER() OVER (ORDER BY b.strength, b.tied_at DESC, b.a, b.b) AS FLOAT64) AS weight_sum,
    1 AS pair_count
  FROM best AS b;

  CREATE OR REPLACE TEMP TABLE torn_claims AS
  SELECT h.grp, h.claim_key, h.claim_value
  FROM held AS h
  JOIN linked AS l ON l.node = h.grp
  JOIN contested AS c ON c.root = l.root AND c.claim_key = h.claim_key;
  ${linkage.merge({ edges: "strands", claims: "torn_claims", into: "cut_parties", mode: "strongest" })}

  CREATE OR REPLACE TEMP TABLE parties AS
  SELECT l.node, IFNULL(c.root, l.root) AS party
  FROM linked AS l
  LEFT JOIN cut_parties AS c ON c.grp = l.node;
END IF;`;
}

/**
 * Links between parties that share candidate descriptions: stars again.
 * @param {string} told a table (party, description_id) @param {string} candidates a table (a, b)
 */
const candidateLinks = (told, candidates) => `
WITH
  hubs AS (SELECT description_id, MIN(party) AS hub FROM ${told} GROUP BY description_id)
SELECT h.hub AS u, t.party AS v
FROM ${told} AS t
JOIN hubs AS h ON h.description_id = t.description_id
WHERE h.hub != t.party AND t.description_id IN (SELECT a FROM ${candidates} UNION DISTINCT SELECT b FROM ${candidates})
UNION ALL
SELECT l.hub, r.hub
FROM ${candidates} AS c
JOIN hubs AS l ON l.description_id = c.a
JOIN hubs AS r ON r.description_id = c.b
WHERE l.hub != r.hub`;

/**
 * From `told_by`, `candidates`, `blocks` and `party_claims` to `echoes(party, first, description_id)`: parties that say the very
 * same and no more, which is enough to tell a person by, and claim the same. They are one, and the smallest stands for all in what
 * follows: comparing a thousand of them costs what one does.
 */
const ECHOES = `
CREATE OR REPLACE TEMP TABLE echoes AS
WITH
  told_once AS (
    SELECT t.party, MIN(t.description_id) AS description_id
    FROM told_by AS t
    WHERE t.party IN (SELECT node FROM blocks)
    GROUP BY t.party
    HAVING COUNT(*) = 1
  ),
  signatures AS (
    SELECT c.grp, STRING_AGG(CONCAT(c.claim_key, '=', c.claim_value), '&' ORDER BY c.claim_key) AS signature
    FROM party_claims AS c
    GROUP BY c.grp
  ),
  telling AS (
    SELECT o.party, o.description_id, IFNULL(s.signature, '') AS signature
    FROM told_once AS o
    JOIN candidates AS c ON c.a = o.description_id AND c.b = o.description_id
    LEFT JOIN signatures AS s ON s.grp = o.party
    WHERE c.weight >= ${match.thresholds().tau}
  )
SELECT t.party, MIN(t.party) OVER (PARTITION BY t.description_id, t.signature) AS first, t.description_id
FROM telling AS t
WHERE TRUE
QUALIFY COUNT(*) OVER (PARTITION BY t.description_id, t.signature) > 1;`;

/**
 * The blocks of more than one party that say too much to compare each with each. What counts is every party's every description.
 */
const CROWDED = `
SELECT b.node, b.root
FROM blocks AS b
WHERE b.root IN (
  SELECT x.root
  FROM blocks AS x
  JOIN told_by AS t ON t.party = x.node
  GROUP BY x.root
  HAVING COUNT(*) > ${match.SUSPECT_CAP} AND COUNT(DISTINCT x.node) > 1
)`;

/**
 * From `parties` and `members` to `people(node, whole, person)`: `whole` is the component before anything took it apart,
 * `person` who is one in the end. Within a component every description is compared with every other, and parties merge
 * while the average of what lies between them suffices: one bridge of a shared surname joins nobody. Leaves
 * `nearness(a, b, weight, pair_count)`, the average between people of one component.
 * @param {Ref} ref
 * @returns {string}
 */
function people(ref) {
  const descriptions = ref("identity", "descriptions");
  return `
CREATE OR REPLACE TEMP TABLE told_by AS
SELECT DISTINCT p.party, m.description_id
FROM parties AS p
JOIN members AS m ON m.node = p.node
WHERE m.description_id IS NOT NULL;

CREATE OR REPLACE TEMP TABLE candidates AS
SELECT p.a, p.b, p.weight
FROM ${ref("identity", "description_pairs")} AS p
WHERE p.a IN (SELECT description_id FROM told_by) AND p.b IN (SELECT description_id FROM told_by)
  AND p.weight >= ${match.thresholds().base};

CREATE OR REPLACE TEMP TABLE blocks (node INT64, root INT64);
CREATE OR REPLACE TEMP TABLE wholes (node INT64, root INT64);
CREATE OR REPLACE TEMP TABLE scores (a STRING, b STRING, weight FLOAT64);
CREATE OR REPLACE TEMP TABLE echoes (party INT64, first INT64, description_id STRING);
CREATE OR REPLACE TEMP TABLE joined (grp INT64, root INT64);
CREATE OR REPLACE TEMP TABLE nearness (a INT64, b INT64, weight FLOAT64, pair_count INT64);

IF EXISTS (SELECT 1 FROM candidates) THEN
  CREATE OR REPLACE TEMP TABLE candidate_links AS ${candidateLinks("told_by", "candidates")};
  ${connected.components({
    nodes: "(SELECT u AS node FROM candidate_links UNION DISTINCT SELECT v FROM candidate_links)",
    links: "candidate_links",
    into: "blocks",
  })}
END IF;

-- Parties that were cut from one another are of one whole all the same.
IF EXISTS (SELECT 1 FROM contested) THEN
  CREATE OR REPLACE TEMP TABLE whole_links AS
  SELECT MIN(p.party) OVER (PARTITION BY l.root) AS u, p.party AS v
  FROM parties AS p
  JOIN linked AS l ON l.node = p.node
  WHERE l.root IN (SELECT root FROM contested)
  UNION ALL
  SELECT b.node, b.root FROM blocks AS b;
  ${connected.components({
    nodes: "(SELECT u AS node FROM whole_links UNION DISTINCT SELECT v FROM whole_links)",
    links: "whole_links",
    into: "wholes",
  })}
ELSE
  INSERT INTO wholes (node, root) SELECT b.node, b.root FROM blocks AS b;
END IF;

IF EXISTS (SELECT 1 FROM blocks) THEN
  -- What nobody of the block contradicts says nothing. Whom an operator keeps from somebody elsewhere would else depend on who is
  -- looked at together.
  CREATE OR REPLACE TEMP TABLE party_claims AS
  WITH
    claimed AS (
      SELECT DISTINCT b.root, b.node, h.claim_key, h.claim_value
      FROM held AS h
      JOIN parties AS p ON p.node = h.grp
      JOIN blocks AS b ON b.node = p.party
    )
  SELECT c.node AS grp, c.claim_key, c.claim_value
  FROM claimed AS c
  JOIN (
    SELECT root, claim_key FROM claimed GROUP BY root, claim_key HAVING COUNT(DISTINCT claim_value) > 1
  ) AS x ON x.root = c.root AND x.claim_key = c.claim_key;
  ${ECHOES}

  DELETE FROM blocks WHERE node IN (SELECT party FROM echoes WHERE party != first);

  CREATE OR REPLACE TEMP TABLE crowded AS ${CROWDED};

  FOR step IN (SELECT floor FROM UNNEST(GENERATE_ARRAY(${match.thresholds().base + STEP}, ${match.CLIP}, ${STEP})) AS floor ORDER BY floor) DO
    IF NOT EXISTS (SELECT 1 FROM crowded) THEN BREAK; END IF;

    CREATE OR REPLACE TEMP TABLE crowd_told AS
    SELECT t.party, t.description_id FROM told_by AS t WHERE t.party IN (SELECT node FROM crowded);

    CREATE OR REPLACE TEMP TABLE crowd_candidates AS
    SELECT c.a, c.b FROM candidates AS c WHERE c.weight >= step.floor;

    CREATE OR REPLACE TEMP TABLE crowd_links AS ${candidateLinks("crowd_told", "crowd_candidates")};
    ${connected.components({ nodes: "crowded", links: "crowd_links", into: "crowd" })}

    CREATE OR REPLACE TEMP TABLE blocks AS
    SELECT b.node, IFNULL(c.root, b.root) AS root
    FROM blocks AS b
    LEFT JOIN crowd AS c ON c.node = b.node;

    CREATE OR REPLACE TEMP TABLE crowded AS ${CROWDED};
  END FOR;

  CREATE OR REPLACE TEMP TABLE compared AS
  SELECT b.root AS block, t.party, t.description_id, IFNULL(e.party_count, 1) AS party_count
  FROM blocks AS b
  JOIN told_by AS t ON t.party = b.node
  LEFT JOIN (SELECT first, COUNT(*) AS party_count FROM echoes GROUP BY first) AS e ON e.first = b.node
  WHERE b.root NOT IN (SELECT root FROM crowded);

  INSERT INTO scores (a, b, weight)
  WITH
    pairs AS (
      SELECT DISTINCT l.description_id AS a, r.description_id AS b
      FROM compared AS l
      JOIN compared AS r ON r.block = l.block AND r.party != l.party
      WHERE l.description_id <= r.description_id
      UNION DISTINCT
      SELECT e.description_id, e.description_id FROM echoes AS e
    )
  SELECT s.a, s.b, ${match.bounded("s.score")}
  FROM (
    SELECT p.a, p.b, ${match.score("l", "r")} AS score
    FROM pairs AS p
    JOIN ${descriptions} AS l ON l.description_id = p.a
    JOIN ${descriptions} AS r ON r.description_id = p.b
  ) AS s;

  CREATE OR REPLACE TEMP TABLE likenesses AS
  SELECT
    l.party AS a,
    r.party AS b,
    SUM(${linkage.units("s.weight")} * l.party_count * r.party_count) / ${linkage.UNITS} AS weight_sum,
    SUM(l.party_count * r.party_count) AS pair_count
  FROM compared AS l
  JOIN compared AS r ON r.block = l.block AND r.party > l.party
  JOIN scores AS s
    ON s.a = LEAST(l.description_id, r.description_id) AND s.b = GREATEST(l.description_id, r.description_id)
  GROUP BY l.party, r.party;

  CREATE OR REPLACE TEMP TABLE party_names AS
  SELECT b.node AS grp, m.birth_id AS name FROM blocks AS b JOIN members AS m ON m.node = b.node;
  ${linkage.merge({
    edges: "likenesses",
    claims: "party_claims",
    into: "joined",
    mode: "average",
    threshold: match.thresholds().tau,
    names: "party_names",
  })}

  INSERT INTO nearness (a, b, weight, pair_count)
  WITH
    merged AS (
      SELECT LEAST(l.root, r.root) AS a, GREATEST(l.root, r.root) AS b, k.weight_sum, k.pair_count
      FROM likenesses AS k
      JOIN joined AS l ON l.grp = k.a
      JOIN joined AS r ON r.grp = k.b
      WHERE l.root != r.root
    )
  SELECT a, b, SUM(${linkage.units("weight_sum")}) / SUM(pair_count) / ${linkage.UNITS}, SUM(pair_count) FROM merged GROUP BY a, b;
END IF;

CREATE OR REPLACE TEMP TABLE people AS
SELECT p.node, IFNULL(w.root, p.party) AS whole, IFNULL(j.root, IFNULL(e.first, p.party)) AS person
FROM parties AS p
LEFT JOIN wholes AS w ON w.node = p.party
LEFT JOIN echoes AS e ON e.party = p.party
LEFT JOIN joined AS j ON j.grp = IFNULL(e.first, p.party);`;
}

/**
 * From `bonds`, `device_ties`, `people` and `ties` into `refused(node_a, node_b, hmac, reason)`: links whose ends the
 * claims took apart. Of each part of a clique the earliest node, beside the earliest of all.
 * @returns {string}
 */
function refusals() {
  return `
IF EXISTS (SELECT 1 FROM contested) THEN
  INSERT INTO refused (node_a, node_b, hmac, reason)
  WITH
    ends AS (
      SELECT b.hmac, b.part, p.person, MIN(b.node) AS node
      FROM bonds AS b
      JOIN people AS p ON p.node = b.node
      WHERE b.node IN (SELECT node FROM torn)
      GROUP BY b.hmac, b.part, p.person
    ),
    apart AS (
      SELECT MIN(e.node) OVER (PARTITION BY e.hmac, e.part) AS a, e.node AS b, e.hmac FROM ends AS e
      UNION DISTINCT
      SELECT d.a, d.b, d.hmac FROM device_ties AS d
    )
  SELECT
    ma.node_id,
    mb.node_id,
    x.hmac,
    MIN(IF(u.a IS NULL, "${EXCLUSIVE}", "${DECIDED}"))
  FROM apart AS x
  JOIN people AS a ON a.node = x.a
  JOIN people AS b ON b.node = x.b
  JOIN members AS ma ON ma.node = x.a
  JOIN members AS mb ON mb.node = x.b
  LEFT JOIN (
    SELECT LEAST(a.person, b.person) AS a, GREATEST(a.person, b.person) AS b
    FROM ties AS t
    JOIN people AS a ON a.node = t.a
    JOIN people AS b ON b.node = t.b
    WHERE t.kind = 'unlink'
  ) AS u ON u.a = LEAST(a.person, b.person) AND u.b = GREATEST(a.person, b.person)
  WHERE a.person != b.person
  GROUP BY ma.node_id, mb.node_id, x.hmac;
END IF;`;
}

module.exports = { parties, people, refusals };
