// @ts-check
/**
 * Which profiles a run of gold and activation computes: those that changed in the window, or all. The SQL after it is
 * the same, so both give the same rows.
 */
const window = require("./window.js");

/**
 * A query for the profile ids at hand.
 * @param {(dataset: string, table: string) => string} ref
 * @param {boolean} isIncremental
 * @returns {string}
 */
function scope(ref, isIncremental) {
  if (isIncremental) {
    const changed = ref("identity", "changed_profiles");
    return `SELECT DISTINCT c.profile_id FROM ${changed} AS c WHERE ${window.arrived("c.changed_at", isIncremental)}`;
  }
  const live = `SELECT c.profile_id FROM ${ref("identity", "clusters")} AS c`;
  return `${live} UNION DISTINCT SELECT a.profile_id FROM ${ref("identity", "aliases")} AS a`;
}

/**
 * The nodes of the profiles at hand.
 * @param {(dataset: string, table: string) => string} ref
 * @param {boolean} isIncremental
 * @returns {string}
 */
function nodes(ref, isIncremental) {
  return `SELECT m.profile_id, m.node_id
    FROM (${scope(ref, isIncremental)}) AS s
    JOIN ${ref("identity", "identity_map")} AS m ON m.profile_id = s.profile_id`;
}

/**
 * Takes the rows of changed profiles out before they are computed again: a row a profile no longer has must go, which
 * no MERGE does.
 * @param {string} self
 * @param {(dataset: string, table: string) => string} ref
 * @returns {string}
 */
function forget(self, ref) {
  return `DELETE FROM ${self} AS t WHERE t.profile_id IN (${scope(ref, true)})`;
}

module.exports = { scope, nodes, forget };
