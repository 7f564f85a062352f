import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isoToMicros } from "../../platform/clock.js";
import { RollcallError } from "../../platform/errors.js";
import { formatType, type GoogleType, parseType } from "../googlesql/types.js";
import type { Param, QueryResult, Warehouse } from "../port.js";
import { createDuckdbWarehouse } from "./warehouse.js";

/**
 * Queries with known results, most of them from Google's reference evaluator ("reference"), the others written by hand from
 * the documentation ("documented"). The embedded warehouse must give the same rows, order and types included.
 */
interface CorpusQuery {
  readonly id: string;
  readonly group: string;
  readonly setup?: readonly string[];
  readonly sql: string;
  /** Reads the effect of `sql`, where that is a statement. */
  readonly check?: string;
  readonly columns?: readonly (readonly [string, string])[];
  readonly rows?: readonly (readonly unknown[])[];
  /** Set where GoogleSQL itself refuses. */
  readonly error?: string;
}

interface Fixture {
  readonly columns: Readonly<Record<string, string>>;
  readonly rows: readonly (readonly unknown[])[];
}

const DATA = new URL("../../../tests/data/googlesql/", import.meta.url);
const CORPUS = JSON.parse(readFileSync(new URL("corpus.json", DATA), "utf8")) as readonly CorpusQuery[];
const FIXTURES = JSON.parse(readFileSync(new URL("fixtures.json", DATA), "utf8")) as Readonly<Record<string, Fixture>>;

/** Every known difference, and why. A query that starts to pass must leave this list. */
const KNOWN_DIFFERENCES: Readonly<Record<string, string>> = {
  js_value: "a JSON number read as text is printed anew: 12.50 becomes 12.5",
  js_extract: "a JSON number read as text is printed anew",
  js_bigint: "a JSON number read as text is printed anew",
  p_basic: "refused: pipe syntax is younger than the analyzer",
  p_extend_drop: "refused: pipe syntax is younger than the analyzer",
  p_join: "refused: pipe syntax is younger than the analyzer",
  p_set_rename: "refused: pipe syntax is younger than the analyzer",
};

let warehouse: Warehouse;

beforeAll(async () => {
  warehouse = await createDuckdbWarehouse({ file: ":memory:", defaultDataset: "ds", threads: 1 });
  await loadFixtures();
});

afterAll(async () => {
  await warehouse.close();
});

test("the corpus gives the rows GoogleSQL gives", { timeout: 120_000 }, async () => {
  const outcomes = new Map<string, string>();
  for (const query of CORPUS) outcomes.set(query.id, await outcomeOf(query));
  report(outcomes);
  const failing = [...outcomes].filter(([, outcome]) => outcome !== "same").map(([id]) => id);
  expect(failing.toSorted()).toEqual(Object.keys(KNOWN_DIFFERENCES).toSorted());
});

async function loadFixtures(): Promise<void> {
  await warehouse.ensureTables(
    Object.entries(FIXTURES).map(([table, { columns }]) => ({
      dataset: "ds",
      table,
      columns: Object.entries(columns).map(([name, type]) => ({ name, type })),
    })),
  );
  for (const [table, { columns, rows }] of Object.entries(FIXTURES)) {
    const types = Object.values(columns);
    const names = types.map((_, i) => `@p${i}`).join(", ");
    for (const row of rows) {
      const params = Object.fromEntries(types.map((type, i) => [`p${i}`, parameter(row[i], type)]));
      await warehouse.execute(`INSERT INTO ds.${table} (${Object.keys(columns).join(", ")}) VALUES (${names})`, params);
    }
  }
}

/** The corpus writes BYTES as "0x00ff", JSON as {"$json": ...}, times as SQL does, and decimals as numbers where exact. */
function parameter(value: unknown, type: string): Param {
  return { type, value: portValue(value, parseType(type)) };
}

function portValue(value: unknown, type: GoogleType): unknown {
  if (value === null || value === undefined) return null;
  switch (type.kind) {
    case "BYTES":
      return Buffer.from(String(value).slice(2), "hex");
    case "JSON":
      return (value as { $json: unknown }).$json;
    case "NUMERIC":
      return String(value);
    case "DOUBLE":
      return Number(value);
    case "TIMESTAMP":
      return isoToMicros(String(value).replace("+00", "Z"));
    default:
      return value;
  }
}

async function outcomeOf(query: CorpusQuery): Promise<string> {
  try {
    for (const statement of query.setup ?? []) await warehouse.execute(statement);
    if (query.check !== undefined) await warehouse.execute(query.sql);
    const result = await warehouse.query(query.check ?? query.sql);
    if (query.rows === undefined) return `gives rows where GoogleSQL refuses: ${query.error}`;
    return difference(query, query.rows, result) ?? "same";
  } catch (error) {
    if (!(error instanceof RollcallError)) throw error;
    return query.error === undefined ? `${error.code} ${error.message}` : "same";
  }
}

