import { formatType, typeFromMessage } from "../../src/warehouse/googlesql/types.js";
import { decodeValue } from "../../src/warehouse/googlesql/values.js";
import type { Warehouse } from "../../src/warehouse/port.js";
import { canonicalLiteral, canonicalResult, difference, type Result } from "../campaign/compare.js";
import type { ReferenceEngine } from "./engine.js";
import type { ReferenceTable } from "./evaluator.js";

/**
 * A warehouse that is two. What is written to it is written to the embedded warehouse and to the reference engine; after each
 * script every table that it wrote, temporary ones included, must have the same columns, types and rows in both, or the script
 * fails with the first one that has not. It is read from the embedded one: the other is the same.
 */
export interface PairedWarehouse extends Warehouse {
  /** How many tables were compared, and of how many rows. */
  readonly compared: { tables: number; rows: number };
}

export function pairWarehouses(embedded: Warehouse, reference: ReferenceEngine): PairedWarehouse {
  const compared = { tables: 0, rows: 0 };

  async function compare(key: string): Promise<void> {
    const table = reference.table(key);
    if (table === undefined) return;
    const expected = resultOf(table);
    const found = canonicalResult(await embedded.query(`SELECT * FROM ${isTemporary(key) ? copyOf(key) : key}`));
    compared.tables += 1;
    compared.rows += expected.rows.length;
    const detail = difference(expected, found, false);
    if (detail !== null) throw new Error(`${key} is not what the reference evaluator makes of it: ${detail}`);
  }

  return {
    ...embedded,
    compared,
    async execute(sql, params, options) {
      const written = await reference.execute(sql, params);
      // A script's temporary tables end with it, so it copies them itself.
      const copies = written
        .filter((key) => isTemporary(key) && reference.table(key) !== undefined)
        .map((key) => `;\nCREATE OR REPLACE TABLE ${copyOf(key)} AS SELECT * FROM ${key}\n`);
      const opening = copies.length === 0 ? "" : `CREATE SCHEMA IF NOT EXISTS ${COPIES};`;
      const result = await embedded.execute(`${opening}${sql}\n${copies.join("")}`, params, options);
      for (const key of written) await compare(key);
      return result;
    },
    async ensureTables(tables) {
      await embedded.ensureTables(tables);
      for (const { dataset, table, columns } of tables) reference.ensureTable(`${dataset}.${table}`, columns);
    },
  };
}

const COPIES = "copies_of_temporary_tables";

function isTemporary(key: string): boolean {
  return !key.includes(".");
}

function copyOf(key: string): string {
  return `${COPIES}.${key}`;
}

function resultOf({ columns, rows }: ReferenceTable): Result {
  const typed = columns.map(({ name, type }) => ({ name, type: typeFromMessage(type) }));
  return {
    columns: typed.map(({ name, type }) => ({ name, type: formatType(type) })),
    rows: rows.map((row) => typed.map(({ type }, at) => canonicalLiteral(decodeValue(row[at], type), type))),
  };
}
