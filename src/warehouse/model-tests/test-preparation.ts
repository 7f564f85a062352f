import { RollcallError } from "../../platform/errors.js";
import type { Column } from "../port.js";
import type { Action, CompiledProject } from "../project/action.js";
import { grainOf } from "../project/grain.js";
import { didYouMean } from "../project/suggest.js";
import { microsOf } from "../project/typed-value.js";
import type { FixtureReader, ReadRow } from "./fixture-rows.js";
import { hasRows, type StandIns } from "./stand-ins.js";
import type { ModelTest } from "./test-file.js";
import { type Item, instantOf, isMovable, type Way, waysOf } from "./test-ways.js";

export interface Expected {
  readonly id: string;
  readonly columns: readonly Column[];
  readonly keys: readonly string[];
  readonly rows: readonly ReadRow[];
}

/** A test with all of its rows read and found good. */
export interface Prepared {
  readonly models: readonly Action[];
  readonly ways: readonly Way[];
  readonly expected: readonly Expected[];
  /** Everything a way may leave rows in. */
  readonly touched: ReadonlySet<string>;
}

/** A row, and where it is written. */
type PlacedItem = Item & { readonly place: string };

export interface PreparationDeps {
  /** Compiled with these variables. */
  readonly projectWith: (vars: ModelTest["vars"]) => CompiledProject;
  readonly standIns: StandIns;
  readonly reader: FixtureReader;
}

export type PrepareTest = (test: ModelTest) => Promise<Prepared>;

/**
 * Makes tests ready to run: finds their models, makes the stand-ins, holds every row against its table and decides in
 * which ways the rows may arrive. What it gives throws INPUT_INVALID with file and line of each problem.
 */
export function createPreparation({ projectWith, standIns, reader }: PreparationDeps): PrepareTest {
  async function prepare(test: ModelTest): Promise<Prepared> {
    const project = projectWith(test.vars);
    const models = test.models.map((id) => modelOf(project, id, test));
    refuseUnmocked(project, models, test);
    const arrivalColumns = windowColumns(models);
    const items = await readItems(test, arrivalColumns);
    const expected: Expected[] = [];
    for (const [id, fixture] of Object.entries(test.expect)) {
      const columns = await comparedColumns(test, id);
      const table = project.byId.get(id);
      const keys = table === undefined ? [] : grainOf(project, table);
      expected.push({ id, columns, keys, rows: await reader.read(id, fixture, columns) });
    }
    for (const model of models) await ensureOutputs(project, model);
    const isIncremental = models.length === 1 && models[0]?.kind === "incremental";
    const input = {
      items,
      ends: test.arrivals.length === 0 ? [microsOf(test.at)] : test.arrivals.map(({ at }) => microsOf(at)),
      isIncremental,
      isSplit: isIncremental || test.order === "any",
      isReordered: isOrderFree(test, items, isIncremental),
    };
    const inputs = [...Object.keys(test.given), ...test.arrivals.flatMap(({ given }) => Object.keys(given))];
    return {
      models: models.map((model) => standIns.rewrite(model)),
      ways: waysOf(input),
      expected,
      touched: new Set([
        ...inputs,
        ...Object.keys(test.expect),
        ...models.flatMap(({ id, dependsOn }) => [id, ...dependsOn]),
      ]),
    };
  }

  /** The stand-ins that the model itself writes and reads, whether the test names them or not. */
  async function ensureOutputs(project: CompiledProject, model: Action): Promise<void> {
    const inputs = model.dependsOn.map((id) => project.byId.get(id)).filter((input) => input !== undefined);
    for (const action of [...inputs, model].filter(hasRows)) await standIns.columns(action.id);
  }

  async function readItems(test: ModelTest, windowed: ReadonlySet<string>): Promise<Item[]> {
    const problems: string[] = [];
    const items: PlacedItem[] = [];
    const fixtures = [
      { arrival: null, given: test.given },
      ...test.arrivals.map(({ given }, arrival) => ({ arrival, given })),
    ];
    for (const { arrival, given } of fixtures) {
      for (const [id, fixture] of Object.entries(given)) {
        try {
          const columns = await reader.columnsOf(id, fixture);
          const arrivalColumns = arrivalColumnsOf(columns, windowed);
          for (const { values, place } of await reader.read(id, fixture, columns)) {
            const item = { table: id, values, arrival, arrivalColumns, place };
            // Without arrivals of their own, all rows that can follow one are the only one.
            items.push(test.arrivals.length === 0 && isMovable(item) ? { ...item, arrival: 0 } : item);
          }
        } catch (error) {
          if (!(error instanceof RollcallError) || error.code !== "INPUT_INVALID") throw error;
          problems.push(error.message);
        }
      }
    }
    if (problems.length > 0) throw invalid(problems.join("\n"));
    refuseMisplaced(test, items);
    return items;
  }

  async function comparedColumns(test: ModelTest, id: string): Promise<readonly Column[]> {
    const fixture = test.expect[id];
    const all = fixture === undefined ? [] : await reader.columnsOf(id, fixture);
    const wanted = test.columns[id];
    if (wanted === undefined) return all;
    const known = all.map(({ name }) => name);
    const unknown = wanted.find((name) => !known.includes(name));
    if (unknown !== undefined) {
      throw invalid(`${test.place}: columns: ${id} has no column ${unknown}${didYouMean(unknown, known)}`);
    }
    return all.filter(({ name }) => wanted.includes(name));
  }

  return prepare;
}

