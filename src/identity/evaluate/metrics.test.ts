import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Cell, type ClusterMetrics, createMetricsCounter } from "./metrics.js";

interface Labelled {
  readonly cluster: string;
  readonly person: string;
}

function cellsOf(records: readonly Labelled[]): Cell[] {
  const counts = new Map<string, Cell>();
  for (const { cluster, person } of records) {
    const key = JSON.stringify([cluster, person]);
    counts.set(key, { cluster, person, recordCount: (counts.get(key)?.recordCount ?? 0) + 1 });
  }
  return [...counts.values()];
}

function measure(cells: readonly Cell[]): ClusterMetrics {
  const counter = createMetricsCounter();
  for (const cell of cells) counter.add(cell);
  return counter.read();
}

const over = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);

/** By definition: every pair, every record, every cluster and every person looked at one by one. */
function bruteForce(records: readonly Labelled[]) {
  let linked = 0;
  let right = 0;
  let truePairs = 0;
  for (const [index, a] of records.entries()) {
    for (const b of records.slice(index + 1)) {
      if (a.cluster === b.cluster) linked += 1;
      if (a.person === b.person) truePairs += 1;
      if (a.cluster === b.cluster && a.person === b.person) right += 1;
    }
  }
  const withCluster = (name: string) => records.filter(({ cluster }) => cluster === name);
  const withPerson = (name: string) => records.filter(({ person }) => person === name);
  const clusters = [...new Set(records.map(({ cluster }) => cluster))];
  const people = [...new Set(records.map(({ person }) => person))];
  let precision = 0;
  let recall = 0;
  for (const { cluster, person } of records) {
    const common = records.filter((other) => other.cluster === cluster && other.person === person).length;
    precision += common / withCluster(cluster).length;
    recall += common / withPerson(person).length;
  }
  const peopleOf = (name: string) => new Set(withCluster(name).map(({ person }) => person)).size;
  const clustersOf = (name: string) => new Set(withPerson(name).map(({ cluster }) => cluster)).size;
  const overMerged = clusters.filter((name) => peopleOf(name) > 1);
  const exact = people.filter((name) => {
    const [first] = withPerson(name);
    return (
      first !== undefined && withCluster(first.cluster).length === withPerson(name).length && clustersOf(name) === 1
    );
  });
  const fragmented = people.filter((name) => clustersOf(name) > 1);
  const majority = clusters.map((name) =>
    Math.max(...people.map((person) => withCluster(name).filter((record) => record.person === person).length)),
  );
  return {
    pairs: { linked, right, true: truePairs },
    pairwise: {
      precision: over(right, linked),
      recall: over(right, truePairs),
      f1: over(2 * right, linked + truePairs),
    },
    bCubed: { precision: over(precision, records.length), recall: over(recall, records.length) },
    exactPersonCount: exact.length,
    purity: over(
      majority.reduce((total, count) => total + count, 0),
      records.length,
    ),
    overMergedClusterCount: overMerged.length,
    overMergedRecordCount: overMerged.flatMap(withCluster).length,
    fragmentedPersonCount: fragmented.length,
    recordCount: records.length,
    clusterCount: clusters.length,
    personCount: people.length,
    largest: Math.max(0, ...clusters.map((name) => withCluster(name).length)),
  };
}

const letter = fc.constantFrom("a", "b", "c", "d", "e");
const labelled = fc.array(fc.record({ cluster: letter, person: letter }), { maxLength: 40 });

describe("cluster metrics", () => {
  it("count from cells what looking at every pair and record counts", () => {
    fc.assert(
      fc.property(labelled, (records) => {
        const { bCubed, largestCluster, ...metrics } = measure(cellsOf(records));
        const { bCubed: expectedBCubed, largest, ...expected } = bruteForce(records);
        expect(metrics).toMatchObject(expected);
        expect(largestCluster?.recordCount ?? 0).toBe(largest);
        if (expectedBCubed.precision === null) {
          expect(bCubed).toEqual({ precision: null, recall: null, f1: null });
          return;
        }
        expect(bCubed.precision).toBeCloseTo(expectedBCubed.precision, 12);
        expect(bCubed.recall).toBeCloseTo(expectedBCubed.recall as number, 12);
      }),
      { numRuns: 300 },
    );
  });

  it("do not depend on the order of the cells", () => {
    fc.assert(
      fc.property(labelled, (records) => {
        const cells = cellsOf(records);
        const { bCubed, ...forward } = measure(cells);
        const { bCubed: other, ...backward } = measure(cells.toReversed());
        expect(backward).toEqual(forward);
        expect(other.precision ?? -1).toBeCloseTo(bCubed.precision ?? -1, 12);
      }),
    );
  });

  it("tell the worked example apart: one merge too many, one person in two", () => {
    const metrics = measure([
      { cluster: "1", person: "ana", recordCount: 3 },
      { cluster: "1", person: "ben", recordCount: 1 },
      { cluster: "2", person: "ben", recordCount: 2 },
      { cluster: "3", person: "cy", recordCount: 1 },
    ]);
    expect(metrics).toEqual({
      recordCount: 7,
      personCount: 3,
      clusterCount: 3,
      pairs: { linked: 7, right: 4, true: 6 },
      pairwise: { precision: 4 / 7, recall: 4 / 6, f1: 8 / 13 },
      bCubed: {
        precision: (10 / 4 + 2 + 1) / 7,
        recall: (3 + 5 / 3 + 1) / 7,
        f1: expect.closeTo((2 * (5.5 / 7) * (17 / 21)) / (5.5 / 7 + 17 / 21), 12),
      },
      exactPersonCount: 1,
      exactness: 1 / 3,
      purity: 6 / 7,
      overMergedClusterCount: 1,
      overMergedRecordCount: 4,
      overMergeRate: 1 / 3,
      fragmentedPersonCount: 1,
      fragmentation: 1 / 3,
      largestCluster: { recordCount: 4, personCount: 2 },
    });
  });

  it("say nothing where there is nothing to say", () => {
    expect(measure([])).toMatchObject({ pairwise: { precision: null, recall: null, f1: null }, largestCluster: null });
    // Nothing linked, and somebody to find: no precision, but a recall of nought.
    expect(
      measure([
        { cluster: "1", person: "ana", recordCount: 1 },
        { cluster: "2", person: "ana", recordCount: 1 },
      ]).pairwise,
    ).toEqual({ precision: null, recall: 0, f1: 0 });
  });

  it("count a hub of a million records of a million people to the pair", () => {
    const counter = createMetricsCounter();
    for (let person = 0; person < 1_000_000; person++) {
      counter.add({ cluster: "hub", person: String(person), recordCount: 1 });
    }
    expect(counter.read()).toMatchObject({
      pairs: { linked: 499_999_500_000, right: 0, true: 0 },
      pairwise: { precision: 0, recall: null, f1: 0 },
      bCubed: { precision: 1e-6, recall: 1 },
      overMergedRecordCount: 1_000_000,
      largestCluster: { recordCount: 1_000_000, personCount: 1_000_000 },
    });
  });
});
