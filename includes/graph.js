// @ts-check
/**
 * The identity graph's names: nodes, identifiers, and what may link whom.
 */

/**
 * @typedef {"hour" | "name_and_year"} Bucket
 * @typedef {{ kind: "person" | "contact" | "device", is_exclusive?: true, node_per?: Bucket, pause_days?: number, limits: Record<string, number> }} TypeRules
 * @type {{ node_limit: number, devices: { crowd_people: number, crowd_days: number }, types: Record<string, TypeRules> }}
 */
const identifiers = require("./identifiers.json");
/** @type {{ words: string[], mailboxes: string[], any: string[], types: Record<string, string[]> }} */
const blocked = require("./blocked_values.json");

/** Whether a text matches one of the patterns, in any case. @param {string} text as SQL @param {readonly string[]} patterns */
const matchesOne = (text, patterns) => `REGEXP_CONTAINS(${text}, r'''(?i)${patterns.join("|")}''')`;
/** Letters and digits only. @param {string} text as SQL */
const bare = (text) => `REGEXP_REPLACE(${text}, r'[^\\p{L}\\p{N}]', '')`;

/**
 * The source identity an event belongs to: 32 hex characters that do not tell the identifier. A person's own number gives a
 * source one node for ever. What several people use gives one for each hour (a device) or each year and given name (a
 * mailbox, a phone), so that a classroom's browser or a family's mailbox is never one node with many people's events, which
 * no rule could take apart again. It is made of the event alone: the same in any order and after a full build.
 * @param {string} source website, mobile, salesforce, email or whatsapp
 * @param {string} owner alias of the identifier that owns the event, with `type` and `hmac`
 * @param {string} row alias of the event, with `occurred_at` and `features`
 * @returns {string}
 */
function nodeId(source, owner, row) {
  return nodeIdOf(`'${source}'`, owner, row);
}

/**
 * The same where the source is a column.
 * @param {string} source as SQL
 * @param {string} owner
 * @param {string} row
 * @returns {string}
 */
function nodeIdOf(source, owner, row) {
  const hour = `IFNULL(FORMAT_TIMESTAMP('%Y-%m-%dT%H', ${row}.occurred_at), '')`;
  const year = `IFNULL(FORMAT_TIMESTAMP('%Y', ${row}.occurred_at), '')`;
  const apart = `CASE
      WHEN ${isToldApartBy(`${owner}.type`, "hour")} THEN CONCAT('|', ${hour})
      WHEN ${isToldApartBy(`${owner}.type`, "name_and_year")} THEN CONCAT('|', ${year}, '|', ${givenName(row)})
      ELSE ''
    END`;
  return `SUBSTR(TO_HEX(SHA256(CONCAT(${source}, '|', ${owner}.hmac, ${apart}))), 1, 32)`;
}

/**
 * Whether a contact was given with a mailbox that names another than the person the event is about: loaders tell.
 * @param {string} identifier a STRUCT with type, as SQL
 * @param {string} row alias of the event, with `features`
 * @returns {string}
 */
function isLent(identifier, row) {
  return `(${isContact(`${identifier}.type`)} AND EXISTS (SELECT 1 FROM UNNEST(${row}.features) AS f WHERE f.field = 'contact_of'))`;
}

/** The given name an event tells, folded; empty where it tells none. @param {string} row alias of the event */
function givenName(row) {
  return `IFNULL((SELECT MIN(f.value) FROM UNNEST(${row}.features) AS f WHERE f.field = 'given_name'), '')`;
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
 * What an erased node or profile id is remembered by: enough to know it again, not enough to tell it.
 * @param {string} id as SQL
 * @returns {string}
 */
function tombstone(id) {
  return `TO_HEX(SHA256(CONCAT('erased ', ${id})))`;
}

/**
 * The profile id of a node that came back after it was erased: never one that it had before.
 * @param {string} node a node id, as SQL
 * @param {string} erasedCount how often it was erased, as SQL
 * @returns {string}
 */
function rebirthId(node, erasedCount) {
  return `CONCAT('p_', SUBSTR(TO_HEX(SHA256(CONCAT('again ', ${node}, ' ', CAST(${erasedCount} AS STRING)))), 1, 22))`;
}

/**
 * What nodes may name a profile by: the id each was born with, and those it inherited from nodes that were erased.
 * @param {(dataset: string, table: string) => string} ref
 * @returns {string} a query of node_id, birth_id, first_ingested_at
 */
function births(ref) {
  return `
    SELECT n.node_id, n.birth_id, n.first_ingested_at FROM ${ref("identity", "nodes")} AS n
    UNION ALL
    SELECT i.node_id, i.birth_id, i.first_ingested_at FROM ${ref("identity", "inherited_births")} AS i`;
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

/** @param {string} type as SQL @param {(rules: TypeRules) => boolean} isMeant */
function isOneOf(type, isMeant) {
  const types = Object.entries(identifiers.types).filter(([, rules]) => isMeant(rules));
  return `${type} IN (${types.map(([name]) => `'${name}'`).join(", ")})`;
}

/** @param {string} type as SQL @param {"person" | "contact" | "device"} kind */
function isOfKind(type, kind) {
  return isOneOf(type, (rules) => rules.kind === kind);
}

/** @param {string} type as SQL @param {Bucket} bucket */
function isToldApartBy(type, bucket) {
  return isOneOf(type, (rules) => rules.node_per === bucket);
}

/** @param {string} type as SQL */
function isDevice(type) {
  return isOfKind(type, "device");
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
 * A type's place among the types, the strongest first: for ORDER BY.
 * @param {string} type as SQL
 * @returns {string}
 */
function strength(type) {
  const places = Object.keys(identifiers.types).map((name, place) => `WHEN '${name}' THEN ${place}`);
  return `CASE ${type} ${places.join(" ")} ELSE ${places.length} END`;
}

/**
 * Whether a person has one identifier of this type in a namespace, and never two.
 * @param {string} type as SQL
 * @returns {string}
 */
function isExclusive(type) {
  return isOneOf(type, (rules) => rules.is_exclusive === true);
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
 * Whether several people may carry an identifier of this type: an address, a phone, a lead.
 * @param {string} type as SQL
 * @returns {string}
 */
function isContact(type) {
  return isOfKind(type, "contact");
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

/**
 * After how many days of silence a device of this type may be in other hands.
 * @param {string} type as SQL
 * @returns {string} INT64
 */
function pauseDays(type) {
  const days = Object.entries(identifiers.types).flatMap(([name, { pause_days }]) =>
    pause_days === undefined ? [] : [`WHEN '${name}' THEN ${pause_days}`],
  );
  return `CASE ${type} ${days.join(" ")} END`;
}

/** How many nodes may carry one identifier before it is generic whatever else it looks like. */
const nodeLimit = identifiers.node_limit;

/** When a device is believed to be in one person's hands. */
const devices = identifiers.devices;

module.exports = {
  nodeId,
  nodeIdOf,
  birthId,
  tombstone,
  rebirthId,
  births,
  isBlocked,
  canOwn,
  isStrong,
  isPersonal,
  isContact,
  isLent,
  isDevice,
  limits,
  nodeLimit,
  devices,
  pauseDays,
  strength,
  isExclusive,
};
