import type { DuckDBConnection } from "@duckdb/node-api";
import { DATABASE } from "../../../src/warehouse/duckdb/generator/names.js";
import { openInstance } from "../../../src/warehouse/duckdb/instance.js";

/**
 * Graphs of records and the identifiers they carry, made and, for comparison, resolved in SQL written by hand for DuckDB. A record's
 * number is below 1e9, an identifier's above.
 */

/** DuckDB without the warehouse around it. */
export interface HandWritten {
  run(sql: string): Promise<void>;
  read(sql: string): Promise<number>;
  close(): Promise<void>;
}

export async function openHandWritten(file: string, memoryLimit: string): Promise<HandWritten> {
  const instance = await openInstance({ file, memoryLimit, threads: 2 });
  const connection: DuckDBConnection = await instance.connect();
  await connection.run(`USE ${DATABASE}`);
  await connection.run("CREATE SCHEMA IF NOT EXISTS bench");
  return {
    run: async (sql) => void (await connection.run(sql)),
    read: async (sql) => Number((await connection.runAndReadAll(sql)).getRows()[0]?.[0]),
    close: async () => {
      connection.closeSync();
      await instance.close();
    },
  };
}

/** People have 5.4 records each, with one of two main identifiers; three records in five carry one of three others too. */
const PEOPLE_SHARE = 0.184;
export const peopleOf = (records: number): number => Math.round(records * PEOPLE_SHARE);
const IDENTIFIERS_FROM = 1_000_000_000;

/** `bench.edges` (u, v), and one row per node in `bench.nodes`. */
export async function makeEdges(duckdb: HandWritten, records: number): Promise<void> {
  const people = peopleOf(records);
  await duckdb.run(`
    CREATE OR REPLACE TABLE bench.edges AS
    WITH records AS (SELECT i AS r, (hash(i * 7 + 1) % ${people})::BIGINT AS person FROM range(${records}) t(i))
    SELECT DISTINCT r AS u, ${IDENTIFIERS_FROM} + identifier AS v
    FROM (
      SELECT r, person * 8 + (hash(r * 3 + 1) % 2)::BIGINT AS identifier FROM records
      UNION ALL
      SELECT r, person * 8 + 2 + (hash(r * 5 + 2) % 3)::BIGINT FROM records WHERE hash(r * 11 + 5) % 10 < 6
    )`);
  await duckdb.run(
    "CREATE OR REPLACE TABLE bench.nodes AS SELECT u AS node FROM bench.edges UNION SELECT v FROM bench.edges",
  );
}

/** `bench.delta_<count>` (u, v): new records that carry up to two identifiers of one person; each fiftieth, another's too. */
export async function makeDelta(duckdb: HandWritten, records: number, count: number): Promise<void> {
  const people = peopleOf(records);
  const person = (salt: string): string => `(hash(${salt}) % ${people})::BIGINT * 8`;
  const own = (salt: string): string =>
    `SELECT ${records} + i AS u, ${IDENTIFIERS_FROM} + ${person(`i * 13 + ${count}`)} + (hash(${salt}) % 5)::BIGINT AS v FROM range(${count}) t(i)`;
  await duckdb.run(`
    CREATE OR REPLACE TABLE bench.delta_${count} AS
    ${own("i * 17")}
    UNION ${own("i * 19 + 3")}
    UNION SELECT ${records} + i, ${IDENTIFIERS_FROM} + ${person("i * 23 + 9")} FROM range(${count}) t(i) WHERE i % 50 = 0`);
}

/** Every node takes the smallest label around it until none changes: `bench.propagated` (node, root). Gives the rounds. */
export async function propagateLabels(duckdb: HandWritten): Promise<number> {
  await duckdb.run("CREATE OR REPLACE TABLE bench.propagated AS SELECT node, node AS root FROM bench.nodes");
  for (let rounds = 1; ; rounds++) {
    await duckdb.run(`
      CREATE OR REPLACE TABLE bench.next AS
      SELECT a.node, least(a.root, min(b.root)) AS root
      FROM bench.propagated a
      JOIN (SELECT u AS node, v AS other FROM bench.edges UNION ALL SELECT v, u FROM bench.edges) e ON e.node = a.node
      JOIN bench.propagated b ON b.node = e.other
      GROUP BY a.node, a.root`);
    const changed = await duckdb.read(
      "SELECT count(*) FROM bench.propagated a JOIN bench.next b ON b.node = a.node WHERE a.root <> b.root",
    );
    await duckdb.run("DROP TABLE bench.propagated; ALTER TABLE bench.next RENAME TO propagated");
    if (changed === 0) return rounds;
  }
}

