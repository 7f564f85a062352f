// @ts-check
/**
 * Groups joined by weighted edges under claims. Two groups that hold different values of one claim are two people: they never
 * merge, whatever joins them. Nothing depends on the order of rows.
 *
 * Both modes go in rounds over the live edges: those between two groups that may still merge. In each round every group picks
 * its best live edge, some picks become merges, and what remains is contracted onto the merged groups. A round costs what its
 * live edges cost. As the best edge of all is always its two groups' pick, each round merges something, so the rounds end.
 *
 * **strongest** gives what the sequential rule gives: take the edges from the strongest to the weakest (ties: the smaller
 * labels) and refuse those that would bring clashing claims together. A group hooks onto its pick when that is picked back, or
 * when it holds no claim that the other lacks. Why that is the same:
 *
 * 1. Picks strengthen along a chain of hooks, so hooks form a forest, but for the two that pick each other. A hooked group adds
 *    no claims, so a tree's claims are those of its root, or of the two that picked each other.
 * 2. By induction over the rounds, when the sequential rule comes to a live edge of a group, it has joined that edge's end to the
 *    group's root, and the root's part holds the group's claims: every hook on the way is stronger than any edge that remained
 *    for the group below it.
 * 3. Therefore an edge dropped for a clash is refused by the sequential rule too.
 * 4. And a hook is taken by it: by 3 nothing stronger has left the hooking group, so its part holds no claims but the group's
 *    own. Those are all held by the other part (2), which is free of clashes; or both parts lie inside two groups that may merge.
 *
 * A star of groups without claims, or with the same ones, merges in two rounds; without clashes rounds are at most log2 of the
 * groups. Only groups that hold claims which their best neighbours lack can take longer: one round for each in the worst case.
 *
 * **average** merges the pairs that pick each other, as long as the average weight of the pairs between them reaches the
 * threshold. An average of merged pairs never exceeds the better one of them. So this is the sequential rule "the best pair
 * first" too, and a group without a single edge that reaches the threshold is done. Where averages tie, the sequential rule
 * may go several ways, and this is one of them:
 *
 * 1. An edge is *tied* that is as good as the best of both its groups. Groups with the same tied neighbours, themselves
 *    included, are twins: every two of them are tied, all equally well, and may merge. They merge all in one round.
 * 2. For a merge of two of them averages two equal weights towards every other twin, so that it stays tied with it, and
 *    cannot get a better edge to anybody else. One merge after another, each joins two groups that are each other's best.
 * 3. Of the others every group picks a tied edge by lot, and those merge that pick each other: of many that tie with many about
 *    a quarter of the groups, as a lot is the best of both its ends' by chance. Without ties twins are just the pairs that pick
 *    each other.
 *
 * So any number of groups that are all equally alike merge in one round, whether or not some of them clash with the same others,
 * and where many tie in any other way rounds follow the logarithm of their number.
 */

/**
 * @typedef {object} Linkage
 * @property {string} edges a table (a INT64, b INT64, weight_sum FLOAT64, pair_count INT64): a < b, one row per pair of groups;
 *   the sum of the weights of that many pairs between them ("strongest": the weight of the one that counts)
 * @property {string} claims a table (grp INT64, claim_key STRING, claim_value STRING). Only claims that another group of the
 *   component may contradict matter; leaving out the others saves rounds
 * @property {string} into the temporary table to make: (grp INT64, root INT64), one row per group of `edges`. The root is the
 *   smallest group merged with it. The names of working tables begin with it
 * @property {"strongest" | "average"} mode
 * @property {number} [threshold] the least average weight; "average" only
 * @property {string} [names] a table (grp INT64, name STRING): what a group is called whatever else is in `edges`. It decides
 *   among equals; "average" only
 */

/** Averages are of whole millionths: a sum of fractions would depend on the order of rows. */
const UNITS = 1e6;

/** A weight in whole millionths. @param {string} weight as SQL */
const units = (weight) => `CAST(ROUND(${weight} * ${UNITS}) AS INT64)`;

/**
 * Live edges out of `candidates`(a, b, ...): those between groups whose claims do not clash. What clashes now clashes for
 * ever, as a group's claims only add up.
 * @param {string} into @param {string} candidates a query
 */
const admissible = (into, candidates) => `
WITH
  candidates AS (${candidates}
  ),
  clashes AS (
    SELECT DISTINCT c.a, c.b
    FROM candidates AS c
    JOIN ${into}_held AS l ON l.grp = c.a
    JOIN ${into}_held AS r ON r.grp = c.b AND r.claim_key = l.claim_key
    WHERE r.claim_value != l.claim_value
  ),
  admissible AS (
    SELECT c.*
    FROM candidates AS c
    WHERE NOT EXISTS (SELECT 1 FROM clashes AS x WHERE x.a = c.a AND x.b = c.b)
  )`;

