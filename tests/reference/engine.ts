import { parseScript } from "../../src/warehouse/googlesql/blocks.js";
import type { ScriptNode } from "../../src/warehouse/googlesql/script-nodes.js";
import { parseType, typeToMessage } from "../../src/warehouse/googlesql/types.js";
import type { Column, Params } from "../../src/warehouse/port.js";
import { typedSelect, writeMerge } from "./changes.js";
import type { Evaluator, ReferenceRow, ReferenceTable } from "./evaluator.js";
import { type MergeStatement, readStatement, type Shape, tableOf, withFlatNames } from "./statements.js";
import { withoutSynonyms } from "./synonyms.js";

/**
 * GoogleSQL scripts over tables in memory. Every query and every condition is the reference evaluator's. What is done here is only
 * what it cannot do: keep tables, walk IF, WHILE and FOR, and write INSERT, DELETE and MERGE as queries. What no model of ours
 * does is refused.
 */
export interface ReferenceEngine {
  /** Runs a script. Gives the tables it wrote, temporary ones included, in the order it wrote them first. */
  execute(sql: string, params?: Params): Promise<readonly string[]>;
  ensureTable(key: string, columns: readonly Column[]): void;
  /** "identity.edges", or the bare name of a temporary table of the last script. Undefined when there is none. */
  table(key: string): ReferenceTable | undefined;
}

/** What leaves a loop. */
type Leaving = "break" | "continue" | null;

interface Run {
  readonly params: Params;
  readonly written: Set<string>;
}

export function createReferenceEngine(evaluator: Evaluator): ReferenceEngine {
  let tables = new Map<string, ReferenceTable>();

  async function query(sql: string, { params }: Run): Promise<ReferenceTable> {
    const flat = withFlatNames(withoutSynonyms(sql), (key) => tables.has(key));
    const text = flat.toLowerCase();
    const named = new Map([...tables].filter(([key]) => text.includes(key)));
    const used = Object.entries(params).filter(([name]) => text.includes(`@${name.toLowerCase()}`));
    return evaluator.query(flat, named, Object.fromEntries(used));
  }

  function known(key: string): ReferenceTable {
    const table = tables.get(key);
    if (table === undefined) throw new Error(`The reference interpreter has no table ${key}`);
    return table;
  }

  async function list(nodes: readonly ScriptNode[], run: Run): Promise<Leaving> {
    for (const node of nodes) {
      const leaving = await step(node, run);
      if (leaving !== null) return leaving;
    }
    return null;
  }

  async function step(node: ScriptNode, run: Run): Promise<Leaving> {
    switch (node.kind) {
      case "statement":
        await statement(node.statement.text, run);
        return null;
      case "if":
        if (node.operand !== null) break;
        for (const { condition, body } of node.branches) if (await holds(condition.text, run)) return list(body, run);
        return list(node.otherwise, run);
      case "loop":
        if (node.whilst === null) break;
        while (await holds(node.whilst.text, run)) if ((await list(node.body, run)) === "break") return null;
        return null;
      case "for": {
        // The variable is not there: a body that reads it fails.
        const { rows } = await query(node.query.text, run);
        for (const _ of rows) if ((await list(node.body, run)) === "break") return null;
        return null;
      }
      case "break":
      case "continue":
        if (node.label !== null) break;
        return node.kind;
    }
    throw new Error(`The reference interpreter has no ${node.kind}`);
  }

  async function holds(condition: string, run: Run): Promise<boolean> {
    const { rows } = await query(`SELECT (${condition}\n)`, run);
    return rows[0]?.[0]?.boolValue === true;
  }

  async function statement(text: string, run: Run): Promise<void> {
    const read = readStatement(text);
    switch (read.kind) {
      case "begin":
      case "commit":
      case "schema":
        // A script that fails is taken back as a whole, with or without a transaction.
        return;
      case "query":
        // Its rows go nowhere, but it may raise.
        await query(read.sql, run);
        return;
      case "create":
        if (read.isKept && tables.has(read.table)) return;
        return write(read.table, await made(read.shape, run), run);
      case "drop":
        tables.delete(read.table);
        return;
      case "dropDataset":
        for (const key of tables.keys()) if (key.startsWith(`${read.dataset}.`)) tables.delete(key);
        return;
      case "insert": {
        const table = known(read.table);
        const added = await query(typedSelect(table, read.columns, read.sql), run);
        return write(read.table, { ...table, rows: [...table.rows, ...placed(table, read.columns, added)] }, run);
      }
      case "delete": {
        const alias = read.alias ?? read.table.split(".").at(-1);
        const sql = `SELECT ${alias}.* FROM ${read.table} AS ${alias} WHERE (${read.condition}\n) IS NOT TRUE`;
        return write(read.table, { ...known(read.table), rows: (await query(sql, run)).rows }, run);
      }
      case "merge":
        return merge(read, run);
    }
  }

  function write(key: string, table: ReferenceTable, run: Run): void {
    tables.set(key, table);
    run.written.add(key);
  }

  async function made(shape: Shape, run: Run): Promise<ReferenceTable> {
    return "query" in shape ? query(shape.query, run) : { columns: shape.columns.map(columnOf), rows: [] };
  }

  async function merge(read: MergeStatement, run: Run): Promise<void> {
    const table = known(read.table);
    const { kept, added } = writeMerge(read, table);
    const rows: ReferenceRow[] = [];
    const matched = (await query(kept, run)).rows;
    if (matched.length !== table.rows.length) throw new Error(`MERGE matches a row of ${read.table} more than once`);
    // The last column says whether the row stays.
    rows.push(...matched.filter((row) => row.at(-1)?.boolValue === true).map((row) => row.slice(0, -1)));
    for (const { columns, sql } of added) rows.push(...placed(table, columns, await query(sql, run)));
    write(read.table, { ...table, rows }, run);
  }

  return {
    async execute(sql, params = {}) {
      for (const key of tables.keys()) if (!key.includes(".")) tables.delete(key);
      const before = new Map(tables);
      const run = { params, written: new Set<string>() };
      try {
        await list(parseScript(sql), run);
      } catch (error) {
        tables = before;
        throw error;
      }
      return [...run.written];
    },
    ensureTable(key, columns) {
      if (!tables.has(tableOf(key))) tables.set(tableOf(key), { columns: columns.map(columnOf), rows: [] });
    },
    table: (key) => tables.get(key),
  };
}

function columnOf({ name, type }: Column): { name: string; type: unknown } {
  return { name, type: typeToMessage(parseType(type)) };
}

/** Rows of some columns as rows of the table; the others are NULL. */
function placed(
  { columns: all }: ReferenceTable,
  columns: readonly string[],
  { rows }: ReferenceTable,
): readonly ReferenceRow[] {
  const places = all.map(({ name }) => columns.findIndex((column) => column.toLowerCase() === name.toLowerCase()));
  return rows.map((row) => places.map((place) => row[place] ?? {}));
}
