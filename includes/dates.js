// @ts-check

/**
 * The behavioural day of an instant: its date where the students live, not where the servers are.
 * @param {string} timestamp a TIMESTAMP expression
 * @returns {string}
 */
function day(timestamp) {
  // @ts-expect-error Dataform puts its session on the global object.
  const zone = dataform.projectConfig.vars.reporting_time_zone || "UTC";
  return `DATE(${timestamp}, ${JSON.stringify(zone)})`;
}

module.exports = { day };
