import type { Plant } from "./plant.js";

/** Mistakes in SQL, wherever it stands in a definition. */
export const SQL_PLANTS: readonly Plant[] = [
  {
    mistake: "a model that is read without a ref",
    file: "definitions/gold/profile_events.sqlx",
    find: `FROM $\{ref("silver", "events")}`,
    plant: "FROM `¦rollcall.silver.events`",
    says: /Table not found: rollcall\.silver\.events; there is a table of that name: write \$\{ref\("silver", "events"\)\}/,
  },
  {
    mistake: "a misspelled column",
    file: "definitions/silver/crm_contacts.sqlx",
    find: "SELECT f.node_id, f.field, f.value, f.observed_at,",
    plant: "SELECT f.node_id, f.field, f.value, f.¦observd_at,",
    says: /Name observd_at not found inside f/,
  },
  {
    mistake: "a misspelled column of a CTE",
    file: "definitions/gold/consents.sqlx",
    find: 'IF(l.status = "granted", 1, 0)',
    plant: 'IF(l.¦statsu = "granted", 1, 0)',
    says: /statsu/,
  },
  {
    mistake: "a misspelled function",
    file: "definitions/silver/events.sqlx",
    find: 'CONCAT(entity, "_", LOWER(event_type))',
    plant: '¦CONCTA(entity, "_", LOWER(event_type))',
    says: /Function not found: CONCTA; Did you mean concat\?/i,
  },
  {
    mistake: "a table written by hand that is not there",
    file: "definitions/gold/consents.sqlx",
    find: `JOIN $\{ref("silver", "consent_decisions")} AS d`,
    plant: "JOIN ¦silver.consent_decision AS d",
    says: /Table not found: silver\.consent_decision; Did you mean silver\.consent_decisions\?|Table not found: silver\.consent_decision\. Did you mean silver\.consent_decisions\?/,
  },
  {
    mistake: "types that do not compare",
    file: "definitions/gold/consents.sqlx",
    find: 'WHERE d.status != "noted"',
    plant: "WHERE ¦d.status != 1",
    says: /No matching signature for operator !=/,
  },
  {
    mistake: "an argument of the wrong type",
    file: "definitions/gold/profiles.sqlx",
    find: "SAFE_CAST(SUBSTR(g.birth_date, 1, 10) AS DATE)",
    plant: 'SAFE_CAST(¦SUBSTR(g.birth_date, "1", 10) AS DATE)',
    says: /No matching signature for function SUBSTR/,
  },
  {
    mistake: "too few arguments",
    file: "definitions/gold/engagement.sqlx",
    find: "DATE_SUB(d.last_day, INTERVAL 28 DAY)",
    plant: "¦DATE_SUB(d.last_day)",
    says: /DATE_SUB/,
  },
  {
    mistake: "a missing GROUP BY",
    file: "definitions/gold/engagement.sqlx",
    find: `SELECT n.profile_id, p.programme, SUM(p.interest_count) AS interest_count, MAX(p.last_at) AS last_at
    FROM nodes AS n
    JOIN \${ref("silver", "programme_interests")} AS p ON p.node_id = n.node_id
    GROUP BY n.profile_id, p.programme`,
    plant: `SELECT ¦n.profile_id, p.programme, SUM(p.interest_count) AS interest_count, MAX(p.last_at) AS last_at
    FROM nodes AS n
    JOIN \${ref("silver", "programme_interests")} AS p ON p.node_id = n.node_id`,
    says: /neither grouped nor aggregated/,
  },
  {
    mistake: "a column that two tables have",
    file: "definitions/gold/profiles.sqlx",
    find: "SELECT m.profile_id, m.node_id, m.owner_type",
    plant: "SELECT m.profile_id, ¦node_id, m.owner_type",
    says: /Column name node_id is ambiguous/,
  },
  {
    mistake: "a JSON path that is none",
    file: "definitions/silver/email_engagements.sqlx",
    code: "json-path",
    find: "WITH",
    plant: 'WITH\n  odd AS (SELECT JSON_VALUE(JSON "{}", ¦"$.a[") AS a),',
    says: /"\$\.a\[" is no JSON path that JSON_VALUE takes/,
  },
  {
    mistake: "a missing comma",
    file: "definitions/gold/engagement.sqlx",
    find: "  c.event_count,\n  c.activity_count,",
    plant: "  c.event_count\n  c¦.activity_count,",
    says: /Syntax error: Expected end of input but got "\."|Syntax error/,
  },
  {
    mistake: "a missing closing bracket",
    file: "definitions/gold/consents.sqlx",
    find: 'IF(l.status = "granted", 1, 0),',
    plant: 'IF(l.status = "granted", 1, 0,',
    says: /Syntax error: Expected "\)"/,
  },
  {
    mistake: "a bracket that is open at the end",
    file: "definitions/gold/profiles.sqlx",
    find: "WHERE c.profile_id IS NOT NULL OR a.profile_id IS NOT NULL",
    plant: "WHERE (c.profile_id IS NOT NULL OR a.profile_id IS NOT NULL¦",
    says: /Syntax error/,
  },
  {
    mistake: "an unclosed string",
    file: "definitions/silver/identity_days.sqlx",
    find: 'IN ("email_open", "email_click")',
    plant: 'IN ("email_open", ¦"email_click)',
    says: /" is never closed: a " is missing/,
    code: "compile",
  },
  {
    mistake: "a date that is none",
    file: "definitions/gold/engagement.sqlx",
    find: "r.day, NULL)) AS active_days_28",
    plant: 'r.day, ¦DATE "2026-02-30")) AS active_days_28',
    says: /Invalid DATE literal/,
  },
  {
    mistake: "a reserved word as a name",
    file: "definitions/gold/engagement.sqlx",
    find: "MIN(r.first_at) AS first_at",
    plant: "MIN(r.first_at) AS ¦select",
    says: /Syntax error: Unexpected keyword SELECT/,
  },
  {
    mistake: "a window function in WHERE",
    file: "definitions/gold/consents.sqlx",
    find: 'WHERE d.status != "noted"',
    plant: "WHERE ¦ROW_NUMBER() OVER (ORDER BY d.decided_at) = 1",
    says: /Analytic function not allowed in WHERE/,
  },
  {
    mistake: "an aggregate of an aggregate",
    file: "definitions/gold/engagement.sqlx",
    find: "SUM(r.event_count) AS event_count",
    plant: "¦SUM(MAX(r.event_count)) AS event_count",
    says: /Aggregations of aggregations are not allowed/,
  },
  {
    mistake: "branches of a UNION ALL of different width",
    file: "definitions/silver/events.sqlx",
    find: 'SELECT event_key, event_id, node_id, "mobile", event_type,',
    plant: '¦SELECT event_key, event_id, "mobile", event_type,',
    says: /UNION ALL have mismatched column count; query 1 has 13 columns, query 2 has 12/,
  },
  {
    mistake: "an alias used before it is there",
    file: "definitions/gold/engagement.sqlx",
    find: "LEFT JOIN listed AS l ON l.profile_id = c.profile_id",
    plant: "LEFT JOIN listed AS l ON ¦x.profile_id = c.profile_id",
    says: /Unrecognized name: x/,
  },
  {
    mistake: "a word that no part of a date is",
    file: "definitions/gold/engagement.sqlx",
    find: "INTERVAL 28 DAY)",
    plant: "INTERVAL 28 ¦DAIS)",
    says: /DAIS/,
  },
  {
    mistake: "a construct the embedded warehouse has no form for",
    file: "definitions/gold/consents.sqlx",
    find: 'IF(l.status = "granted", 1, 0)',
    plant: 'LENGTH(TO_JSON_STRING(¦JSON_OBJECT(["a"], [1])))',
    says: /has no form in the embedded warehouse/,
  },
  {
    mistake: "a field a struct does not have, in text only a cycle has",
    file: "definitions/silver/crm_contacts.sqlx",
    find: "SELECT s.node_id, v.field, v.value,",
    plant: "SELECT s.node_id, v.¦feld, v.value,",
    says: /Field name feld does not exist.*Did you mean field\?/,
  },
  {
    mistake: "a broken word in text only a cycle has",
    file: "definitions/silver/identity_days.sqlx",
    find: "$" + "{when(incremental(), `WHERE $" + '{facts.isNewInWindow(self(), "d"',
    plant: "$" + "{when(incremental(), `¦WHER $" + '{facts.isNewInWindow(self(), "d"',
    says: /Syntax error/,
  },
  {
    mistake: "a column pre_operations do not find",
    file: "definitions/activation/act_profiles__identifiers.sqlx",
    find: "OR t.hmac IN (",
    plant: "OR t.¦hmack IN (",
    says: /hmack/,
  },
  {
    mistake: "a bad argument of a macro",
    file: "definitions/gold/profiles.sqlx",
    find: "$" + '{vocabulary.stageRank("t.value")}',
    plant: "¦$" + '{vocabulary.stageRank("t.valu")}',
    says: /Name valu not found inside t \(in what \$\{vocabulary\.stageRank\("t\.valu"\)\} gives\)/,
  },
  {
    mistake: "a temporary table's column in operations",
    file: "definitions/identity/resolve.sqlx",
    find: "JOIN people AS p ON p.node = m.node;",
    plant: "JOIN people AS p ON p.¦noode = m.node;",
    says: /Name noode not found inside p/,
  },
  {
    mistake: "a column of an assertion",
    file: "definitions/quality/match_rate_floor.sqlx",
    find: "SELECT c.eligible_count, c.matched_count",
    plant: "SELECT c.eligible_count, c.¦matched_cont",
    says: /matched_cont/,
  },
  {
    mistake: "a key column of a config's assertion",
    file: "definitions/gold/profiles.sqlx",
    find: 'nonNull: ["profile_id"]',
    plant: 'nonNull: ["¦profil_id"]',
    says: /Unrecognized name: profil_id; Did you mean profile_id\?/,
  },
  {
    mistake: "a condition of a config's assertion",
    file: "definitions/silver/events.sqlx",
    find: "\"category IN ('browsing'",
    plant: "\"¦categry IN ('browsing'",
    says: /Unrecognized name: categry; Did you mean category\?/,
  },
  {
    mistake: "a partition by no column",
    file: "definitions/silver/events.sqlx",
    find: 'partitionBy: "DATE(ingested_at)"',
    plant: 'partitionBy: "DATE(¦ingestd_at)"',
    says: /ingestd_at/,
  },
  {
    mistake: "a statement of a JavaScript definition",
    file: "definitions/quality/extra.js",
    plant: `operate("extra").queries(\n  (ctx) => \`\n  SELECT e.¦nothing FROM \${ctx.ref("silver", "events")} AS e\`,\n);\n`,
    says: /Name nothing not found inside e/,
  },
  {
    mistake: "what an include makes for a JavaScript definition",
    file: "definitions/quality/conservation.js",
    find: 'silver: context.ref("silver", flow.silver)',
    plant: 'silver: "silver.nothing"',
    says: /Table not found: silver\.nothing/,
  },
  {
    mistake: "an input of a stock test",
    file: "definitions/gold/profile_events_test.sqlx",
    plant: `config { type: "test", dataset: { schema: "gold", name: "profile_events" } }

input "silver", "events" {
  SELECT "n" AS node_id, ¦nothing AS value
}

input "identity", "identity_map" {
  SELECT "n" AS node_id, "p" AS profile_id
}

SELECT "p" AS profile_id
`,
    says: /nothing/,
  },
];
