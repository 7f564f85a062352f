import { randomBytes } from "node:crypto";
import { createFolderStore } from "../../warehouse/duckdb/compiled-store.js";
import { createDuckdbWarehouse } from "../../warehouse/duckdb/warehouse.js";
import { createModelTester, type TestOutcome } from "../../warehouse/model-tests/model-test.js";
import { runStockTest } from "../../warehouse/model-tests/stock-test.js";
import type { ListedTest } from "../../warehouse/model-tests/test-suite.js";
import type { Warehouse } from "../../warehouse/port.js";
import type { CompiledProject } from "../../warehouse/project/action.js";
import { type BigQueryConfig, openBigQuery } from "./warehouse.js";

export interface Tester {
  run(test: Exclude<ListedTest, { kind: "broken" }>): Promise<TestOutcome>;
  close(): Promise<void>;
}

export interface TesterConfig {
  readonly project: CompiledProject;
  /** Where compiled statements are kept. Any number of processes may share it. */
  readonly cacheFolder: string;
  /** Where the tests run; in memory when null. `project` has its database then. */
  readonly bigquery: BigQueryConfig | null;
}

/**
 * Runs tests in an empty warehouse in memory, or in datasets of their own on BigQuery: they read no state, need no engine, and do not
 * mind one.
 */
export async function openTester({ project, cacheFolder, bigquery }: TesterConfig): Promise<Tester> {
  const warehouse = bigquery === null ? await openMemory(cacheFolder) : await openBigQuery(bigquery);
  const prefix = bigquery === null ? {} : { prefix: `mock_${randomBytes(4).toString("hex")}_` };
  const tester = createModelTester({ project, ...prefix }, { warehouse });
  return {
    run: (listed) => (listed.kind === "stock" ? runStockTest(listed.test, warehouse) : tester.run(listed.test)),
    close: async () => {
      try {
        await tester.close();
      } finally {
        await warehouse.close();
      }
    },
  };
}

function openMemory(cacheFolder: string): Promise<Warehouse> {
  const store = createFolderStore({ folder: cacheFolder });
  // A handful of rows at a time: more threads would only wait for one another.
  return createDuckdbWarehouse({ file: ":memory:", threads: 1 }, { store });
}
