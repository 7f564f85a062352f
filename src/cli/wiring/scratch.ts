import { createFolderStore } from "../../warehouse/duckdb/compiled-store.js";
import { createDuckdbWarehouse } from "../../warehouse/duckdb/warehouse.js";
import type { Warehouse } from "../../warehouse/port.js";
import { openHome } from "../home.js";

/** The dataset of tables that a scratch text names without one. */
const SCRATCH_DATASET = "scratch";
const DATASETS = [SCRATCH_DATASET, "bronze", "silver", "identity", "gold", "activation", "quality", "ops"];

/** An empty warehouse in memory with the project's datasets and none of its tables. */
export async function openScratch(home: string): Promise<Warehouse> {
  const store = createFolderStore({ folder: openHome(home).compiled });
  const warehouse = await createDuckdbWarehouse({ file: ":memory:", defaultDataset: SCRATCH_DATASET }, { store });
  await warehouse.execute(DATASETS.map((dataset) => `CREATE SCHEMA IF NOT EXISTS ${dataset}`).join(";\n"));
  return warehouse;
}
