/** Typical models, in GoogleSQL and as one would write them for DuckDB by hand. Both give the same rows. */
export interface Shape {
  readonly name: string;
  readonly google: string;
  readonly duckdb: string;
}

export const ROWS = 1_000_000;

/** A million events of 100,000 people, each tenth event sent twice. */
export const TABLES = `
CREATE SCHEMA IF NOT EXISTS bench;
CREATE TABLE bench.events AS
SELECT
  CONCAT("event-", CAST(n - MOD(n, 10) + LEAST(MOD(n, 10), 8) AS STRING)) AS event_id,
  CONCAT("user-", CAST(MOD(n * 7919, 100000) AS STRING)) AS user_id,
  ["page_viewed", "lesson_started", "lesson_completed", "form_submitted"][MOD(n, 4)] AS event_name,
  PARSE_JSON(CONCAT(
    '{"properties":{"course_id":"c', CAST(MOD(n, 500) AS STRING), '","score":"', CAST(MOD(n, 100) AS STRING),
    '","path":"/a/b"},"context":{"campaign":{"source":"mail"}}}'
  )) AS payload,
  TIMESTAMP_ADD(TIMESTAMP "2026-01-01 00:00:00+00", INTERVAL n * 17 SECOND) AS occurred_at,
  TIMESTAMP_ADD(TIMESTAMP "2026-01-01 00:00:10+00", INTERVAL n * 17 SECOND) AS ingested_at
FROM UNNEST(GENERATE_ARRAY(0, ${ROWS - 1})) AS n;
CREATE TABLE bench.users AS
SELECT
  CONCAT("user-", CAST(n AS STRING)) AS user_id,
  CONCAT(" User.", CAST(n AS STRING), "@Example.org ") AS email,
  ["GB", "DE", "IN"][MOD(n, 3)] AS country
FROM UNNEST(GENERATE_ARRAY(0, 99999)) AS n;
CREATE TABLE bench.states AS
SELECT CONCAT("user-", CAST(n AS STRING)) AS user_id, 0 AS event_count, TIMESTAMP "2025-01-01 00:00:00+00" AS last_at
FROM UNNEST(GENERATE_ARRAY(50000, 549999)) AS n`;

const made = (query: string): string => `CREATE TEMP TABLE made AS ${query}`;

