import type { Clock, Micros } from "../../platform/clock.js";
import { RollcallError } from "../../platform/errors.js";
import { parseType } from "../googlesql/types.js";
import type { Column, Row, Warehouse } from "../port.js";
import type { Action, CompiledProject } from "./action.js";
import { compileProject } from "./compile.js";
import { orderActions } from "./order.js";
import { diffRows } from "./row-diff.js";
import { createRunner } from "./run.js";
import { type Step, statementsOf } from "./script.js";
import type { ModelTest, TestRows } from "./test-file.js";
import { microsOf, paramValue } from "./typed-value.js";

/**
 * Runs model tests. The whole project is built once over empty tables, which gives every table its columns; each test
 * then runs its models over stand-ins (`mock_silver.events` for `silver.events`), so that a view can be an input like
 * any other and no test sees another's rows.
 *
 * An incremental model is tested three ways, which must all give the expected rows: by the arrivals of the test, as
 * one arrival that comes twice, and as a full refresh.
 */
export interface ModelTester {
  /** What is wrong, one line each; empty when the test passes. Throws when the test itself cannot run. */
  run(test: ModelTest): Promise<readonly string[]>;
}

export interface ModelTesterConfig {
  readonly root: string;
}

export interface ModelTesterDeps {
  /** An empty one, for nothing else. */
  readonly warehouse: Warehouse;
  readonly clock: Clock;
}

const SILENT = { info: () => undefined, warn: () => undefined, error: () => undefined };
const MOCK_PREFIX = "mock_";
const BEGINNING: Micros = 0;

type Way = "arrivals" | "one arrival, twice" | "full refresh";

export async function createModelTester(config: ModelTesterConfig, deps: ModelTesterDeps): Promise<ModelTester> {
  const { warehouse, clock } = deps;
  const projects = new Map<string, CompiledProject>();
  const schemas = new Map<string, readonly Column[]>();

  const runner = createRunner({ root: config.root }, { warehouse, clock, logger: SILENT });
  await runner.runFull({ windowTo: 1 });
  await createMocks();

  async function createMocks(): Promise<void> {
    const tables = await warehouse.tables();
    const mocks = [];
    for (const { dataset, table } of tables) {
      const columns = (await warehouse.schema({ dataset, table })) ?? [];
      schemas.set(`${dataset}.${table}`, columns);
      mocks.push({ dataset: `${MOCK_PREFIX}${dataset}`, table, columns });
    }
    await warehouse.ensureTables(mocks);
  }

  function projectWith(vars: ModelTest["vars"]): CompiledProject {
    const key = JSON.stringify(Object.entries(vars).sort());
    const known = projects.get(key);
    if (known !== undefined) return known;
    const project = compileProject({ root: config.root, vars: { ...vars, runner: "rollcall" } });
    projects.set(key, project);
    return project;
  }

  async function run(test: ModelTest): Promise<readonly string[]> {
    const project = projectWith(test.vars);
    const models = test.models.map((id) => modelOf(project, id));
    refuseUnmocked(project, models, test);
    const mocked = models.map((model) => mockAction(project, model));
    const isIncremental = models.length === 1 && models[0]?.kind === "incremental";
    const ways: Way[] = isIncremental ? ["arrivals", "one arrival, twice", "full refresh"] : ["arrivals"];
    const problems: string[] = [];
    for (const way of ways) {
      await reset(test, models);
      await play(test, mocked, way);
      for (const problem of await compare(test)) problems.push(`${way}: ${problem}`);
    }
    await reset(test, models);
    return problems;
  }

  async function reset(test: ModelTest, models: readonly Action[]): Promise<void> {
    const touched = new Set(
      [...givenTables(test), ...models.flatMap((model) => [model.id, ...model.dependsOn])].filter((id) =>
        schemas.has(id),
      ),
    );
    const statements = [...touched].map((id) => `DELETE FROM ${MOCK_PREFIX}${id} WHERE TRUE`);
    await warehouse.execute(statements.join(";\n"));
  }

  async function play(test: ModelTest, models: readonly Action[], way: Way): Promise<void> {
    await insertAll(test.given);
    const last = microsOf(test.arrivals.at(-1)?.at ?? "");
    if (way !== "arrivals") {
      for (const arrival of test.arrivals) await insertAll(arrival.given);
      const isFull = way === "full refresh";
      await runModels(models, isFull, BEGINNING, last);
      // A window that is run again changes nothing.
      if (!isFull) await runModels(models, false, BEGINNING, last);
      return;
    }
    let from = BEGINNING;
    for (const [index, arrival] of test.arrivals.entries()) {
      await insertAll(arrival.given);
      const to = microsOf(arrival.at);
      await runModels(models, index === 0, from, to);
      from = to;
    }
  }

  async function runModels(models: readonly Action[], isFirst: boolean, from: Micros, to: Micros): Promise<void> {
    const columnsOf = (action: Action): readonly Column[] => schemas.get(action.id) ?? [];
    const statements = models.flatMap((model) => [
      `-- ${model.id}`,
      ...statementsOf(model, modeOf(model, isFirst), columnsOf).map((text) => `${text.trim().replace(/;$/, "")}\n;`),
    ]);
    const script = ["BEGIN TRANSACTION;", ...statements, "COMMIT TRANSACTION"].join("\n");
    const params = {
      window_from: { type: "TIMESTAMP", value: from },
      window_to: { type: "TIMESTAMP", value: to },
    };
    await warehouse.execute(script, params, { origin: models.map(({ fileName }) => fileName).join(", ") });
  }

  async function insertAll(given: ModelTest["given"]): Promise<void> {
    for (const [id, rows] of Object.entries(given)) {
      if (rows.length > 0) await insertRows(id, rows);
    }
  }

  async function insertRows(id: string, rows: TestRows): Promise<void> {
    const columns = columnsOrThrow(id);
    refuseUnknownColumns(id, columns, rows);
    const names = columns.map(({ name }) => `\`${name}\``).join(", ");
    const struct = columns.map(({ name, type }) => `${name} ${type}`).join(", ");
    const values = rows.map((row) =>
      Object.fromEntries(columns.map(({ name, type }) => [name, paramValue(row[name], parseType(type))])),
    );
    await warehouse.execute(`INSERT INTO ${MOCK_PREFIX}${id} (${names}) SELECT ${names} FROM UNNEST(@rows)`, {
      rows: { type: `ARRAY<STRUCT<${struct}>>`, value: values },
    });
  }

  async function compare(test: ModelTest): Promise<string[]> {
    const problems: string[] = [];
    for (const [id, expected] of Object.entries(test.expect)) {
      const all = columnsOrThrow(id);
      const wanted = test.columns[id];
      if (wanted !== undefined) refuseUnknownColumns(id, all, [Object.fromEntries(wanted.map((name) => [name, null]))]);
      const columns = wanted === undefined ? all : all.filter(({ name }) => wanted.includes(name));
      refuseUnknownColumns(id, columns, expected);
      const names = columns.map(({ name }) => `\`${name}\``).join(", ");
      const { rows } = await warehouse.query(`SELECT ${names} FROM ${MOCK_PREFIX}${id}`);
      problems.push(...diffRows(columns, expected as readonly Row[], rows).map((problem) => `${id}: ${problem}`));
    }
    return problems;
  }

  function columnsOrThrow(id: string): readonly Column[] {
    const columns = schemas.get(id);
    if (columns === undefined) throw invalid(`${id} is no table of the project`);
    return columns;
  }

  return { run };
}

