// @ts-check
/**
 * Mailboxes and phones that people give who are not their owners: a child's form with the mother's address. Where one who tells a name at
 * an identifier gave it with a mailbox that names another, and nobody named there has shown that it is theirs, whoever tells no name may
 * be that other. Statements for identity.resolve, over its temporary tables.
 */

const alike = require("./alike.js");
const terms = require("./terms.js");

/** @typedef {import("./claims.js").Ref} Ref */

/** Names that begin alike are often one: Alex and Alexandra. */
const SAME_BEGINNING = 4;

/**
 * Whether letters could be somebody's given names: they hold one, stand in one, or are like one.
 * @param {string} letters as SQL
 * @param {string} row alias with given_name, given_root, family_name and name_bag
 * @returns {string} BOOL, NULL where nothing holds and something is unknown
 */
function mayBe(letters, row) {
  const given = `${row}.given_name`;
  return `(STRPOS(${letters}, ${given}) > 0
      OR STRPOS(${given}, ${letters}) > 0
      OR SUBSTR(${letters}, 1, ${SAME_BEGINNING}) = SUBSTR(${given}, 1, ${SAME_BEGINNING})
      OR ${alike.names(letters, given)}
      OR ${alike.nicknames(`${row}.given_root`, letters)}
      OR EXISTS (
        SELECT 1
        FROM UNNEST(SPLIT(${row}.name_bag, ' ')) AS word
        WHERE LENGTH(word) > 1 AND word != ${row}.family_name AND STRPOS(${letters}, word) > 0
      ))`;
}

/**
 * From `sayings` into `shares`: of identifiers that nobody disputes, the carriers who tell no name and no number are nobody's (part
 * NULL) where the identifier is lent, or where their mailbox's letters are a given name that is none of those told there; the others
 * are one part.
 * @param {Ref} ref
 * @returns {string}
 */
function lendings(ref) {
  return `
INSERT INTO shares (hmac, node_id, who, part)
WITH
  carried AS (
    SELECT
      s.hmac, s.node_id, s.who, s.is_lent, s.is_owner, s.given_name, s.given_root, s.family_name, s.name_bag, s.email_user,
      -- An initial does not tell whether the mailbox is theirs.
      s.given_name IS NOT NULL AND s.family_name IS NOT NULL AND LENGTH(s.given_name) > 1 AS is_named,
      s.given_name IS NULL OR s.family_name IS NULL AS is_half_named,
      IFNULL(s.given_name, s.family_name) AS half_a_name,
      NOT s.has_claims AND s.birth_date IS NULL AS is_unknown
    FROM sayings AS s
    LEFT JOIN (SELECT DISTINCT hmac FROM shares) AS d ON d.hmac = s.hmac
    WHERE d.hmac IS NULL
  ),
  named AS (
    SELECT
      c.hmac, c.given_name, c.given_root, c.family_name, c.name_bag,
      LOGICAL_OR(c.is_lent) AS is_lent,
      -- Whoever writes from it, or has a mailbox that names them.
      LOGICAL_OR(NOT c.is_lent AND (c.is_owner OR IFNULL(${mayBe("c.email_user", "c")}, FALSE))) AS is_own
    FROM carried AS c
    WHERE c.is_named
    GROUP BY c.hmac, c.given_name, c.given_root, c.family_name, c.name_bag
  ),
  lent AS (
    SELECT n.hmac
    FROM named AS n
    -- The wrong way round it is the same name, though the mailbox does not show it.
    LEFT JOIN named AS o
      ON o.hmac = n.hmac AND o.given_name = n.family_name AND o.family_name = n.given_name AND o.is_lent
    GROUP BY n.hmac
    HAVING LOGICAL_OR(n.is_lent) AND NOT LOGICAL_OR(n.is_own AND o.hmac IS NULL)
  ),
  told_beside AS (
    SELECT DISTINCT
      c.hmac, c.email_user, n.given_name, n.given_root, n.family_name, n.name_bag,
      REPLACE(c.email_user, n.family_name, '') AS letters
    FROM carried AS c
    JOIN named AS n ON n.hmac = c.hmac
    WHERE c.is_unknown AND c.is_half_named AND c.email_user IS NOT NULL
  ),
  anothers AS (
    SELECT t.hmac, t.email_user
    FROM told_beside AS t
    LEFT JOIN ${ref("identity", "term_frequencies")} AS g
      ON g.term = 'given_name' AND g.value_hash = ${terms.hash("t.letters")}
    GROUP BY t.hmac, t.email_user
    -- A family name misspelt once leaves letters that are nobody's name.
    HAVING LOGICAL_OR(g.value_hash IS NOT NULL) AND NOT LOGICAL_OR(IFNULL(${mayBe("t.letters", "t")}, FALSE))
  ),
  silent AS (
    SELECT c.hmac, c.node_id
    FROM carried AS c
    LEFT JOIN lent AS l ON l.hmac = c.hmac
    LEFT JOIN anothers AS a ON a.hmac = c.hmac AND a.email_user = c.email_user
    WHERE c.is_unknown AND c.is_half_named AND (l.hmac IS NOT NULL OR a.hmac IS NOT NULL)
      -- Half a name that is the given name of one of them tells who it is; the family's does not.
      AND NOT EXISTS (SELECT 1 FROM named AS o WHERE o.hmac = c.hmac AND o.given_name = c.half_a_name)
  )
SELECT c.hmac, c.node_id, c.who, IF(s.node_id IS NULL, 'named', NULL)
FROM carried AS c
LEFT JOIN silent AS s ON s.hmac = c.hmac AND s.node_id = c.node_id
WHERE c.hmac IN (SELECT hmac FROM silent);`;
}

module.exports = { lendings };
