import { describe, expect, it } from "vitest";
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

/** Rows DuckDB skips at once or not at all: activation reads what silver has already added to its table. */
const VECTOR = 2048;

interface Reading {
  /** Rows of the table before the cycle. */
  readonly base: number;
  readonly rowsRead: number;
}

/** What one cycle of a hundred arrivals reads for each of those models, over what so many students left before. */
async function readings(people: number): Promise<Map<string, Reading>> {
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
    for (const id of BY_ARRIVAL) {
      const { rows } = await copy.warehouse.query(`SELECT COUNT(*) AS row_count FROM ${id}`);
      bases.set(id, Number(rows[0]?.row_count));
    }
    const { models } = await copy.runner.runCycle({ windowTo: second });
    return new Map(
      models.flatMap(({ id, rowsRead }) => {
        const base = bases.get(id);
        return base === undefined || rowsRead === null ? [] : [[id, { base, rowsRead }]];
      }),
    );
  } finally {
    await copy.dispose();
    bronze.dispose();
  }
}

describe("a cycle", () => {
  it("reads as much for what it adds by arrival over a base five times as large", async () => {
    const small = await readings(PEOPLE);
    const large = await readings(PEOPLE * GROWTH);
    expect([...small.keys()].sort()).toEqual(BY_ARRIVAL);
    const grown = BY_ARRIVAL.map((id) => {
      const [before, after] = [small.get(id), large.get(id)];
      const slack = id.startsWith("activation.") ? VECTOR : 0;
      return {
        id,
        base: (after?.base ?? 0) / (before?.base ?? 0),
        rowsRead: after?.rowsRead ?? 0,
        // The arrivals are drawn from another crowd: some carry more than others.
        most: 2 * (before?.rowsRead ?? 0) + CYCLE_ARRIVALS + slack,
      };
    });
    expect(grown.filter(({ base }) => base < GROWTH - 1)).toEqual([]);
    expect(grown.filter(({ rowsRead, most }) => rowsRead > most)).toEqual([]);
  });
});