function modelOf(project: CompiledProject, id: string): Action {
  const action = project.byId.get(id);
  if (action === undefined || action.kind === "declaration" || action.kind === "assertion") {
    throw invalid(`${id} is no model of the project; write dataset.name`);
  }
  return action;
}

/** Every table a model reads has to be given, if only as `[]`, or be made by a model that runs before it. */
function refuseUnmocked(project: CompiledProject, models: readonly Action[], test: ModelTest): void {
  const known = new Set(givenTables(test));
  for (const model of models) {
    known.add(model.id);
    const missing = model.dependsOn.filter((id) => hasRows(project.byId.get(id)) && !known.has(id));
    if (missing.length > 0) throw invalid(`${model.id} reads ${missing.join(", ")}: give its rows, or [] for none`);
  }
}

function hasRows(action: Action | undefined): boolean {
  if (action === undefined || action.kind === "assertion") return false;
  return action.kind !== "operations" || action.hasOutput;
}

function givenTables(test: ModelTest): string[] {
  return [test.given, ...test.arrivals.map((arrival) => arrival.given)].flatMap((given) => Object.keys(given));
}

function refuseUnknownColumns(id: string, columns: readonly Column[], rows: TestRows): void {
  const known = new Set(columns.map(({ name }) => name));
  const unknown = [...new Set(rows.flatMap((row) => Object.keys(row).filter((name) => !known.has(name))))];
  if (unknown.length === 0) return;
  throw invalid(`${id} has no column ${unknown.join(", ")}; it has ${[...known].join(", ")}`);
}

/** The same model over the stand-ins: every table it names in backticks, as `ref` writes them, becomes its mock. */
function mockAction(project: CompiledProject, action: Action): Action {
  const mocks = new Map(
    orderActions(project.actions).map(({ sqlName, target }) => [
      sqlName,
      sqlName.replace(`${target.dataset}.${target.name}`, `${MOCK_PREFIX}${target.dataset}.${target.name}`),
    ]),
  );
  const mock = (text: string): string => text.replaceAll(/`[^`]+`/g, (name) => mocks.get(name) ?? name);
  return {
    ...action,
    sqlName: mock(action.sqlName),
    sql: mock(action.sql),
    incrementalSql: mock(action.incrementalSql),
    statements: action.statements.map(mock),
    preOps: action.preOps.map(mock),
    postOps: action.postOps.map(mock),
    incrementalPreOps: action.incrementalPreOps.map(mock),
    incrementalPostOps: action.incrementalPostOps.map(mock),
  };
}

/** Views and tables are made whole each time; only incrementals tell a first run from the next. */
function modeOf(action: Action, isFirst: boolean): Step["mode"] {
  if (action.kind === "operations") return "statements";
  if (action.kind !== "incremental") return "create";
  if (isFirst && !action.isProtected) return "create";
  return action.uniqueKey.length > 0 ? "merge" : "append";
}

function invalid(message: string): RollcallError {
  return new RollcallError("INPUT_INVALID", message, { isRetriable: false });
}
