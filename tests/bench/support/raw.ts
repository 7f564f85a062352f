import { DuckDBConnection } from "@duckdb/node-api";
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

/** What was asked of the warehouse, and the statements that DuckDB ran for it: of a branch only those taken, of a loop each turn's. */
export interface Recording {
  readonly scripts: readonly Script[];
  readonly statements: readonly Bound[];
}

/** The warehouse, and what a project's files have it do from now on: scripts and checks, not the runner's own bookkeeping. */
export function recorded(warehouse: Warehouse): { readonly warehouse: Warehouse; take(): Recording } {
  let scripts: Script[] = [];
  let statements: Bound[] = [];
  let underWay = 0;
  listen((statement) => {
    if (underWay > 0) statements.push(statement);
  });
  const record = async <T>(script: Script, work: () => Promise<T>): Promise<T> => {
    scripts.push(script);
    underWay += 1;
    try {
      return await work();
    } finally {
      underWay -= 1;
    }
  };
  return {
    warehouse: {
      ...warehouse,
      execute: (sql, params = {}, options) =>
        record({ sql, params, origin: options?.origin ?? "" }, () => warehouse.execute(sql, params, options)),
      query(sql, params = {}, options) {
        const ask = () => warehouse.query(sql, params, options);
        return options?.origin?.endsWith(".sqlx") ? record({ sql, params, origin: options.origin }, ask) : ask();
      },
    },
    take() {
      const taken = { scripts, statements };
      scripts = [];
      statements = [];
      return taken;
    },
  };
}

/** Tells of whatever any connection runs from now on, but for the row meter's own look at DuckDB's log. */
function listen(told: (statement: Bound) => void): void {
  const { run, stream } = DuckDBConnection.prototype;
  DuckDBConnection.prototype.run = function (sql, values, types) {
    if (!sql.includes("duckdb_logs")) told({ sql, values, types } as Bound);
    return run.call(this, sql, values, types);
  };
  DuckDBConnection.prototype.stream = function (sql, values, types) {
    told({ sql, values, types } as Bound);
    return stream.call(this, sql, values, types);
  };
}

/** DuckDB as one has it without the warehouse around it: a file, a connection, SQL text. */
export interface Raw {
  readonly connection: DuckDBConnection;
  /** The scripts' statements in DuckDB SQL. */
  translate(scripts: readonly Script[]): Promise<Bound[]>;
  /** Runs statements as one text as far as they have no parameters. Gives the time it took in ms. */
  run(statements: readonly Bound[]): Promise<number>;
  /** Runs statements in calls of their own. */
  runEach(statements: readonly Bound[]): Promise<void>;
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
    async runEach(statements) {
      for (const { sql, values, types } of statements) await connection.run(sql, values, types);
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
