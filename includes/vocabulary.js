// @ts-check
/**
 * What events mean, from `event_names.json` and `stages.json`.
 */

/** @type {{ types: Record<string, string>, unknown: string, events: Record<string, { category: string, proves?: string }> }} */
const names = require("./event_names.json");
/** @type {{ order: string[], salesforce: Record<string, string[]>, registrations: Record<string, string[]> }} */
const stages = require("./stages.json");

/** @param {readonly string[]} values */
const list = (values) => values.map((value) => `'${value.replace(/'/g, "\\'")}'`).join(", ");

/**
 * "Lesson Completed", "lessonCompleted" and "lesson_completed" are one name.
 * @param {string} name as SQL
 * @returns {string}
 */
function eventName(name) {
  const words = `REGEXP_REPLACE(TRIM(${name}), r'([a-z0-9])([A-Z])', r'\\1_\\2')`;
  return `LOWER(REGEXP_REPLACE(${words}, r'[^\\p{L}\\p{N}]+', '_'))`;
}

/**
 * @param {string} type Segment's type, as SQL
 * @param {string} name the event's name in snake_case, as SQL
 * @returns {string}
 */
function category(type, name) {
  const byType = Object.entries(names.types).map(([each, meaning]) => `WHEN ${type} = '${each}' THEN '${meaning}'`);
  const categories = [...new Set(Object.values(names.events).map((event) => event.category))];
  const byName = categories.map((each) => {
    const members = Object.keys(names.events).filter((event) => names.events[event]?.category === each);
    return `WHEN ${name} IN (${list(members)}) THEN '${each}'`;
  });
  return `CASE\n    ${[...byType, ...byName].join("\n    ")}\n    ELSE '${names.unknown}'\n  END`;
}

/**
 * The furthest enrolment stage an event is evidence of; NULL when of none.
 * @param {string} name the event's name in snake_case, as SQL
 * @returns {string}
 */
function provenStage(name) {
  const cases = stages.order
    .map((stage) => ({
      stage,
      events: Object.keys(names.events).filter((each) => names.events[each]?.proves === stage),
    }))
    .filter(({ events }) => events.length > 0)
    .map(({ stage, events }) => `WHEN ${name} IN (${list(events)}) THEN '${stage}'`);
  return `CASE ${cases.join(" ")} END`;
}

/**
 * A stage for the words of Salesforce; NULL for words nobody has listed.
 * @param {"salesforce" | "registrations"} vocabulary
 * @param {string} text in lower case, as SQL: a column, since it is written many times
 * @returns {string}
 */
function stageOf(vocabulary, text) {
  const cases = Object.entries(stages[vocabulary]).map(([stage, words]) => {
    return `WHEN ${text} IN (${list(words)}) THEN '${stage}'`;
  });
  return `CASE ${cases.join(" ")} END`;
}

/**
 * A stage's place in the order, for comparison.
 * @param {string} stage as SQL
 * @returns {string}
 */
function stageRank(stage) {
  return `CASE ${stage} ${stages.order.map((each, rank) => `WHEN '${each}' THEN ${rank}`).join(" ")} END`;
}

module.exports = { eventName, category, provenStage, stageOf, stageRank };