const JUMPS = 3;

/**
 * `bench.pairs` (a, b, weight_sum, pair_count) inside suspects of six groups each, all pairs, two people to a suspect, and
 * `bench.claims`: every tenth group says which of the two it is.
 */
export async function makePairs(duckdb: HandWritten, suspects: number): Promise<void> {
  await duckdb.run(`
    CREATE OR REPLACE TABLE bench.pairs AS
    SELECT
      s * 6 + i AS a, s * 6 + j AS b,
      CASE WHEN i % 2 = j % 2 THEN 6.0 ELSE -6.0 END + (hash(s * 36 + i * 6 + j) % 1000)::DOUBLE / 100 - 5 AS weight_sum,
      1::BIGINT AS pair_count
    FROM range(${suspects}) t(s), range(6) l(i), range(6) r(j)
    WHERE i < j`);
  await duckdb.run(`
    CREATE OR REPLACE TABLE bench.claims AS
    SELECT g AS grp, 'user_id' AS claim_key, (g // 6 * 2 + g % 2)::VARCHAR AS claim_value
    FROM range(${suspects * 6}) t(g) WHERE hash(g) % 10 = 0`);
}

/** Hooking and contraction, as the product does it: `bench.contracted` (node, root). Gives the rounds. */
export async function contract(duckdb: HandWritten): Promise<number> {
  await duckdb.run(`
    CREATE OR REPLACE TEMP TABLE live AS SELECT u, v FROM bench.edges;
    CREATE OR REPLACE TABLE bench.contracted AS SELECT node, node AS root FROM bench.nodes`);
  let rounds = 0;
  while ((await duckdb.read("SELECT count(*) FROM live")) > 0) {
    rounds++;
    await duckdb.run(`
      CREATE OR REPLACE TEMP TABLE nearest AS
      SELECT n, min(o) AS p FROM (SELECT u AS n, v AS o FROM live UNION ALL SELECT v, u FROM live) GROUP BY n;
      CREATE OR REPLACE TEMP TABLE parent AS
      SELECT a.n, CASE WHEN b.p = a.n AND a.n < a.p THEN a.n ELSE a.p END AS p FROM nearest a JOIN nearest b ON b.n = a.p`);
    for (let jump = 0; jump < JUMPS; jump++) {
      await duckdb.run(
        "CREATE OR REPLACE TEMP TABLE parent AS SELECT a.n, b.p FROM parent a JOIN parent b ON b.n = a.p",
      );
    }
    await duckdb.run(`
      CREATE OR REPLACE TEMP TABLE live AS
      SELECT DISTINCT least(a.p, b.p) AS u, greatest(a.p, b.p) AS v
      FROM live e JOIN parent a ON a.n = e.u JOIN parent b ON b.n = e.v WHERE a.p <> b.p;
      CREATE OR REPLACE TABLE bench.contracted AS
      SELECT m.node, coalesce(p.p, m.root) AS root FROM bench.contracted m LEFT JOIN parent p ON p.n = m.root`);
  }
  return rounds;
}

/** Whether two tables (node, root) put the same nodes together. */
export async function isSamePartition(duckdb: HandWritten, left: string, right: string): Promise<boolean> {
  const apart = (a: string, b: string): string =>
    `SELECT 1 FROM ${a} l JOIN ${b} r ON r.node = l.node GROUP BY l.root HAVING min(r.root) <> max(r.root)`;
  const wrong = await duckdb.read(`SELECT count(*) FROM (${apart(left, right)} UNION ALL ${apart(right, left)})`);
  const sizes = await duckdb.read(`SELECT abs((SELECT count(*) FROM ${left}) - (SELECT count(*) FROM ${right}))`);
  return wrong === 0 && sizes === 0;
}
