import type { Plant } from "./plant.js";

/** Files that break a rule. */
export const RULES_PLANTS: readonly Plant[] = [
  {
    mistake: "gold that reads bronze",
    code: "layer",
    file: "definitions/gold/consents.sqlx",
    find: "  nodes AS (",
    plant: `  landed AS (SELECT b.event_id FROM $\{ref("bronze", "¦website_events")} AS b),\n  nodes AS (`,
    says: /gold reads gold and silver and identity only/,
  },
  {
    mistake: "a column that is not described",
    code: "undescribed-column",
    file: "definitions/quality/match_rate.sqlx",
    find: '  columns: docs.columns(\n    "node_count", ',
    plant: "  ¦columns: docs.columns(\n    ",
    says: /does not describe: node_count/,
  },
  {
    mistake: "a described column that is not there",
    code: "no-such-column",
    file: "definitions/gold/segments.sqlx",
    find: 'columns: docs.columns("profile_id", "segment",',
    plant: 'columns: docs.columns("profile_id", "¦event_id", "segment",',
    says: /gold\.segments has no column event_id/,
  },
  {
    mistake: "a table without a grain",
    code: "no-grain",
    file: "definitions/silver/crm_leads.sqlx",
    find: 'assertions: { uniqueKey: ["node_id"], ',
    plant: "¦assertions: { ",
    says: /silver\.crm_leads asserts no grain/,
  },
  {
    mistake: "every column of bronze taken over",
    code: "select-star",
    file: "definitions/silver/star.sqlx",
    plant:
      'config { type: "table", schema: "silver", tags: ["erase_by:event_id"], assertions: { uniqueKey: ["event_id"] } }\n' +
      "-- rollcall:allow undescribed-column: a plant\n-- rollcall:allow undeclared-personal: a plant\n" +
      `SELECT ¦* FROM $\{ref("bronze", "website_events")}\n`,
    says: /takes every column of bronze/,
  },
  {
    mistake: "every column of bronze passed on",
    code: "select-star",
    file: "definitions/silver/star.sqlx",
    plant:
      'config { type: "table", schema: "silver", tags: ["erase_by:event_id"], assertions: { uniqueKey: ["event_id"] } }\n' +
      "-- rollcall:allow undescribed-column: a plant\n-- rollcall:allow undeclared-personal: a plant\n" +
      `WITH a AS (SELECT w.¦* FROM $\{ref("bronze", "website_events")} AS w)\nSELECT a.* FROM a\n`,
    says: /takes every column of bronze/,
  },
  {
    mistake: "an incremental model without a window",
    code: "no-window",
    file: "definitions/silver/crm_leads.sqlx",
    find: `AND $\{window.arrived("f.ingested_at", incremental())}`,
    plant: "AND TRUE",
    says: /silver\.crm_leads is incremental and reads everything each time/,
  },
  {
    mistake: "personal values without a way to erase them",
    code: "erase-by",
    file: "definitions/silver/crm_leads.sqlx",
    find: 'tags: ["silver", "salesforce", "erase_by:node_id"]',
    plant: '¦tags: ["silver", "salesforce"]',
    says: /silver\.crm_leads holds personal values \(.*email.*\) and no tag says/,
  },
  {
    mistake: "a tag to erase by a column that is not there",
    code: "erase-by",
    file: "definitions/silver/crm_leads.sqlx",
    find: '"erase_by:node_id"',
    plant: '"¦erase_by:nodeid"',
    says: /erase_by:nodeid names no column of silver\.crm_leads\. Did you mean node_id\?/,
  },
  {
    mistake: "a tag to erase by what no erasure knows",
    code: "erase-by",
    file: "definitions/silver/crm_leads.sqlx",
    find: '"erase_by:node_id"',
    plant: '"¦erase_by:lead_id=node_id"',
    says: /erase_by:lead_id=node_id is by an id that erasures do not know/,
  },
  {
    mistake: "a personal value under another name, on its way to a target",
    code: "personal-to-target",
    file: "definitions/activation/act_profiles__profiles.sqlx",
    find: "  p.merged_into,\n",
    plant: "  UPPER(p.email) AS merged_into,\n",
    says: /merged_into holds personal values of .*, which the target profiles does not allow/,
    also: { code: "undeclared-personal", says: /merged_into holds personal values of .*: declare it personal/ },
  },
];
