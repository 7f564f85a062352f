import { messageOf } from "../../platform/errors.js";
import { diffRows, isSame } from "../diff/row-diff.js";
import type { Column, Params, QueryResult, Warehouse } from "../port.js";
import type { StockTest } from "../project/action.js";
import { microsOf } from "../project/typed-value.js";
import type { TestFailure, TestOutcome } from "./model-test.js";

/** Everything that ever arrives: a stock test knows no windows, and a model bounded by one still has to see its rows. */
const WHOLE_WINDOW: Params = {
  window_from: { type: "TIMESTAMP", value: 0 },
  window_to: { type: "TIMESTAMP", value: microsOf("2100-01-01T00:00:00Z") },
};

const WAY = "as written";

/**
 * Runs a stock Dataform test (`type: "test"`): its inputs stand inside the model's query, so it reads no tables. The
 * columns are those it expects.
 */
export async function runStockTest(test: StockTest, warehouse: Warehouse): Promise<TestOutcome> {
  const outcome = (failures: readonly TestFailure[]): TestOutcome => ({ ways: [WAY], failures });
  const options = { origin: test.fileName };
  let actual: QueryResult;
  let expected: QueryResult;
  try {
    expected = await warehouse.query(test.expectedOutputQuery, {}, options);
    actual = await warehouse.query(test.testQuery, WHOLE_WINDOW, options);
  } catch (error) {
    return outcome([{ ways: [WAY], error: messageOf(error) }]);
  }
  const problem = columnsProblem(expected.columns, actual.columns);
  if (problem !== null) return outcome([{ ways: [WAY], error: problem }]);
  const diff = diffRows(expected.columns, [], expected.rows, actual.rows);
  return outcome(isSame(diff) ? [] : [{ ways: [WAY], table: test.name, diff }]);
}

function columnsProblem(expected: readonly Column[], actual: readonly Column[]): string | null {
  const types = new Map(actual.map(({ name, type }) => [name, type]));
  for (const { name, type } of expected) {
    const got = types.get(name);
    if (got === undefined) return `the column ${name} is expected; the model gives ${[...types.keys()].join(", ")}`;
    if (got !== type) return `the column ${name} is expected as ${type}; the model gives ${got}`;
  }
  const wanted = new Set(expected.map(({ name }) => name));
  const more = actual.filter(({ name }) => !wanted.has(name)).map(({ name }) => name);
  return more.length === 0 ? null : `the model also gives ${more.join(", ")}, which the test does not expect`;
}
