import type { CompiledStore } from "../../warehouse/duckdb/compiled-store.js";
import type { Warehouse } from "../../warehouse/port.js";
import type { Checkpoints } from "../checkpoint.js";
import type { Config, WarehouseConfig } from "../config.js";

export type BigQueryConfig = Extract<WarehouseConfig, { kind: "bigquery" }>;

/** The warehouse that the configuration names. Each adapter is loaded only where it is used. */
export async function openWarehouse(
  { home, warehouse }: Config,
  deps: { readonly store: CompiledStore; readonly checkpoints: Checkpoints },
): Promise<Warehouse> {
  if (warehouse.kind === "bigquery") return openBigQuery(warehouse);
  const { createDuckdbWarehouse } = await import("../../warehouse/duckdb/warehouse.js");
  const { memoryLimit, threads } = warehouse;
  const config = { file: home.warehouse, memoryLimit, threads, tempDirectory: home.temporary };
  return createDuckdbWarehouse(config, { ...deps.checkpoints, store: deps.store });
}

/** With the credentials that Google's clients find. */
export async function openBigQuery(config: BigQueryConfig): Promise<Warehouse> {
  const { createBigQueryWarehouse } = await import("../../warehouse/bigquery/warehouse.js");
  const { project, location, endpoint, maximumBytesBilled } = config;
  return createBigQueryWarehouse({
    project,
    location,
    ...(endpoint === null ? {} : { apiEndpoint: endpoint }),
    ...(maximumBytesBilled === null ? {} : { maximumBytesBilled }),
  });
}