/** The live edges between the groups as this round's hooks merged them. @param {string} into @param {string} carried columns */
const contracted = (into, carried) => `
    SELECT LEAST(a, b) AS a, GREATEST(a, b) AS b, ${carried}
    FROM (
      SELECT IFNULL(p.parent, e.a) AS a, IFNULL(q.parent, e.b) AS b, ${carried}
      FROM ${into}_live AS e
      LEFT JOIN ${into}_hooks AS p ON p.grp = e.a
      LEFT JOIN ${into}_hooks AS q ON q.grp = e.b
    ) AS e
    WHERE a != b`;

/** Each group's best live edge. @param {string} into @param {string} carried columns @param {string} order */
const picks = (into, carried, order) => `
CREATE OR REPLACE TEMP TABLE ${into}_picks AS
SELECT grp, other
FROM (
  SELECT a AS grp, b AS other, ${carried} FROM ${into}_live
  UNION ALL
  SELECT b AS grp, a AS other, ${carried} FROM ${into}_live
) AS e
WHERE TRUE
QUALIFY ROW_NUMBER() OVER (PARTITION BY grp ORDER BY ${order}) = 1;`;

/**
 * Statements that follow the parents of `table`(grp, parent) until all are roots. The table is a forest without rows for roots.
 * @param {string} table
 */
const jumps = (table) => `
WHILE EXISTS (SELECT 1 FROM ${table} AS c JOIN ${table} AS p ON p.grp = c.parent) DO
  CREATE OR REPLACE TEMP TABLE ${table} AS
  SELECT c.grp, IFNULL(p.parent, c.parent) AS parent
  FROM ${table} AS c
  LEFT JOIN ${table} AS p ON p.grp = c.parent;
END WHILE;`;

/**
 * Statements that make `tied`, the live edges that are as good as the best of both their groups, and `twins`, the groups that tie
 * with the same others, with the smallest of them.
 * @param {string} into
 */
const ties = (into) => `
CREATE OR REPLACE TEMP TABLE ${into}_tied AS
WITH
  best AS (
    SELECT grp, MAX(average) AS average
    FROM (
      SELECT a AS grp, weight / pairs AS average FROM ${into}_live
      UNION ALL
      SELECT b, weight / pairs FROM ${into}_live
    ) AS e
    GROUP BY grp
  )
SELECT e.a, e.b
FROM ${into}_live AS e
JOIN best AS l ON l.grp = e.a AND l.average = e.weight / e.pairs
JOIN best AS r ON r.grp = e.b AND r.average = e.weight / e.pairs;

CREATE OR REPLACE TEMP TABLE ${into}_twins AS
WITH
  circles AS (
    SELECT grp, MD5(STRING_AGG(CAST(other AS STRING), ',' ORDER BY other)) AS circle
    FROM (
      SELECT a AS grp, b AS other FROM ${into}_tied
      UNION ALL
      SELECT b, a FROM ${into}_tied
      UNION ALL
      SELECT grp, grp FROM (SELECT a AS grp FROM ${into}_tied UNION DISTINCT SELECT b FROM ${into}_tied)
    ) AS e
    GROUP BY grp
  )
SELECT c.grp, MIN(c.grp) OVER (PARTITION BY c.circle) AS first
FROM circles AS c
WHERE TRUE
QUALIFY COUNT(*) OVER (PARTITION BY c.circle) > 1;`;

/**
 * How a mode makes live edges of an input, what a round hooks, and how live edges are contracted. Weights carry the labels of
 * their edge, or the count of their pairs, so that no two edges of a group are equal in the order of picking.
 * @type {Record<Linkage["mode"], (linkage: Linkage) => { start: string, hook: string, contract: string }>}
 */
