import type { Warehouse } from "../../warehouse/port.js";
import type { MatchModel } from "./model.js";
import type { PatternCount } from "./patterns.js";
import type { Session, TrainingData } from "./train.js";

/** What is used here of `includes/match.js`, `includes/comparisons.js` and `includes/training.js`. Macros take and give SQL. */
export interface MatchMacros {
  levels(l: string, r: string): string;
  readonly COMPARISONS: readonly { readonly name: string; readonly levels: readonly { readonly name: string }[] }[];
  /** The model in place. */
  model(): MatchModel;
}

export interface TrainingMacros {
  readonly SESSIONS: readonly {
    readonly rule: string;
    key(row: string): string;
    readonly implies: Readonly<Record<string, string>>;
    readonly isShared?: boolean;
    readonly isSpare?: boolean;
  }[];
  readonly HOUSEHOLD: Readonly<Record<string, readonly string[]>>;
  readonly BORROWED: readonly string[];
  readonly CERTAIN: readonly ((row: string) => string)[];
  readonly CERTAIN_RECALL: number;
}

/** What is used here of `includes/blocking.js`. */
export interface BlockingMacros {
  /** A key that more descriptions share is no evidence that two are one person's. */
  readonly LARGEST_KEY: number;
}

export interface TrainingMacroSet {
  readonly blocking: BlockingMacros;
  readonly match: MatchMacros;
  readonly training: TrainingMacros;
}

/** Random pairs come from so many descriptions: 1,000,405 pairs. */
const SAMPLE = 1415;
/** Pairs of a session, at most. */
const SESSION_PAIRS = 1_000_000;
/** Descriptions whose neighbours tell how many pairs are matches. */
const DRAWN = 10_000;

/** Counts over `identity.descriptions` what a model is trained from. Reads only; the same rows give the same counts. */
export async function readTrainingData(warehouse: Warehouse, macros: TrainingMacroSet): Promise<TrainingData> {
  const { match, training } = macros;
  const sessions: Session[] = [];
  for (const { rule, key, implies, isShared = false, isSpare = false } of training.SESSIONS) {
    const apart = isShared ? training.HOUSEHOLD : {};
    sessions.push({ rule, implies, apart, isSpare, patterns: await readPatterns(warehouse, sessionSql(macros, key)) });
  }
  const inPlace = match.model().comparisons;
  const descriptionCount = await readCount(warehouse, "SELECT COUNT(*) AS n FROM identity.descriptions");
  return {
    comparisons: match.COMPARISONS.map(({ name, levels }) => ({
      name,
      levels: [...levels.map((level) => level.name), "else"],
    })),
    descriptionCount,
    certainPairCount: await readCount(warehouse, certainSql(macros)),
    certainRecall: training.CERTAIN_RECALL,
    random: await readPatterns(warehouse, randomSql(match)),
    sessions,
    known: Object.fromEntries(training.BORROWED.flatMap((name) => (inPlace[name] ? [[name, inPlace[name]]] : []))),
    neighbours: {
      drawnCount: Math.min(DRAWN, descriptionCount),
      patterns: await readPatterns(warehouse, neighboursSql(macros)),
    },
  };
}

async function readPatterns(warehouse: Warehouse, sql: string): Promise<PatternCount[]> {
  const { rows } = await warehouse.query(sql);
  return rows.map(({ pattern, pair_count }) => ({ pattern: String(pattern), count: Number(pair_count) }));
}

async function readCount(warehouse: Warehouse, sql: string): Promise<number> {
  const { rows } = await warehouse.query(sql);
  return Number(rows[0]?.n ?? 0);
}

/** Drawn by the hash of their ids, so that every run draws the same. */
function randomSql(match: MatchMacros): string {
  return `
WITH sample AS (
  SELECT d.* FROM identity.descriptions AS d
  WHERE TRUE
  QUALIFY ROW_NUMBER() OVER (ORDER BY MD5(d.description_id), d.description_id) <= ${SAMPLE}
)
SELECT p.pattern, COUNT(*) AS pair_count
FROM (
  SELECT ${match.levels("l", "r")} AS pattern
  FROM sample AS l
  JOIN sample AS r ON r.description_id > l.description_id
) AS p
GROUP BY p.pattern
ORDER BY p.pattern`;
}

/**
 * Equal records are one description, and yet pairs of one person: without them a birth date would never be seen to agree together
 * with a name where there is no more to describe anybody by. Each record but a description's first counts as a pair, so that what
 * thousands have in common does not outweigh all others.
 */
