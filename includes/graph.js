// @ts-check
/**
 * The identity graph's names and its connected components.
 */

/** @type {{ node_limit: number, types: Record<string, { kind: "person" | "contact" | "device", limits: Record<string, number> }> }} */
const identifiers = require("./identifiers.json");
/** @type {{ words: string[], mailboxes: string[], any: string[], types: Record<string, string[]> }} */
const blocked = require("./blocked_values.json");

/** Each round at least halves the clusters still to join; graphs of people need three. What is left waits a cycle. */
const ROUNDS = 4;
/** Pointer jumps in a round: a chain of 2^JUMPS hooks collapses at once. */
const JUMPS = 3;

/** Whether a text matches one of the patterns, in any case. @param {string} text as SQL @param {readonly string[]} patterns */
const matchesOne = (text, patterns) => `REGEXP_CONTAINS(${text}, r'''(?i)${patterns.join("|")}''')`;
/** Letters and digits only. @param {string} text as SQL */
const bare = (text) => `REGEXP_REPLACE(${text}, r'[^\\p{L}\\p{N}]', '')`;

/**
 * The source identity an identifier gives a source: 32 hex characters that do not tell the identifier.
 * @param {string} source website, mobile, salesforce, email or whatsapp
 * @param {string} hmac the owner's hmac, as SQL
 * @returns {string}
 */
function nodeId(source, hmac) {
  return nodeIdOf(`'${source}'`, hmac);
}

/**
 * The same where the source is a column.
 * @param {string} source as SQL
 * @param {string} hmac as SQL
 * @returns {string}
 */
function nodeIdOf(source, hmac) {
  return `SUBSTR(TO_HEX(SHA256(CONCAT(${source}, '|', ${hmac}))), 1, 32)`;
}

/**
 * The profile id a node is born with.
 * @param {string} node a node id, as SQL
 * @returns {string}
 */
function birthId(node) {
  return `CONCAT('p_', SUBSTR(${node}, 1, 22))`;
}

/**
 * Whether an identifier's value identifies nobody ("unknown", info@, +100000000). A blocked value never owns a node:
 * otherwise everybody who was ever called "unknown" would share one.
 * @param {string} identifier a STRUCT with type and value, as SQL
 * @returns {string}
 */
function isBlocked(identifier) {
  const value = `LOWER(${identifier}.value)`;
  const mailbox = `REGEXP_EXTRACT(${value}, r'^(.?[^@+]*)')`;
  // "email:info", "phone:4915", ":unknown". The classes of letters make `bare` slow to prepare, so it stands here once.
  const kind = `IF(${identifier}.type IN ('email', 'phone'), ${identifier}.type, '')`;
  const text = `CONCAT(${kind}, ':', ${bare(`IF(${identifier}.type = 'email', ${mailbox}, ${value})`)})`;
  const words = blocked.words.join("|");
  const conditions = [
    `REGEXP_CONTAINS(${text}, r'^(email:(|${words}|${blocked.mailboxes.join("|")})|phone:0*|:(0*|${words}))$')`,
    matchesOne(`${identifier}.value`, blocked.any),
    ...Object.entries(blocked.types).map(
      ([type, patterns]) => `(${identifier}.type = '${type}' AND ${matchesOne(`${identifier}.value`, patterns)})`,
    ),
  ];
  return `IFNULL(${conditions.join(" OR ")}, FALSE)`;
}

/**
 * Whether an identifier can own a node.
 * @param {string} identifier a STRUCT of bronze's `identifiers`, as SQL
 * @returns {string}
 */
function canOwn(identifier) {
  return `${identifier}.role = 'own' AND NOT ${isBlocked(identifier)}`;
}

/** @param {string} type as SQL @param {"person" | "device"} kind */
function isOfKind(type, kind) {
  const types = Object.keys(identifiers.types).filter((each) => identifiers.types[each]?.kind === kind);
  return `${type} IN (${types.map((each) => `'${each}'`).join(", ")})`;
}

