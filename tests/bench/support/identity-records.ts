import type { Micros } from "../../../src/platform/clock.js";
import type { HandWritten } from "./identity-graph.js";

/**
 * Records of people as silver holds them, made where they lie. Five or six records to a person: each is a node that carries the
 * person's mailbox, phone or user id, half of them two of these, and two in three a name with a birth date.
 */
export interface Records {
  /** The first record's number, and how many there are. */
  readonly from: number;
  readonly count: number;
  /** Whom they are of: so many people, the same for the same number. */
  readonly people: number;
  /** When the first arrives. The others follow, a microsecond apart. */
  readonly at: Micros;
}

const NODE = "substr(sha256('node ' || r), 1, 32)";
const SOURCE = "(['website', 'salesforce', 'email'])[1 + (hash(r * 3 + 2) % 3)::INTEGER]";
const FACT = `${SOURCE} || ':' || r AS event_key, r::VARCHAR AS event_id, ${NODE} AS node_id, ${SOURCE} AS source`;

/** Letters that differ from the first one on: names of one beginning would all be alike. */
const word = (number: string, letters: number): string =>
  `translate(substr(md5((${number})::VARCHAR), 1, ${letters}), '0123456789', 'ghijklmnop')`;

export async function insertRecords(duckdb: HandWritten, { from, count, people, at }: Records): Promise<void> {
  const records = `
    SELECT i AS r, (hash(i * 7 + 1) % ${people})::BIGINT AS p, make_timestamptz(${at} + i - ${from}) AS arrived_at
    FROM range(${from}, ${from + count}) t(i)`;
  await duckdb.run(`
    INSERT INTO silver.identifier_observations BY NAME
    WITH
      records AS (${records}),
      carried AS (
        SELECT *, (hash(r * 5 + 3) % 3)::INTEGER AS kind, TRUE AS is_owner FROM records
        UNION ALL
        SELECT *, ((hash(r * 5 + 3) + 1) % 3)::INTEGER, FALSE FROM records WHERE hash(r * 11 + 5) % 2 = 0
      )
    SELECT
      ${FACT}, 'campus' AS namespace, (['email', 'phone', 'user_id'])[1 + kind] AS type,
      substr(sha256('identifier ' || kind || ' ' || p), 1, 32) AS hmac, kind || '-' || p AS value, 'own' AS role, is_owner,
      FALSE AS is_blocked, arrived_at AS occurred_at, arrived_at AS ingested_at
    FROM carried`);
  await duckdb.run(`
    INSERT INTO silver.feature_observations BY NAME
    WITH
      records AS (${records}),
      told AS (
        SELECT
          *, ${word("hash(p * 13) % 997", 6)} AS given_name, ${word("hash(p * 17) % 9973", 8)} AS family_name,
          strftime(DATE '1990-01-01' + (hash(p * 19) % 6000)::INTEGER, '%Y-%m-%d') AS birth_date
        FROM records
        WHERE hash(r * 23 + 7) % 3 < 2
      )
    SELECT ${FACT}, f.field, f.value, arrived_at AS observed_at, arrived_at AS ingested_at
    FROM told, UNNEST([
      {field: 'given_name', value: given_name},
      {field: 'family_name', value: family_name},
      {field: 'name_bag', value: family_name || ' ' || given_name},
      {field: 'birth_date', value: birth_date}
    ]) u(f)`);
}
