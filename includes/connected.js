// @ts-check
/**
 * Connected components, as a loop of statements. In each round every node hooks to its smallest neighbour; the hooks form
 * a forest once each 2-cycle is broken at its smaller end (on any longer cycle two neighbours of a node would each have to
 * be its smallest); jumps take every node to its root; what still joins two roots is the next round's graph (Boruvka).
 * Every root with a link hooks, so roots at least halve: n nodes need at most log2(n) rounds, of at most log2(n) jumps.
 */

/** Enough for 2^40 nodes. */
const ROUNDS = 40;

/**
 * @typedef {object} Graph
 * @property {string} nodes a table or subquery with (node INT64), each node once
 * @property {string} links a table (u INT64, v INT64) between these nodes, in any direction, as often as it likes
 * @property {string} into the temporary table to make: (node INT64, root INT64), one row per node; a root is one of its
 *   component's nodes. The names of working tables begin with it; what no round joined stays in `<into>_links`
 */

/**
 * The statements that make `into`, for a script. Labels are INT64 because strings make each join three times slower.
 * @param {Graph} graph
 * @returns {string}
 */
function components({ nodes, links, into }) {
  return `
CREATE OR REPLACE TEMP TABLE ${into} AS SELECT n.node, n.node AS root FROM ${nodes} AS n;

CREATE OR REPLACE TEMP TABLE ${into}_links AS SELECT l.u, l.v FROM ${links} AS l WHERE l.u != l.v;

FOR round IN (SELECT number FROM UNNEST(GENERATE_ARRAY(1, ${ROUNDS})) AS number) DO
  IF NOT EXISTS (SELECT 1 FROM ${into}_links) THEN BREAK; END IF;

  CREATE OR REPLACE TEMP TABLE ${into}_hooks AS
  SELECT node, MIN(other) AS parent
  FROM (SELECT u AS node, v AS other FROM ${into}_links UNION ALL SELECT v, u FROM ${into}_links)
  GROUP BY node;

  CREATE OR REPLACE TEMP TABLE ${into}_parents AS
  SELECT h.node, IF(p.parent = h.node AND h.node < h.parent, h.node, h.parent) AS parent, TRUE AS has_moved
  FROM ${into}_hooks AS h
  JOIN ${into}_hooks AS p ON p.node = h.parent;

  WHILE EXISTS (SELECT 1 FROM ${into}_parents WHERE has_moved) DO
    CREATE OR REPLACE TEMP TABLE ${into}_parents AS
    SELECT h.node, p.parent, p.parent != h.parent AS has_moved
    FROM ${into}_parents AS h
    JOIN ${into}_parents AS p ON p.node = h.parent;
  END WHILE;

  CREATE OR REPLACE TEMP TABLE ${into}_links AS
  SELECT DISTINCT LEAST(a.parent, b.parent) AS u, GREATEST(a.parent, b.parent) AS v
  FROM ${into}_links AS l
  JOIN ${into}_parents AS a ON a.node = l.u
  JOIN ${into}_parents AS b ON b.node = l.v
  WHERE a.parent != b.parent;

  CREATE OR REPLACE TEMP TABLE ${into} AS
  SELECT r.node, IFNULL(p.parent, r.root) AS root
  FROM ${into} AS r
  LEFT JOIN ${into}_parents AS p ON p.node = r.root;
END FOR;`;
}

module.exports = { components };