function modelOf(project: CompiledProject, id: string, test: ModelTest): Action {
  const action = project.byId.get(id);
  if (action !== undefined && action.kind !== "declaration" && action.kind !== "assertion") return action;
  const known = project.actions
    .filter(({ kind }) => kind !== "declaration" && kind !== "assertion")
    .map((model) => model.id);
  throw invalid(`${test.place}: ${id} is no model of the project${didYouMean(id, known)}`);
}

/** Every table a model reads has to be given, if only as `[]`, or be made by a model that runs before it. */
function refuseUnmocked(project: CompiledProject, models: readonly Action[], test: ModelTest): void {
  const known = new Set(
    [test.given, ...test.arrivals.map(({ given }) => given)].flatMap((given) => Object.keys(given)),
  );
  for (const model of models) {
    known.add(model.id);
    const missing = model.dependsOn.filter((id) => {
      const input = project.byId.get(id);
      return input !== undefined && hasRows(input) && !known.has(id);
    });
    if (missing.length === 0) continue;
    throw invalid(`${test.place}: ${model.id} reads ${missing.join(", ")}: give its rows, or [] for none`);
  }
}

/** A row that names its time has to name one in the window of its arrival: outside of it no run would ever read it. */
function refuseMisplaced(test: ModelTest, items: readonly PlacedItem[]): void {
  for (const item of items) {
    if (item.arrival === null || isMovable(item)) continue;
    const columns = item.arrivalColumns.join(" or ");
    if (test.order === "any") {
      const why =
        columns === ""
          ? `${item.table} has no column that says when a row arrived: put it into given`
          : `leave ${columns} to the arrival`;
      throw invalid(`${item.place}: with order: any every row must be free to arrive at another time; ${why}`);
    }
    const at = instantOf(item);
    const from = test.arrivals[item.arrival - 1]?.at;
    const to = test.arrivals[item.arrival]?.at;
    if (at === null || to === undefined) continue;
    if (at < microsOf(to) && (from === undefined || at >= microsOf(from))) continue;
    const window = from === undefined ? `before ${to}` : `from ${from} to before ${to}`;
    throw invalid(
      `${item.place}: ${item.table}.${columns} is not in the window of its arrival, ${window}: leave it out`,
    );
  }
}

/** The columns by which the models bound what they read to the window. */
function windowColumns(models: readonly Action[]): ReadonlySet<string> {
  const texts = models.flatMap((model) => [
    model.sql,
    model.incrementalSql,
    ...model.statements,
    ...model.incrementalPreOps,
    ...model.incrementalPostOps,
  ]);
  const found = texts.flatMap((text) => [...text.matchAll(/([A-Za-z_]\w*)`?\s*>=\s*@window_from\b/g)]);
  return new Set(found.map((match) => match[1] ?? ""));
}

/**
 * Where a row of the table says when it arrived: `ingested_at`, or else the columns by which the models bound their
 * windows. A table they read without a window is state: its rows are there, they do not arrive. A model without any
 * window is taken to read arrivals, so that one which looks for what is new in another way is tested as well.
 */
function arrivalColumnsOf(columns: readonly Column[], windowed: ReadonlySet<string>): readonly string[] {
  const names = columns.map(({ name }) => name);
  const bounded = names.filter((name) => windowed.has(name));
  if (names.includes("ingested_at") && (bounded.length > 0 || windowed.size === 0)) return ["ingested_at"];
  return bounded;
}

/**
 * Whether the rows may come in any order: where every row follows its arrival, unless the test says that its order is
 * fixed. A row that names its time has only that one.
 */
function isOrderFree(test: ModelTest, items: readonly Item[], isIncremental: boolean): boolean {
  if (test.order === "fixed") return false;
  if (test.order === null && !isIncremental) return false;
  const arrived = items.filter(({ arrival }) => arrival !== null);
  return arrived.length > 1 && arrived.every(isMovable);
}

function invalid(message: string): RollcallError {
  return new RollcallError("INPUT_INVALID", message, { isRetriable: false });
}
