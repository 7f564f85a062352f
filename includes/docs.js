// @ts-check
/**
 * Column descriptions for a model's config, from the one dictionary `columns.json`: a column means the same wherever
 * it appears. Personal columns carry the tag `personal` and, where the variable `personal_policy_tag` names one,
 * BigQuery's policy tag. A column that is made of personal ones and is not personal itself says why under
 * `not_personal`, and carries that as a tag: `rollcall check` follows personal values through every model.
 *
 * Where one name cannot mean one thing, the meaning is named too: "value:score" describes the column `value`.
 */

/** @type {Record<string, { description: string, personal?: boolean, not_personal?: string }>} */
const dictionary = require("./columns.json");

/**
 * @param {...string} names the columns of the model, in its order
 * @returns {Record<string, { description: string, tags?: string[], bigqueryPolicyTags?: string[] }>}
 */
function columns(...names) {
  const unknown = names.filter((name) => !Object.hasOwn(dictionary, name));
  if (unknown.length > 0) throw new Error(`describe in includes/columns.json: ${unknown.join(", ")}`);
  const described = names.flatMap((name) => {
    const entry = dictionary[name];
    return entry === undefined ? [] : [[columnOf(name), describe(entry)]];
  });
  return Object.fromEntries(described);
}

/** @param {string} name */
function columnOf(name) {
  return name.split(":")[0] ?? name;
}

/** @param {{ description: string, personal?: boolean, not_personal?: string }} entry */
function describe(entry) {
  if (entry.not_personal) return { description: entry.description, tags: ["not_personal"] };
  if (!entry.personal) return { description: entry.description };
  // @ts-expect-error Dataform puts its session on the global object.
  const policyTag = dataform.projectConfig.vars.personal_policy_tag;
  return {
    description: entry.description,
    tags: ["personal"],
    ...(policyTag ? { bigqueryPolicyTags: [policyTag] } : {}),
  };
}

module.exports = { columns };
