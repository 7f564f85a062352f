import { messageOf } from "../../platform/errors.js";
import { diffRows, isSame, type TableDiff } from "../diff/row-diff.js";
import type { Warehouse } from "../port.js";
import type { Action, CompiledProject } from "../project/action.js";
import { compileProject } from "../project/compile.js";
import { incrementalMode, type Step, statementsOf } from "../project/script.js";
import { failureOfScript } from "../project/script-failure.js";
import { createFixtureReader } from "./fixture-rows.js";
import { createStandIns, hasRows, joined } from "./stand-ins.js";
import type { ModelTest } from "./test-file.js";
import { createPreparation } from "./test-preparation.js";
import type { Delivery, Way } from "./test-ways.js";

/**
 * Runs model tests over stand-ins of the project's tables, on any warehouse: no test sees another's rows, and nothing
 * outside of the stand-ins' datasets is read or written.
 *
 * A test of one incremental model is run in every way its rows may arrive (`Way`), which must all give the expected
 * rows. A test of several models runs as it is written, and in other orders too when it says `order: any`.
 */
export interface ModelTester {
  /** Throws INPUT_INVALID, with file and line of each problem, when the test is not one that could run. */
  run(test: ModelTest): Promise<TestOutcome>;
  /** Takes the stand-ins away. The warehouse stays open. */
  close(): Promise<void>;
}

export interface TestOutcome {
  /** The names of the ways it ran in. */
  readonly ways: readonly string[];
  /** Empty when it passed. */
  readonly failures: readonly TestFailure[];
}

/** What went wrong, and in which ways exactly so: rows that differ, or a statement that failed. */
export type TestFailure =
  | { readonly ways: readonly string[]; readonly table: string; readonly diff: TableDiff }
  | { readonly ways: readonly string[]; readonly error: string };

export interface ModelTesterConfig {
  /** Compiled for our runner (`vars.runner: "rollcall"`). */
  readonly project: CompiledProject;
  /** Of the stand-ins' datasets. One of its own for each tester of a warehouse that others use as well. */
  readonly prefix?: string;
}

export interface ModelTesterDeps {
  readonly warehouse: Warehouse;
}

const DEFAULT_PREFIX = "mock_";

export function createModelTester(config: ModelTesterConfig, deps: ModelTesterDeps): ModelTester {
  const { warehouse } = deps;
  const { project: plain } = config;
  const projects = new Map<string, CompiledProject>();
  const standIns = createStandIns({ project: plain, prefix: config.prefix ?? DEFAULT_PREFIX }, { warehouse });
  const reader = createFixtureReader({ warehouse, standIns });
  const prepare = createPreparation({ projectWith, standIns, reader });

  function projectWith(vars: ModelTest["vars"]): CompiledProject {
    const key = JSON.stringify(Object.entries(vars).sort());
    if (key === "[]") return plain;
    const known = projects.get(key);
    if (known !== undefined) return known;
    const project = compileProject({ root: plain.root, vars: { ...vars, runner: "rollcall" } });
    projects.set(key, project);
    return project;
  }

  async function run(test: ModelTest): Promise<TestOutcome> {
    const { models, ways, expected, touched } = await prepare(test);
    const failures = new Map<string, { ways: string[]; failure: TestFailure }>();
    const report = (way: Way, found: { table: string; diff: TableDiff } | { error: string }): void => {
      const key = JSON.stringify(found);
      const known = failures.get(key);
      if (known === undefined) failures.set(key, { ways: [way.name], failure: { ways: [], ...found } });
      else known.ways.push(way.name);
    };
    try {
      for (const way of ways) {
        await standIns.clear(touched);
        try {
          await play(models, way);
        } catch (error) {
          report(way, { error: messageOf(error) });
          continue;
        }
        for (const { id, columns, keys, rows } of expected) {
          const diff = diffRows(
            columns,
            keys,
            rows.map(({ values }) => values),
            await standIns.read(id, columns),
          );
          if (!isSame(diff)) report(way, { table: id, diff });
        }
      }
    } finally {
      await standIns.clear(touched);
    }
    return {
      ways: ways.map(({ name }) => name),
      failures: [...failures.values()].map(({ ways: own, failure }) => ({ ...failure, ways: own })),
    };
  }

  async function play(models: readonly Action[], way: Way): Promise<void> {
    for (const [index, delivery] of way.deliveries.entries()) {
      for (const [id, rows] of Object.entries(delivery.rows)) await standIns.insert(id, rows);
      await runModels(models, way.isBuilt && index === 0, delivery);
    }
  }

  async function runModels(models: readonly Action[], isFirst: boolean, window: Delivery): Promise<void> {
    const statements: string[] = [];
    for (const model of models) {
      const columns = hasRows(model) ? await standIns.columns(model.id) : [];
      statements.push(...statementsOf(model, modeOf(model, isFirst), () => columns));
    }
    // Where a table cannot be made inside a transaction, the statements run one after another.
    const script = warehouse.hasTransactionalDdl
      ? ["BEGIN TRANSACTION", ...statements, "COMMIT TRANSACTION"]
      : statements;
    const params = {
      window_from: { type: "TIMESTAMP", value: window.windowFrom },
      window_to: { type: "TIMESTAMP", value: window.windowTo },
    };
    const origin = models.map(({ fileName }) => fileName).join(", ");
    await warehouse.execute(joined(script), params, { origin }).catch((error: unknown) => {
      // Each way has other statements around the same text: what is told must be the same to be told once.
      throw failureOfScript(error, null, origin);
    });
  }

  return { run, close: () => standIns.drop() };
}

/** Views and tables are made whole each time; only incrementals tell a first run from the next. */
function modeOf(action: Action, isFirst: boolean): Step["mode"] {
  if (action.kind === "operations") return "statements";
  if (action.kind !== "incremental") return "create";
  if (isFirst && !action.isProtected) return "create";
  return incrementalMode(action);
}
