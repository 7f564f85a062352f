import type { Warehouse } from "../../warehouse/port.js";
import type { MatchModel } from "./model.js";

/** What is used here of `includes/terms.js` and `includes/comparisons.js`. Macros take and give SQL. */
export interface TermMacros {
  readonly REST: string;
  values(row: string): string;
  hash(value: string): string;
}

export interface CountedComparison {
  readonly name: string;
  readonly levels: readonly { readonly name: string; readonly frequency?: string }[];
}

export interface FrequencyDeps {
  readonly warehouse: Warehouse;
  readonly terms: TermMacros;
  readonly comparisons: readonly CountedComparison[];
}

/**
 * Counts how common values are among `identity.descriptions`, and puts that in the place of what was counted before, all at
 * once.
 *
 * One person is described several times and shares every value with himself: only what goes beyond that says that others have
 * it too. All values of which that cannot be said are the rest: as rare as one person is among all, or as rarely shared by two
 * people as the model says, whichever is rarer.
 */
export async function freezeFrequencies(
  { warehouse, terms, comparisons }: FrequencyDeps,
  model: MatchModel,
): Promise<void> {
  await warehouse.execute(freezeSql(terms), {
    model_version: { type: "STRING", value: model.version },
    own_count: { type: "FLOAT64", value: descriptionsPerPerson(model) },
    limits: { type: "ARRAY<STRUCT<term STRING, frequency FLOAT64>>", value: limits(model, comparisons) },
  });
}

/** A description's own, and the others that are expected to be the same person's. */
function descriptionsPerPerson({ prior, source }: MatchModel): number {
  return 1 + (source.descriptionCount - 1) / (1 + 2 ** -prior);
}

/** How often two people share a value of each term, by the model; of several levels that go by it, by that which is seen most. */
function limits(
  model: MatchModel,
  comparisons: readonly CountedComparison[],
): { readonly term: string; readonly frequency: number }[] {
  const most = new Map<string, number>();
  for (const { name, levels } of comparisons) {
    for (const { name: level, frequency: term } of levels) {
      const parameters = model.comparisons[name]?.find((each) => each.level === level);
      if (term === undefined || parameters === undefined) continue;
      most.set(term, Math.max(most.get(term) ?? 0, parameters.u));
    }
  }
  return [...most].map(([term, frequency]) => ({ term, frequency }));
}

function freezeSql(terms: TermMacros): string {
  return `
BEGIN TRANSACTION;

DELETE FROM identity.term_frequencies WHERE TRUE;

INSERT INTO identity.term_frequencies (term, value_hash, frequency, model_version)
WITH
  counted AS (
    SELECT v.term, v.value, COUNT(*) AS value_count
    FROM identity.descriptions AS d, UNNEST(${terms.values("d")}) AS v
    WHERE v.value IS NOT NULL
    GROUP BY v.term, v.value
  ),
  totals AS (
    SELECT c.term, SUM(c.value_count) AS total, ANY_VALUE(l.frequency) AS most
    FROM counted AS c
    JOIN UNNEST(@limits) AS l ON l.term = c.term
    GROUP BY c.term
  )
SELECT c.term, ${terms.hash("c.value")}, (c.value_count - @own_count) / t.total, @model_version
FROM counted AS c
JOIN totals AS t ON t.term = c.term
WHERE c.value_count > 2 * @own_count
UNION ALL
SELECT t.term, '${terms.REST}', LEAST(@own_count / t.total, t.most), @model_version
FROM totals AS t;

COMMIT TRANSACTION;`;
}
