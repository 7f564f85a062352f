import type { Plant } from "./plant.js";

/** Mistakes that keep Dataform from compiling a file. */
export const COMPILE_PLANTS: readonly Plant[] = [
  {
    mistake: "a ref to no table",
    file: "definitions/gold/profiles.sqlx",
    find: 'ref("silver", "crm_leads")',
    plant: 'ref("silver", ¦"crm_leeds")',
    says: /there is no table silver\.crm_leeds\. Did you mean silver\.crm_leads\?/,
  },
  {
    mistake: "a ref to no table in text only a cycle has",
    file: "definitions/identity/identifiers.sqlx",
    find: `SELECT n.node_id FROM \${ref("identity", "edges")}`,
    plant: `SELECT n.node_id FROM \${ref("identity", ¦"edgs")}`,
    says: /there is no table identity\.edgs\. Did you mean identity\.edges\?/,
  },
  {
    mistake: "a dependency that is not there",
    file: "definitions/gold/engagement.sqlx",
    find: 'dependencies: ["resolve"]',
    plant: 'dependencies: ["¦resolv"]',
    says: /there is no table resolv\. Did you mean identity\.resolve\?/,
  },
  {
    mistake: "a key the config does not know",
    file: "definitions/gold/profiles.sqlx",
    find: 'onSchemaChange: "FAIL"',
    plant: '¦onSchemaChnge: "FAIL"',
    says: /the config has no onSchemaChnge\. Did you mean onSchemaChange\?/,
  },
  {
    mistake: "a config with a missing brace",
    file: "definitions/silver/events.sqlx",
    find: "  }\n}\n\nWITH",
    plant: "}\n\nWITH",
    says: /config \{ is never closed: a \} is missing/,
  },
  {
    mistake: "an expression with a missing brace",
    file: "definitions/gold/consents.sqlx",
    find: `JOIN $\{ref("silver", "consent_decisions")} AS d`,
    plant: `JOIN ¦$\{ref("silver", "consent_decisions") AS d`,
    says: /\$\{ is never closed: a \} is missing/,
  },
  {
    mistake: "a macro that is not there",
    file: "definitions/gold/profiles.sqlx",
    find: "$" + "{profiles.nodes(ref, incremental())}",
    plant: "$" + "{profiles.¦nods(ref, incremental())}",
    says: /profiles\.nods is not a function/,
  },
  {
    mistake: "a name that is no include",
    file: "definitions/silver/identity_days.sqlx",
    find: `$\{dates.day("e.occurred_at")} AS day`,
    plant: `$\{¦datez.day("e.occurred_at")} AS day`,
    says: /datez is not defined/,
  },
  {
    mistake: "a column nobody described",
    file: "definitions/gold/consents.sqlx",
    find: 'columns: docs.columns(\n    "profile_id", "purpose",',
    plant: 'columns: docs.¦columns(\n    "profile_id", "purposes",',
    says: /describe in includes\/columns\.json: purposes/,
  },
  {
    mistake: "an include that JavaScript cannot read",
    file: "includes/facts.js",
    find: "module.exports = {",
    plant: "module.exports = ¦= {",
    says: /Unexpected token '='/,
  },
  {
    mistake: "an include that breaks when it is called",
    file: "includes/facts.js",
    find: "function arrivalOrder(row) {\n",
    plant: "function arrivalOrder(row) {\n  ¦rowe.length;\n",
    says: /rowe is not defined \(called at definitions\//,
  },
  {
    mistake: "settings that are no JSON",
    file: "dataform.json",
    find: '"warehouse": "bigquery"',
    plant: '"warehouse" ¦"bigquery"',
    says: /cannot be read as Dataform settings/,
  },
];
