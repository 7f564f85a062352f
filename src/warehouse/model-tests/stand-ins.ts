import { RollcallError } from "../../platform/errors.js";
import { parseType } from "../googlesql/types.js";
import type { Column, Params, Row, Warehouse } from "../port.js";
import { type Action, type CompiledProject, idOf } from "../project/action.js";
import { readBronzeTables } from "../project/bronze.js";
import { OPS_TABLES } from "../project/ops-tables.js";
import { statementsOf } from "../project/script.js";
import { failureOfScript } from "../project/script-failure.js";
import { didYouMean } from "../project/suggest.js";
import { paramValue } from "../project/typed-value.js";

/**
 * Empty tables that stand in for the project's, in datasets of their own (`mock_silver.events` for `silver.events`), so
 * that a view can be an input like any other and nothing outside of these datasets is written. Each is made when it is
 * first asked for, and before it what it is made from: a single test costs only its own part of the project.
 */
export interface StandIns {
  /** Makes the table's stand-in where it is not there yet. Throws INPUT_INVALID when the project has no such table. */
  columns(id: string): Promise<readonly Column[]>;
  insert(id: string, rows: readonly Row[]): Promise<void>;
  read(id: string, columns: readonly Column[]): Promise<readonly Row[]>;
  /** Empties those that are there. */
  clear(ids: Iterable<string>): Promise<void>;
  /** The same model over stand-ins: every table that it names in backticks, as `ref` writes them. */
  rewrite(action: Action): Action;
  /** Takes their datasets away again. */
  drop(): Promise<void>;
}

export interface StandInsConfig {
  readonly project: CompiledProject;
  /** Put before the name of each dataset. */
  readonly prefix: string;
}

export interface StandInsDeps {
  readonly warehouse: Warehouse;
}

/** A window over no rows: the texts of models want its bounds. */
const NO_WINDOW: Params = {
  window_from: { type: "TIMESTAMP", value: 0 },
  window_to: { type: "TIMESTAMP", value: 0 },
};

export function createStandIns({ project, prefix }: StandInsConfig, { warehouse }: StandInsDeps): StandIns {
  const made = new Map<string, readonly Column[]>();
  const datasets = new Set<string>();
  const landed = new Map(
    [...OPS_TABLES, ...readBronzeTables(project.root)].map((table) => [
      idOf({ dataset: table.dataset, name: table.table }),
      table.columns,
    ]),
  );
  const tableIds = [...landed.keys(), ...project.actions.filter(hasRows).map(({ id }) => id)];
  const names = new Map(project.actions.map((action) => [action.sqlName, standInName(action)]));

  function standInName({ sqlName, target, id }: Action): string {
    return sqlName.replace(id, `${prefix}${target.dataset}.${target.name}`);
  }

  async function columns(id: string): Promise<readonly Column[]> {
    const known = made.get(id);
    if (known !== undefined) return known;
    const action = project.byId.get(id);
    const shape = landed.get(id) ?? (action !== undefined && hasRows(action) ? await build(action) : undefined);
    if (shape === undefined) {
      throw new RollcallError("INPUT_INVALID", `${id} is no table of the project${didYouMean(id, tableIds)}`, {
        isRetriable: false,
      });
    }
    if (landed.has(id)) await ensure(id, shape);
    made.set(id, shape);
    return shape;
  }

  /** Makes a model's stand-in from its own text over those of its inputs, which gives it its columns. */
  async function build(action: Action): Promise<readonly Column[] | undefined> {
    for (const id of action.dependsOn) {
      const input = project.byId.get(id);
      if (landed.has(id) || (input !== undefined && hasRows(input) && input.kind !== "declaration")) await columns(id);
    }
    await makeDataset(action.target.dataset);
    const mode = action.kind === "operations" ? "statements" : "create";
    const statements = statementsOf(rewrite(action), mode, () => []);
    const script = joined(statements);
    await warehouse.execute(script, NO_WINDOW, { origin: action.fileName }).catch((error: unknown) => {
      throw failureOfScript(error, script, action.fileName);
    });
    const table = { dataset: `${prefix}${action.target.dataset}`, table: action.target.name };
    const shape = (await warehouse.schema(table)) ?? undefined;
    if (shape === undefined || action.kind !== "operations") return shape;
    // What operations make may demand more of a row than a fixture tells.
    await warehouse.execute(`DROP TABLE ${standInName(action)}`);
    await ensure(action.id, shape);
    return shape;
  }

  async function makeDataset(dataset: string): Promise<void> {
    if (datasets.has(dataset)) return;
    datasets.add(dataset);
    await warehouse.execute(`CREATE SCHEMA IF NOT EXISTS \`${prefix}${dataset}\``);
  }

  async function ensure(id: string, shape: readonly Column[]): Promise<void> {
    const [dataset = "", table = ""] = id.split(".");
    await makeDataset(dataset);
    await warehouse.ensureTables([{ dataset: `${prefix}${dataset}`, table, columns: shape }]);
  }

  function rewrite(action: Action): Action {
    const rename = (text: string): string => text.replaceAll(/`[^`]+`/g, (name) => names.get(name) ?? name);
    return {
      ...action,
      sqlName: rename(action.sqlName),
      sql: rename(action.sql),
      incrementalSql: rename(action.incrementalSql),
      statements: action.statements.map(rename),
      preOps: action.preOps.map(rename),
      postOps: action.postOps.map(rename),
      incrementalPreOps: action.incrementalPreOps.map(rename),
      incrementalPostOps: action.incrementalPostOps.map(rename),
    };
  }

  async function insert(id: string, rows: readonly Row[]): Promise<void> {
    if (rows.length === 0) return;
    const shape = await columns(id);
    const list = shape.map(({ name }) => `\`${name}\``).join(", ");
    const struct = shape.map(({ name, type }) => `${name} ${type}`).join(", ");
    const values = rows.map((row) =>
      Object.fromEntries(shape.map(({ name, type }) => [name, paramValue(row[name], parseType(type))])),
    );
    await warehouse.execute(`INSERT INTO \`${prefix}${id}\` (${list}) SELECT ${list} FROM UNNEST(@rows)`, {
      rows: { type: `ARRAY<STRUCT<${struct}>>`, value: values },
    });
  }

  async function read(id: string, wanted: readonly Column[]): Promise<readonly Row[]> {
    const list = wanted.map(({ name }) => `\`${name}\``).join(", ");
    return (await warehouse.query(`SELECT ${list} FROM \`${prefix}${id}\``)).rows;
  }

  async function clear(ids: Iterable<string>): Promise<void> {
    const statements = [...new Set(ids)]
      .filter((id) => made.has(id))
      .map((id) => `DELETE FROM \`${prefix}${id}\` WHERE TRUE`);
    if (statements.length > 0) await warehouse.execute(joined(statements));
  }

  async function drop(): Promise<void> {
    const statements = [...datasets].map((dataset) => `DROP SCHEMA IF EXISTS \`${prefix}${dataset}\` CASCADE`);
    datasets.clear();
    made.clear();
    if (statements.length > 0) await warehouse.execute(joined(statements));
  }

  return { columns, insert, read, clear, rewrite, drop };
}

/** Whether there is a table or view of the action's own name. */
export function hasRows(action: Action): boolean {
  if (action.kind === "assertion") return false;
  return action.kind !== "operations" || action.hasOutput;
}

/** A script; the semicolon stands alone because a comment may end a text. */
export function joined(statements: readonly string[]): string {
  return statements.map((text) => `${text.trim().replace(/;$/, "")}\n;`).join("\n");
}