/**
 * Whether an identifier of this type alone could match its node with another of the same person: whatever is no device.
 * @param {string} type as SQL
 * @returns {string}
 */
function isStrong(type) {
  return `NOT ${isOfKind(type, "device")}`;
}

/**
 * Whether an identifier of this type is a number that names a person.
 * @param {string} type as SQL
 * @returns {string}
 */
function isPersonal(type) {
  return isOfKind(type, "person");
}

/**
 * The limits as rows: an identifier of `type` whose nodes carry more than `value_limit` values of `limited_type` is
 * generic.
 * @returns {string}
 */
function limits() {
  const rows = Object.entries(identifiers.types).flatMap(([type, { limits: byType }]) =>
    Object.entries(byType).map(([limited, count]) => `('${type}', '${limited}', ${count})`),
  );
  return `UNNEST(ARRAY<STRUCT<type STRING, limited_type STRING, value_limit INT64>>[${rows.join(", ")}])`;
}

/** How many nodes may carry one identifier before it is generic whatever else it looks like. */
const nodeLimit = identifiers.node_limit;

/**
 * One round of hooking and contraction over `links_<k - 1>(u, v)` (distinct, u < v), as statements that make
 * `links_<k>` and `roots_<k>`. Every node hooks to its smallest neighbour; the hooks form a forest once each 2-cycle is
 * broken at its smaller end; jumps shorten the paths; what still joins two roots is the next round's graph. Roots are
 * always in their node's component, so stopping early leaves links over but joins nobody wrongly.
 * @param {number} k
 * @returns {string}
 */
function round(k) {
  const links = `links_${k - 1}`;
  const jumps = Array.from(
    { length: JUMPS },
    (_, j) => `
CREATE TEMP TABLE parents_${k}_${j + 1} AS
SELECT a.node, b.parent FROM parents_${k}_${j} AS a JOIN parents_${k}_${j} AS b ON b.node = a.parent;`,
  );
  const parents = `parents_${k}_${JUMPS}`;
  return `
CREATE TEMP TABLE nearest_${k} AS
SELECT node, MIN(other) AS parent
FROM (SELECT u AS node, v AS other FROM ${links} UNION ALL SELECT v, u FROM ${links})
GROUP BY node;

CREATE TEMP TABLE parents_${k}_0 AS
SELECT a.node, IF(b.parent = a.node AND a.node < a.parent, a.node, a.parent) AS parent
FROM nearest_${k} AS a
JOIN nearest_${k} AS b ON b.node = a.parent;
${jumps.join("\n")}

CREATE TEMP TABLE links_${k} AS
SELECT DISTINCT LEAST(a.parent, b.parent) AS u, GREATEST(a.parent, b.parent) AS v
FROM ${links} AS l
JOIN ${parents} AS a ON a.node = l.u
JOIN ${parents} AS b ON b.node = l.v
WHERE a.parent != b.parent;

CREATE TEMP TABLE roots_${k} AS
SELECT r.node, IFNULL(p.parent, r.root) AS root
FROM roots_${k - 1} AS r
LEFT JOIN ${parents} AS p ON p.node = r.root;`;
}

/**
 * All rounds: from `links_0(u, v)` and `roots_0(node, root)` to `components(node, root)` and `leftover_links(u, v)`.
 * @returns {string}
 */
function components() {
  const rounds = Array.from({ length: ROUNDS }, (_, k) => round(k + 1)).join("\n");
  return `${rounds}

CREATE TEMP TABLE components AS SELECT node, root FROM roots_${ROUNDS};
CREATE TEMP TABLE leftover_links AS SELECT u, v FROM links_${ROUNDS};`;
}

module.exports = {
  nodeId,
  nodeIdOf,
  birthId,
  isBlocked,
  canOwn,
  isStrong,
  isPersonal,
  limits,
  nodeLimit,
  components,
};