const EQUALS = `equals AS (
    SELECT f.description_id, COUNT(*) - 1 AS equal_count
    FROM identity.features AS f
    WHERE f.description_id IS NOT NULL
    GROUP BY f.description_id
  )`;

/** Whole keys, drawn by their hash, until the pairs are enough. */
function sessionSql({ blocking, match }: TrainingMacroSet, key: (row: string) => string): string {
  return `
WITH
  ${EQUALS},
  keyed AS (
    SELECT d.*, ${key("d")} AS session_key, e.equal_count
    FROM identity.descriptions AS d
    JOIN equals AS e ON e.description_id = d.description_id
  ),
  sizes AS (
    SELECT k.session_key, DIV(COUNT(*) * (COUNT(*) - 1), 2) + SUM(k.equal_count) AS pair_count
    FROM keyed AS k
    WHERE k.session_key IS NOT NULL
    GROUP BY k.session_key
    HAVING COUNT(*) <= ${blocking.LARGEST_KEY} AND COUNT(*) + SUM(k.equal_count) > 1
  ),
  chosen AS (
    SELECT s.session_key
    FROM sizes AS s
    WHERE TRUE
    QUALIFY SUM(s.pair_count) OVER (ORDER BY MD5(s.session_key), s.session_key ROWS UNBOUNDED PRECEDING) <= ${SESSION_PAIRS}
  ),
  members AS (SELECT k.* FROM keyed AS k JOIN chosen AS c ON c.session_key = k.session_key)
SELECT p.pattern, SUM(p.pair_count) AS pair_count
FROM (
  SELECT ${match.levels("l", "r")} AS pattern, IF(l.description_id = r.description_id, l.equal_count, 1) AS pair_count
  FROM members AS l
  JOIN members AS r ON r.session_key = l.session_key AND r.description_id >= l.description_id
) AS p
WHERE p.pair_count > 0
GROUP BY p.pattern
ORDER BY p.pattern`;
}

/** CTEs up to `shared(description_id, pair_key)`: descriptions by what brings them together, without keys of too many. */
function sharedKeys({ LARGEST_KEY }: BlockingMacros, keys: readonly ((row: string) => string)[]): string {
  const keyed = keys.map(
    (key, index) => `
    SELECT d.description_id, CONCAT('${index}|', ${key("d")}) AS pair_key FROM identity.descriptions AS d`,
  );
  return `
  keyed AS (${keyed.join("\n    UNION ALL")}
  ),
  shared AS (
    SELECT k.description_id, k.pair_key
    FROM keyed AS k
    WHERE k.pair_key IS NOT NULL
    QUALIFY COUNT(*) OVER (PARTITION BY k.pair_key) <= ${LARGEST_KEY}
  )`;
}

function neighboursSql({ blocking, match, training }: TrainingMacroSet): string {
  return `
WITH
  ${EQUALS},${sharedKeys(
    blocking,
    training.SESSIONS.map(({ key }) => key),
  )},
  drawn AS (
    SELECT d.description_id
    FROM identity.descriptions AS d
    WHERE TRUE
    QUALIFY ROW_NUMBER() OVER (ORDER BY MD5(d.description_id), d.description_id) <= ${DRAWN}
  ),
  pairs AS (
    SELECT DISTINCT n.description_id AS a, o.description_id AS b
    FROM drawn AS n
    JOIN shared AS s ON s.description_id = n.description_id
    JOIN shared AS o ON o.pair_key = s.pair_key
  )
SELECT p.pattern, SUM(p.pair_count) AS pair_count
FROM (
  SELECT ${match.levels("l", "r")} AS pattern, IF(p.a = p.b, 2 * e.equal_count, 1) AS pair_count
  FROM pairs AS p
  JOIN equals AS e ON e.description_id = p.a
  JOIN identity.descriptions AS l ON l.description_id = p.a
  JOIN identity.descriptions AS r ON r.description_id = p.b
) AS p
WHERE p.pair_count > 0
GROUP BY p.pattern
ORDER BY p.pattern`;
}

function certainSql({ blocking, training }: TrainingMacroSet): string {
  return `
WITH
  ${EQUALS},${sharedKeys(blocking, training.CERTAIN)}
SELECT SUM(IF(p.a = p.b, e.equal_count, 1)) AS n
FROM (
  SELECT DISTINCT l.description_id AS a, r.description_id AS b
  FROM shared AS l
  JOIN shared AS r ON r.pair_key = l.pair_key AND r.description_id >= l.description_id
) AS p
JOIN equals AS e ON e.description_id = p.a`;
}