export const SHAPES: readonly Shape[] = [
  {
    name: "first arrival of each event",
    google: made(`SELECT * FROM bench.events AS e
      QUALIFY ROW_NUMBER() OVER (PARTITION BY event_id ORDER BY ingested_at) = 1`),
    duckdb: made(`SELECT * FROM bench.events
      QUALIFY row_number() OVER (PARTITION BY event_id ORDER BY ingested_at) = 1`),
  },
  {
    name: "fields out of JSON",
    google: made(`SELECT event_id, JSON_VALUE(payload, "$.properties.course_id") AS course_id,
        SAFE_CAST(JSON_VALUE(payload, "$.properties.score") AS FLOAT64) AS score,
        COALESCE(JSON_VALUE(payload, "$.properties.title"), JSON_VALUE(payload, "$.properties.path")) AS page,
        JSON_VALUE(payload, "$.context.campaign.source") AS campaign
      FROM bench.events AS e`),
    duckdb: made(`SELECT event_id, payload->>'$.properties.course_id' AS course_id,
        TRY_CAST(payload->>'$.properties.score' AS DOUBLE) AS score,
        coalesce(payload->>'$.properties.title', payload->>'$.properties.path') AS page,
        payload->>'$.context.campaign.source' AS campaign
      FROM bench.events`),
  },
  {
    name: "sessions of half an hour",
    google: made(`WITH gaps AS (
        SELECT user_id, occurred_at,
          IF(TIMESTAMP_DIFF(occurred_at, LAG(occurred_at) OVER (PARTITION BY user_id ORDER BY occurred_at), SECOND) <= 1800, 0, 1) AS is_start
        FROM bench.events AS e
      ), numbered AS (
        SELECT user_id, occurred_at, SUM(is_start) OVER (PARTITION BY user_id ORDER BY occurred_at) AS session FROM gaps
      )
      SELECT user_id, session, MIN(occurred_at) AS first_at, COUNT(*) AS event_count FROM numbered GROUP BY user_id, session`),
    duckdb: made(`WITH gaps AS (
        SELECT user_id, occurred_at,
          CASE WHEN epoch(occurred_at) - epoch(lag(occurred_at) OVER (PARTITION BY user_id ORDER BY occurred_at)) <= 1800 THEN 0 ELSE 1 END AS is_start
        FROM bench.events
      ), numbered AS (
        SELECT user_id, occurred_at, sum(is_start) OVER (PARTITION BY user_id ORDER BY occurred_at) AS session FROM gaps
      )
      SELECT user_id, session, min(occurred_at) AS first_at, count(*) AS event_count FROM numbered GROUP BY user_id, session`),
  },
  {
    name: "join and aggregate",
    google: made(`SELECT u.country, e.event_name, COUNT(*) AS event_count, COUNT(DISTINCT e.user_id) AS user_count,
        MAX(e.occurred_at) AS last_at, COUNTIF(e.event_name = "form_submitted") AS form_count
      FROM bench.events AS e JOIN bench.users AS u ON u.user_id = e.user_id
      GROUP BY u.country, e.event_name`),
    duckdb: made(`SELECT u.country, e.event_name, count(*) AS event_count, count(DISTINCT e.user_id) AS user_count,
        max(e.occurred_at) AS last_at, count(*) FILTER (e.event_name = 'form_submitted') AS form_count
      FROM bench.events e JOIN bench.users u USING (user_id)
      GROUP BY u.country, e.event_name`),
  },
  {
    name: "counts by day and hour",
    google: made(`SELECT DATE(occurred_at) AS day, TIMESTAMP_TRUNC(occurred_at, HOUR) AS hour,
        EXTRACT(DAYOFWEEK FROM occurred_at) AS weekday, COUNT(*) AS event_count
      FROM bench.events AS e GROUP BY day, hour, weekday`),
    duckdb: made(`SELECT occurred_at::DATE AS day, date_trunc('hour', occurred_at) AS hour,
        dayofweek(occurred_at) + 1 AS weekday, count(*) AS event_count
      FROM bench.events GROUP BY ALL`),
  },
  {
    name: "texts made plain and hashed",
    google: made(`SELECT e.event_id, TO_HEX(SHA256(LOWER(TRIM(CONCAT(e.user_id, "@Example.org"))))) AS digest,
        REGEXP_REPLACE(e.event_name, r"[^a-z]+", "-") AS slug, REGEXP_CONTAINS(e.user_id, r"^user-[0-4]") AS is_low,
        SUBSTR(e.user_id, 6) AS number, CONCAT(e.event_name, ":", e.user_id) AS name_key
      FROM bench.events AS e`),
    duckdb: made(`SELECT event_id, sha256(lower(trim(user_id || '@Example.org'))) AS digest,
        regexp_replace(event_name, '[^a-z]+', '-', 'g') AS slug, regexp_matches(user_id, '^user-[0-4]') AS is_low,
        substr(user_id, 6) AS number, event_name || ':' || user_id AS name_key
      FROM bench.events`),
  },
  {
    name: "merge into half a million",
    google: `MERGE INTO bench.states AS t
      USING (SELECT user_id, COUNT(*) AS event_count, MAX(occurred_at) AS last_at FROM bench.events AS e GROUP BY user_id) AS s
      ON t.user_id = s.user_id
      WHEN MATCHED THEN UPDATE SET user_id = s.user_id, event_count = s.event_count, last_at = s.last_at
      WHEN NOT MATCHED THEN INSERT (user_id, event_count, last_at) VALUES (s.user_id, s.event_count, s.last_at)`,
    duckdb: `MERGE INTO bench.states AS t
      USING (SELECT user_id, count(*) AS event_count, max(occurred_at) AS last_at FROM bench.events GROUP BY user_id) AS s
      ON t.user_id = s.user_id
      WHEN MATCHED THEN UPDATE SET event_count = s.event_count, last_at = s.last_at
      WHEN NOT MATCHED THEN INSERT (user_id, event_count, last_at) VALUES (s.user_id, s.event_count, s.last_at)`,
  },
];
