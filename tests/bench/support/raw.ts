import type { DuckDBConnection } from "@duckdb/node-api";
import { readCatalog } from "../../../src/warehouse/duckdb/catalog.js";
import { DATABASE } from "../../../src/warehouse/duckdb/generator/names.js";
import { openInstance } from "../../../src/warehouse/duckdb/instance.js";
import { type Bound, createBindings } from "../../../src/warehouse/duckdb/parameters.js";
import { createTranslator, type Translator } from "../../../src/warehouse/duckdb/translate.js";
import type { Analyzer } from "../../../src/warehouse/googlesql/analyzer.js";
import type { Params, Warehouse } from "../../../src/warehouse/port.js";

/** One script as the runner gave it to the warehouse. */
export interface Script {
  readonly sql: string;
  readonly params: Params;
  readonly origin: string;
}

/** The warehouse, and what a project's files have it do from now on: scripts and checks, not the runner's own bookkeeping. */
export function recorded(warehouse: Warehouse): { readonly warehouse: Warehouse; take(): Script[] } {
  let scripts: Script[] = [];
  return {
    warehouse: {
      ...warehouse,
      execute(sql, params = {}, options) {
        scripts.push({ sql, params, origin: options?.origin ?? "" });
        return warehouse.execute(sql, params, options);
      },
      query(sql, params = {}, options) {
        if (options?.origin?.endsWith(".sqlx")) scripts.push({ sql, params, origin: options.origin });
        return warehouse.query(sql, params, options);
      },
    },
    take() {
      const taken = scripts;
      scripts = [];
      return taken;
    },
  };
}

/** DuckDB as one has it without the warehouse around it: a file, a connection, SQL text. */
export interface Raw {
  readonly connection: DuckDBConnection;
  /** The scripts' statements in DuckDB SQL. */
  translate(scripts: readonly Script[]): Promise<Bound[]>;
  /** Runs statements one after the other, as one text as far as they have no parameters. Gives the time it took in ms. */
  run(statements: readonly Bound[]): Promise<number>;
  dropTemporary(): Promise<void>;
  close(): Promise<void>;
}

export async function openRaw(file: string, analyzer: Analyzer): Promise<Raw> {
  const instance = await openInstance({ file, memoryLimit: "2GB", threads: 2 });
  const connection = await instance.connect();
  await connection.run(`USE ${DATABASE}`);
  const translator = createTranslator({}, { analyzer });
  return {
    connection,
    async translate(scripts) {
      const statements: Bound[] = [];
      for (const script of scripts) statements.push(...(await translateScript(translator, connection, script)));
      return statements;
    },
    async run(statements) {
      const startedAt = performance.now();
      let text: string[] = [];
      for (const { sql, values, types } of statements) {
        text.push(sql);
        if (values === undefined) continue;
        if (text.length > 1) await connection.run(text.slice(0, -1).join(";\n"));
        await connection.run(sql, values, types);
        text = [];
      }
      if (text.length > 0) await connection.run(text.join(";\n"));
      return performance.now() - startedAt;
    },
    async dropTemporary() {
      const found = await connection.runAndReadAll("SELECT table_name FROM duckdb_tables() WHERE temporary");
      for (const [table] of found.getRows()) await connection.run(`DROP TABLE temp.main."${table}"`);
    },
    async close() {
      connection.closeSync();
      await instance.close();
    },
  };
}

async function translateScript(translator: Translator, connection: DuckDBConnection, script: Script): Promise<Bound[]> {
  const bindings = createBindings(script.params);
  const catalog = await readCatalog(connection);
  const { statements } = await translator.translate({ ...script, params: bindings.types, catalog });
  return statements.flatMap(({ templates }) => templates.map((template) => bindings.bind(template)));
}
