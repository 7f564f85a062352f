import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

export interface GeneratedProject {
  readonly root: string;
  readonly models: number;
}

const PRODUCT = resolve(import.meta.dirname, "../../..");

/** Facts, states, tables, and checks of them; what is left are the checks of their grains, one for each that is no check. */
const SHARES = { facts: 0.12, states: 0.06, totals: 0.22, checks: 0.2 };

const EVENT_COLUMNS = [
  { name: "event_id", type: "STRING" },
  { name: "event_type", type: "STRING" },
  { name: "source", type: "STRING" },
  { name: "occurred_at", type: "TIMESTAMP" },
  { name: "ingested_at", type: "TIMESTAMP" },
  { name: "payload", type: "JSON" },
].map((column) => ({ ...column, description: "As it landed." }));

const COLUMNS: Record<string, string> = {
  event_id: "The source's id.",
  node_id: "Whose it is.",
  event_name: "What happened.",
  course_id: "Of which course.",
  score: "Points.",
  day: "UTC day.",
  event_count: "Events.",
  best_score: "The highest score.",
  last_at: "When last.",
  occurred_at: "When it happened.",
  ingested_at: "When it landed.",
};

const config = (
  type: string,
  description: string,
  columns: readonly string[],
  grain: readonly string[],
  rest: string,
): string => `config {
  type: "${type}",
  description: "${description}",
  columns: docs.columns(${quoted(columns)}),
  assertions: { uniqueKey: [${quoted(grain)}] },
  ${rest}
}
`;

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(", ");
}

function fact(n: number): string {
  const columns = ["event_id", "node_id", "event_name", "course_id", "score", "occurred_at", "ingested_at"];
  return `${config("incremental", `One row per event of kind ${n}.`, columns, ["event_id"], `schema: "silver", onSchemaChange: "FAIL", bigquery: { partitionBy: "DATE(ingested_at)", clusterBy: ["node_id"] }`)}
WITH arrivals AS (
  SELECT b.* FROM \${ref("bronze", "events_${n % 8}")} AS b
  WHERE \${window.arrived("b.ingested_at", incremental())} AND b.event_type = "kind_${n}"
  QUALIFY ROW_NUMBER() OVER (PARTITION BY b.event_id ORDER BY b.ingested_at) = 1
)
SELECT
  a.event_id,
  SUBSTR(TO_HEX(SHA256(CONCAT("s${n}|", JSON_VALUE(a.payload, "$.userId")))), 1, 32) AS node_id,
  LOWER(REGEXP_REPLACE(TRIM(JSON_VALUE(a.payload, "$.event")), r"[^a-z0-9]+", "_")) AS event_name,
  JSON_VALUE(a.payload, "$.properties.course_id") AS course_id,
  SAFE_CAST(JSON_VALUE(a.payload, "$.properties.score") AS FLOAT64) AS score,
  a.occurred_at,
  a.ingested_at
FROM arrivals AS a
\${when(incremental(), \`WHERE NOT EXISTS (SELECT 1 FROM \${self()} AS s WHERE s.event_id = a.event_id)\`)}
`;
}

function state(n: number, facts: number): string {
  return `${config("incremental", `One row per node, its last course of kind ${n}.`, ["node_id", "course_id", "last_at"], ["node_id"], `schema: "silver", onSchemaChange: "FAIL", uniqueKey: ["node_id"]`)}
SELECT f.node_id, f.course_id, f.occurred_at AS last_at
FROM \${ref("silver", "fact_${n % facts}")} AS f
WHERE f.node_id IS NOT NULL AND \${window.arrived("f.ingested_at", incremental())}
QUALIFY ROW_NUMBER() OVER (PARTITION BY f.node_id ORDER BY f.occurred_at DESC) = 1
`;
}

function total(n: number, facts: number): string {
  return `${config("table", `One row per node, course and day of kind ${n}.`, ["node_id", "course_id", "day", "event_count", "best_score", "last_at"], ["node_id", "course_id", "day"], `schema: "gold"`)}
WITH days AS (
  SELECT f.node_id, f.course_id, DATE(f.occurred_at) AS day, f.score, f.occurred_at, g.event_name AS other_name
  FROM \${ref("silver", "fact_${n % facts}")} AS f
  LEFT JOIN \${ref("silver", "fact_${(n * 3 + 1) % facts}")} AS g ON g.event_id = f.event_id
  WHERE f.event_name IN ("lesson_${n}", "video_${n}")
)
SELECT
  d.node_id, d.course_id, d.day,
  COUNT(*) AS event_count,
  MAX(IF(d.other_name IS NULL, d.score, NULL)) AS best_score,
  MAX(d.occurred_at) AS last_at
FROM days AS d
GROUP BY d.node_id, d.course_id, d.day
`;
}

function check(n: number, totals: number): string {
  return `config {
  type: "assertion",
  schema: "quality",
  description: "Counts of kind ${n} are above zero. Severity error, owner data platform.",
  tags: ["audit", "owner:data_platform"]
}

SELECT t.node_id, t.day
FROM \${ref("gold", "total_${n % totals}")} AS t
WHERE t.event_count < 1 OR t.best_score < ${-n}
`;
}

/** Writes a project of that many models, checks included, into a new folder. The same number gives the same text. */
export function generateProject(root: string, models: number): GeneratedProject {
  const write = (path: string, content: string): void => {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  };
  for (const file of ["dataform.json", "includes/window.js", "includes/docs.js", "includes/package.json"]) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    cpSync(join(PRODUCT, file), join(root, file));
  }
  const described = Object.entries(COLUMNS).map(([name, description]) => [name, { description }]);
  write("includes/columns.json", JSON.stringify(Object.fromEntries(described)));
  const tables = Array.from({ length: 8 }, (_, n) => [
    `events_${n}`,
    { description: "One row per event.", columns: "event" },
  ]);
  write(
    "includes/bronze.json",
    JSON.stringify({ tables: Object.fromEntries(tables), columns: { event: EVENT_COLUMNS } }),
  );
  cpSync(join(PRODUCT, "definitions/bronze/declarations.js"), join(root, "definitions/bronze/declarations.js"));
  const count = (share: number): number => Math.round(models * share);
  const facts = count(SHARES.facts);
  const states = count(SHARES.states);
  const totals = count(SHARES.totals);
  const checks = count(SHARES.checks);
  for (let n = 0; n < facts; n++) write(`definitions/silver/fact_${n}.sqlx`, fact(n));
  for (let n = 0; n < states; n++) write(`definitions/silver/state_${n}.sqlx`, state(n, facts));
  for (let n = 0; n < totals; n++) write(`definitions/gold/total_${n}.sqlx`, total(n, facts));
  for (let n = 0; n < checks; n++) write(`definitions/quality/check_${n}.sqlx`, check(n, totals));
  return { root, models: 2 * (facts + states + totals) + checks };
}
