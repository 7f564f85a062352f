import { beforeAll, describe, expect, it } from "vitest";
import { awkwardCases, deal, studentBody } from "../support/arrivals.js";
import { landDeliveries, openCopy } from "../support/pipeline.js";

const NOW = Date.UTC(2026, 2, 2, 10);
const SEED = 7;
const PEOPLE = 60;
const GROWTH = 5;
const CYCLE_ARRIVALS = 100;

/** What copies or counts facts by arrival: it has to read what arrived and no more, however much is there. */
const BY_ARRIVAL = [
  "activation.act_profiles__events",
  "silver.crm_field_values",
  "silver.events",
  "silver.identifier_observations",
  "silver.identity_days",
  "silver.programme_interests",
  "silver.trait_observations",
];

/**
 * What joins the graph's edges by node and by identifier reads them whole each time, and other tables of identity with them. The most
 * that it may read for each edge that the base grows by: one scan more of the edges is one more.
 */
const MOST_FOR_AN_EDGE: Readonly<Record<string, number>> = {
  "activation.act_profiles__identifiers": 7.5,
  "gold.consents": 4.2,
  "identity.device_links": 6.2,
  "identity.identifiers": 5.3,
  "identity.resolve": 18.4,
};

const EDGES = "identity.edges";

/** Rows DuckDB skips at once or not at all: activation reads what silver has already added to its table. */
const VECTOR = 2048;

interface Reading {
  /** Rows before the cycle, of the tables in `BY_ARRIVAL` and of identity.edges. */
  readonly bases: ReadonlyMap<string, number>;
  /** Rows the cycle read, by model. */
  readonly rowsRead: ReadonlyMap<string, number>;
}

/** What one cycle of a hundred arrivals reads over what so many students left before. */
async function readCycle(people: number): Promise<Reading> {
  const arrivals = deal([...(await studentBody(people, SEED, NOW)), ...(await awkwardCases(NOW))], 1, SEED).flat();
  const bronze = await landDeliveries(
    [arrivals.slice(CYCLE_ARRIVALS), arrivals.slice(0, CYCLE_ARRIVALS)].map((part) => ({ arrivals: part, waitMs: 0 })),
    NOW,
  );
  const copy = await openCopy(bronze);
  try {
    const [first = 0, second = 0] = bronze.boundaries;
    await copy.runner.runCycle({ windowTo: first });
    const bases = new Map<string, number>();
    for (const id of [...BY_ARRIVAL, EDGES]) {
      const { rows } = await copy.warehouse.query(`SELECT COUNT(*) AS row_count FROM ${id}`);
      bases.set(id, Number(rows[0]?.row_count));
    }
    const { models } = await copy.runner.runCycle({ windowTo: second });
    return { bases, rowsRead: new Map(models.map(({ id, rowsRead }) => [id, rowsRead ?? Number.NaN])) };
  } finally {
    await copy.dispose();
    bronze.dispose();
  }
}

describe("a cycle", () => {
  let small: Reading;
  let large: Reading;
  beforeAll(async () => {
    small = await readCycle(PEOPLE);
    large = await readCycle(PEOPLE * GROWTH);
  });

  it("reads as much for what it adds by arrival over a base five times as large", () => {
    const grown = BY_ARRIVAL.map((id) => {
      const slack = id.startsWith("activation.") ? VECTOR : 0;
      return {
        id,
        base: (large.bases.get(id) ?? 0) / (small.bases.get(id) ?? 0),
        rowsRead: large.rowsRead.get(id) ?? Number.NaN,
        // The arrivals are drawn from another crowd: some carry more than others.
        most: 2 * (small.rowsRead.get(id) ?? 0) + CYCLE_ARRIVALS + slack,
      };
    });
    expect(grown.filter(({ base }) => !(base >= GROWTH - 1))).toEqual([]);
    expect(grown.filter(({ rowsRead, most }) => !(rowsRead <= most))).toEqual([]);
  });

  it("reads the edges of the graph no more often than their joins need", () => {
    const grown = (of: (reading: Reading) => number | undefined): number =>
      (of(large) ?? Number.NaN) - (of(small) ?? Number.NaN);
    const edges = grown(({ bases }) => bases.get(EDGES));
    const reads = Object.entries(MOST_FOR_AN_EDGE).map(([id, most]) => ({
      id,
      most,
      forAnEdge: grown(({ rowsRead }) => rowsRead.get(id)) / edges,
    }));
    expect(reads.filter(({ forAnEdge, most }) => !(forAnEdge <= most))).toEqual([]);
  });
});
