import type { Params, Row, Warehouse } from "../../warehouse/port.js";
import { sql } from "../../warehouse/sql.js";
import type { IdentityRules } from "./rules.js";
import { type Description, type Waterfall, waterfall } from "./waterfall.js";

/** What two descriptions weigh, and why. */
export interface Comparison extends Waterfall {
  readonly left: string;
  readonly right: string;
  /** As the models weigh the pair. */
  readonly weight: number;
  /** What they say contradicts each other, and that decides. */
  readonly isVetoed: boolean;
}

export interface Pair {
  readonly left: string;
  readonly right: string;
}

/** Compares each pair in the copy, by the models' own macros. */
export async function comparePairs(
  scratch: Warehouse,
  rules: IdentityRules,
  pairs: readonly Pair[],
): Promise<readonly Comparison[]> {
  if (pairs.length === 0) return [];
  const ids = [...new Set(pairs.flatMap(({ left, right }) => [left, right]))];
  const { rows } = await scratch.query(DESCRIPTIONS_SQL, { ids: { type: "ARRAY<STRING>", value: ids } });
  const descriptions = new Map(rows.map((row) => [String(row.description_id), descriptionOf(row)]));
  const compared = await scratch.query(pairsSql(rules), pairsParam(pairs));
  return compared.rows.map((row) => {
    const [left, right] = [String(row.a), String(row.b)];
    const [l, r] = [descriptions.get(left), descriptions.get(right)];
    if (l === undefined || r === undefined) throw new Error(`there is no description ${left} or ${right}`);
    const parts = waterfall(String(row.levels), { model: rules.model, shapes: rules.comparisons }, l, r);
    return { left, right, weight: Number(row.weight), isVetoed: row.is_vetoed === true, ...parts };
  });
}

/** What each pair weighs, the heaviest first. */
export async function weighPairs(
  scratch: Warehouse,
  rules: IdentityRules,
  pairs: readonly Pair[],
): Promise<readonly (Pair & { readonly weight: number })[]> {
  if (pairs.length === 0) return [];
  const { rows } = await scratch.query(
    `SELECT p.a, p.b, ${rules.weight("l", "r")} AS weight ${PAIRS_FROM} ORDER BY weight DESC, p.a, p.b`,
    pairsParam(pairs),
  );
  return rows.map((row) => ({ left: String(row.a), right: String(row.b), weight: Number(row.weight) }));
}

const DESCRIPTIONS_SQL = sql`SELECT d.* FROM identity.descriptions AS d WHERE d.description_id IN UNNEST(@ids)`;
const PAIRS_FROM = `
  FROM UNNEST(@pairs) AS p
  JOIN identity.descriptions AS l ON l.description_id = p.a
  JOIN identity.descriptions AS r ON r.description_id = p.b`;

function pairsSql({ levels, weight, vetoes }: IdentityRules): string {
  return `SELECT
    p.a, p.b, ${levels("l", "r")} AS levels, ${weight("l", "r")} AS weight, ${vetoes("l", "r")} AS is_vetoed ${PAIRS_FROM}`;
}

function pairsParam(pairs: readonly Pair[]): Params {
  const value = pairs.map(({ left, right }) => ({ a: left, b: right }));
  return { pairs: { type: "ARRAY<STRUCT<a STRING, b STRING>>", value } };
}

const FREQUENCY = "_frequency";

function descriptionOf(row: Row): Description {
  const values: Record<string, string | null> = {};
  const frequencies: Record<string, number | null> = {};
  for (const [column, value] of Object.entries(row)) {
    if (column.endsWith(FREQUENCY)) frequencies[column.slice(0, -FREQUENCY.length)] = numberOf(value);
    else if (typeof value === "string") values[column] = value;
  }
  return { id: String(row.description_id), values, frequencies };
}

function numberOf(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}