function difference(query: CorpusQuery, rows: readonly (readonly unknown[])[], result: QueryResult): string | null {
  const types = result.columns.map(({ type }) => parseType(type));
  const found = result.rows.map((row) =>
    result.columns.map(({ name }, i) => canonical(row[name], types[i] as GoogleType)),
  );
  const [expectedRows, foundRows] = isOrdered(query.check ?? query.sql) ? [rows, found] : [sorted(rows), sorted(found)];
  if (!isSame(expectedRows, foundRows))
    return `expected ${JSON.stringify(expectedRows)}, found ${JSON.stringify(foundRows)}`;
  if (query.columns === undefined || query.check !== undefined) return null;
  const expectedTypes = query.columns.map(([, type]) => formatType(parseType(type)));
  const foundTypes = types.map(formatType);
  return isSame(expectedTypes, foundTypes) ? null : `expected the types ${expectedTypes}, found ${foundTypes}`;
}

/** A value of the port as the corpus writes it. */
function canonical(value: unknown, type: GoogleType): unknown {
  if (value === null || value === undefined) return null;
  switch (type.kind) {
    case "INT64":
      return typeof value === "bigint" ? String(value) : value;
    case "DOUBLE":
      return Number.isFinite(value) ? value : String(value);
    case "NUMERIC":
    case "BIGNUMERIC":
      return String(value).replace(/\D/g, "").length <= 15 ? Number(value) : value;
    case "BYTES":
      return `0x${(value as Buffer).toString("hex")}`;
    case "TIMESTAMP":
      return `${trimFraction(String(value).replace("T", " ").replace("Z", ""))}+00`;
    case "DATETIME":
      return trimFraction(String(value).replace("T", " "));
    case "TIME":
      return trimFraction(String(value));
    case "JSON":
      return { $json: value };
    case "INTERVAL":
      return intervalParts(String(value));
    case "ARRAY":
      return (value as readonly unknown[]).map((element) => canonical(element, type.element));
    case "STRUCT":
      return Object.fromEntries(
        type.fields.map((field, i) => {
          const name = field.name === "" ? `_f${i}` : field.name;
          return [name, canonical((value as Record<string, unknown>)[name], field.type)];
        }),
      );
    default:
      return value;
  }
}

function trimFraction(text: string): string {
  return text.replace(/\.?0+$/, (zeros) => (zeros.startsWith(".") ? "" : text.includes(".") ? "" : zeros));
}

/** "1-2 3 4:5:6.7" as "14m3d14706700000us". */
function intervalParts(text: string): string {
  const [, ymSign, years, months, days, clockSign, h, m, s] =
    /^(-?)(\d+)-(\d+) (-?\d+) (-?)(\d+):(\d+):([\d.]+)$/.exec(text) ?? [];
  const sign = (minus: string | undefined): number => (minus === "-" ? -1 : 1);
  const micros = Math.round((Number(h) * 3600 + Number(m) * 60 + Number(s)) * 1e6);
  return `${sign(ymSign) * (Number(years) * 12 + Number(months))}m${days}d${sign(clockSign) * micros}us`;
}

/** Whether the outermost query has an ORDER BY: then the order of rows is part of the result. */
function isOrdered(sql: string): boolean {
  const bare = sql.replace(/'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`[^`]*`/g, "x");
  let outer = "";
  let depth = 0;
  for (const char of bare) {
    if (char === ")") depth -= 1;
    if (depth === 0) outer += char;
    if (char === "(") depth += 1;
  }
  return /\border\s+by\b/i.test(outer.split(";").at(-1) ?? "");
}

function sorted(rows: readonly (readonly unknown[])[]): readonly (readonly unknown[])[] {
  return rows.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

function isSame(expected: unknown, found: unknown): boolean {
  if (expected === found) return true;
  if (typeof expected === "number" && typeof found === "number") {
    return Math.abs(expected - found) <= 1e-9 * Math.max(1, Math.abs(expected), Math.abs(found));
  }
  if (typeof expected !== "object" || typeof found !== "object" || expected === null || found === null) return false;
  const [left, right] = [Object.entries(expected), new Map(Object.entries(found))];
  return left.length === right.size && left.every(([key, value]) => right.has(key) && isSame(value, right.get(key)));
}

function report(outcomes: ReadonlyMap<string, string>): void {
  const groups = new Map<string, { all: number; same: number }>();
  for (const { id, group } of CORPUS) {
    const counts = groups.get(group) ?? { all: 0, same: 0 };
    counts.all += 1;
    if (outcomes.get(id) === "same") counts.same += 1;
    groups.set(group, counts);
  }
  const lines = [...groups].map(([group, { all, same }]) => `${group.padEnd(24)} ${same} of ${all}`);
  const same = [...outcomes.values()].filter((outcome) => outcome === "same").length;
  lines.push(`${"all".padEnd(24)} ${same} of ${CORPUS.length} (${((100 * same) / CORPUS.length).toFixed(1)} %)`);
  const unexpected = [...outcomes].filter(([id, outcome]) => outcome !== "same" && !(id in KNOWN_DIFFERENCES));
  for (const [id, outcome] of unexpected) lines.push(`${id}: ${outcome}`);
  console.log(lines.join("\n"));
}
