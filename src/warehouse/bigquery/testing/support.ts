import type { Clock } from "../../../platform/clock.js";
import { createDuckdbWarehouse } from "../../duckdb/warehouse.js";
import type { Warehouse } from "../../port.js";
import type { BigQueryWarehouseConfig, BigQueryWarehouseDeps } from "../warehouse.js";
import { createBigQueryWarehouse } from "../warehouse.js";
import { LOCATION, PROJECT } from "./catalog.js";
import { type FakeBigQuery, startFakeBigQuery } from "./server.js";

/** Longer waits than this are for what never comes: they end only when they are called off. */
export const NEVER_MS = 60_000;

/** A clock whose waits are over at once, and written down. */
export function createWaitingClock(): Clock & { readonly waits: readonly number[] } {
  const waits: number[] = [];
  return {
    waits,
    now: () => 1_700_000_000_000,
    async sleep(ms, signal) {
      if (ms < NEVER_MS) {
        waits.push(ms);
        return;
      }
      await new Promise<void>((resolve) => signal?.addEventListener("abort", () => resolve(), { once: true }));
    },
  };
}

/** Signs requests with a word. */
export const testAuth = {
  getRequestHeaders: async () => new Headers({ authorization: "Bearer test" }),
} as unknown as NonNullable<BigQueryWarehouseDeps["authClient"]>;

export interface Rig {
  readonly fake: FakeBigQuery;
  readonly clock: ReturnType<typeof createWaitingClock>;
  /** Another process at the same BigQuery. */
  open(config?: Partial<BigQueryWarehouseConfig>, deps?: Partial<BigQueryWarehouseDeps>): Promise<Warehouse>;
}

export async function createRig(): Promise<Rig> {
  // Whoever looks for credentials would otherwise ask the network for them.
  process.env.METADATA_SERVER_DETECTION = "none";
  const fake = await startFakeBigQuery(await createDuckdbWarehouse({ file: ":memory:", threads: 1 }));
  const clock = createWaitingClock();
  return {
    fake,
    clock,
    open: (config = {}, deps = {}) =>
      createBigQueryWarehouse(
        { project: PROJECT, location: LOCATION, apiEndpoint: fake.url, ...config },
        { clock, random: () => 0.5, authClient: testAuth, ...deps },
      ),
  };
}
