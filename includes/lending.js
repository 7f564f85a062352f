// @ts-check
/**
 * Mailboxes and phones that people give who are not their owners: a child's form with the mother's address. Where everybody who
 * tells a name at an identifier gave it with a mailbox that names another, whoever tells none there may be that other. Statements
 * for identity.resolve, over its temporary tables.
 */

/**
 * From `sayings` into `shares`: of lent identifiers that nobody disputes, the carriers who tell no name and no
 * number are nobody's (part NULL); the others are one part.
 * @returns {string}
 */
function lendings() {
  return `
INSERT INTO shares (hmac, node_id, who, part)
WITH
  carried AS (
    SELECT
      s.hmac, s.node_id, s.who, s.is_lent,
      s.given_name IS NOT NULL AND s.family_name IS NOT NULL AS is_named,
      IFNULL(s.given_name, s.family_name) AS half_a_name,
      s.given_name,
      NOT s.has_claims AND s.birth_date IS NULL AS is_unknown
    FROM sayings AS s
    LEFT JOIN (SELECT DISTINCT hmac FROM shares) AS d ON d.hmac = s.hmac
    WHERE d.hmac IS NULL
  ),
  lent AS (
    SELECT c.hmac FROM carried AS c WHERE c.is_named GROUP BY c.hmac HAVING LOGICAL_AND(c.is_lent)
  ),
  silent AS (
    SELECT c.hmac, c.node_id
    FROM carried AS c
    JOIN lent AS l ON l.hmac = c.hmac
    -- Half a name that is the given name of one of them tells who it is; the family's does not.
    LEFT JOIN carried AS o ON o.hmac = c.hmac AND o.is_named AND o.given_name = c.half_a_name
    WHERE c.is_unknown AND NOT c.is_named AND o.node_id IS NULL
  )
SELECT c.hmac, c.node_id, c.who, IF(s.node_id IS NULL, 'named', NULL)
FROM carried AS c
LEFT JOIN silent AS s ON s.hmac = c.hmac AND s.node_id = c.node_id
WHERE c.hmac IN (SELECT hmac FROM silent);`;
}

module.exports = { lendings };