const MODES = {
  strongest: ({ edges, into }) => {
    const carried = "weight, first_a, first_b";
    const order = "weight DESC, first_a, first_b";
    return {
      start: `${admissible(into, `SELECT a, b, weight_sum AS weight, a AS first_a, b AS first_b FROM ${edges}`)}
SELECT * FROM admissible`,
      hook: `${picks(into, carried, order)}
CREATE OR REPLACE TEMP TABLE ${into}_hooks AS
WITH
  -- Groups that would add a claim to the group they picked: as the two do not clash, one key is one value.
  adding AS (
    SELECT DISTINCT p.grp
    FROM ${into}_picks AS p
    JOIN ${into}_held AS h ON h.grp = p.grp
    LEFT JOIN ${into}_held AS o ON o.grp = p.other AND o.claim_key = h.claim_key
    WHERE o.grp IS NULL
  )
SELECT p.grp, p.other AS parent
FROM ${into}_picks AS p
JOIN ${into}_picks AS q ON q.grp = p.other
LEFT JOIN adding AS n ON n.grp = p.grp
WHERE IF(q.other = p.grp, p.grp > p.other, n.grp IS NULL);
${jumps(`${into}_hooks`)}`,
      contract: `${admissible(
        into,
        `${contracted(into, carried)}
    QUALIFY ROW_NUMBER() OVER (PARTITION BY LEAST(a, b), GREATEST(a, b) ORDER BY ${order}) = 1`,
      )}
SELECT * FROM admissible`,
    };
  },

  average: ({ edges, into, threshold, names }) => {
    if (threshold === undefined || !Number.isFinite(threshold)) throw new Error("linkage by average needs a threshold");
    if (names === undefined) throw new Error("linkage by average needs names");
    const carried = "weight, pairs";
    // A weak edge between two groups that each merge with somebody still counts: it lowers averages to come.
    const hopeful = `,
  hopeful AS (
    SELECT a AS grp, b AS other FROM admissible WHERE weight / pairs >= ${Math.round(threshold * UNITS)}
  ),
  merging AS (
    SELECT grp FROM hopeful
    UNION DISTINCT
    SELECT other FROM hopeful
  )
SELECT * FROM admissible WHERE a IN (SELECT grp FROM merging) AND b IN (SELECT grp FROM merging)`;
    return {
      start: `${admissible(
        into,
        `SELECT a, b, ${units("weight_sum")} AS weight, pair_count AS pairs FROM ${edges}`,
      )}${hopeful}`,
      hook: `${ties(into)}
CREATE OR REPLACE TEMP TABLE ${into}_hooks AS
WITH
  -- Drawn by lot, so that of many that tie many find each other. A lot depends on the two groups only: who comes or goes
  -- beside them changes nothing.
  lots AS (
    SELECT t.a, t.b, MD5(CONCAT(LEAST(l.name, r.name), '|', GREATEST(l.name, r.name))) AS lot
    FROM ${into}_tied AS t
    JOIN ${names} AS l ON l.grp = t.a
    JOIN ${names} AS r ON r.grp = t.b
    WHERE t.a NOT IN (SELECT grp FROM ${into}_twins) AND t.b NOT IN (SELECT grp FROM ${into}_twins)
  ),
  picks AS (
    SELECT grp, other
    FROM (SELECT a AS grp, b AS other, lot FROM lots UNION ALL SELECT b, a, lot FROM lots) AS l
    WHERE TRUE
    QUALIFY ROW_NUMBER() OVER (PARTITION BY grp ORDER BY lot, LEAST(grp, other), GREATEST(grp, other)) = 1
  )
SELECT t.grp, t.first AS parent
FROM ${into}_twins AS t
WHERE t.grp != t.first
UNION ALL
SELECT p.grp, p.other
FROM picks AS p
JOIN picks AS q ON q.grp = p.other AND q.other = p.grp
WHERE p.grp > p.other;`,
      contract: `${admissible(
        into,
        `
    SELECT a, b, SUM(weight) AS weight, SUM(pairs) AS pairs
    FROM (${contracted(into, carried)}
    ) AS e
    GROUP BY a, b`,
      )}${hopeful}`,
    };
  },
};

/**
 * The statements that make `into` of `edges` and `claims`, for a script.
 * @param {Linkage} linkage
 * @returns {string}
 */
function merge(linkage) {
  const { edges, claims, into, mode } = linkage;
  const { start, hook, contract } = MODES[mode](linkage);
  return `
CREATE OR REPLACE TEMP TABLE ${into}_steps (grp INT64, parent INT64);

CREATE OR REPLACE TEMP TABLE ${into}_held AS
SELECT DISTINCT c.grp, c.claim_key, c.claim_value FROM ${claims} AS c;

CREATE OR REPLACE TEMP TABLE ${into}_live AS ${start};

WHILE EXISTS (SELECT 1 FROM ${into}_live) DO
${hook}

INSERT INTO ${into}_steps (grp, parent) SELECT grp, parent FROM ${into}_hooks;

CREATE OR REPLACE TEMP TABLE ${into}_held AS
SELECT DISTINCT IFNULL(k.parent, h.grp) AS grp, h.claim_key, h.claim_value
FROM ${into}_held AS h
LEFT JOIN ${into}_hooks AS k ON k.grp = h.grp
WHERE h.grp IN (SELECT a FROM ${into}_live UNION ALL SELECT b FROM ${into}_live);

CREATE OR REPLACE TEMP TABLE ${into}_live AS ${contract};
END WHILE;
${jumps(`${into}_steps`)}

CREATE OR REPLACE TEMP TABLE ${into} AS
SELECT g.grp, MIN(g.grp) OVER (PARTITION BY IFNULL(s.parent, g.grp)) AS root
FROM (SELECT a AS grp FROM ${edges} UNION DISTINCT SELECT b FROM ${edges}) AS g
LEFT JOIN ${into}_steps AS s ON s.grp = g.grp;`;
}

module.exports = { UNITS, units, merge };
