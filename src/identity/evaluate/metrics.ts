/**
 * How well a partition of records into clusters agrees with the true people. Everything is counted from cells, the records that
 * one cluster and one person have in common: a cluster of a million records costs one cell and not half a billion pairs.
 *
 * Pairs are over all records, so a true pair that nothing ever compared counts as missed.
 */
export interface Cell {
  readonly cluster: string;
  readonly person: string;
  /** At least 1. */
  readonly recordCount: number;
}

/** Pairs of records; exact up to 130 million records. */
export interface PairCounts {
  /** In one cluster. */
  readonly linked: number;
  /** In one cluster and of one person. */
  readonly right: number;
  /** Of one person. */
  readonly true: number;
}

export interface Agreement {
  /** Null where nothing was linked: then there is nothing to be right or wrong about. */
  readonly precision: number | null;
  /** Null where no person has two records. */
  readonly recall: number | null;
  /** 2 right / (linked + true); null where both are zero. */
  readonly f1: number | null;
}

export interface ClusterMetrics {
  readonly recordCount: number;
  readonly personCount: number;
  readonly clusterCount: number;
  readonly pairs: PairCounts;
  readonly pairwise: Agreement;
  /** The mean over records of the share of its cluster that is its person's, and of its person that is in its cluster. */
  readonly bCubed: Agreement;
  /** People who are one cluster, whole and alone. */
  readonly exactPersonCount: number;
  readonly exactness: number | null;
  /** Share of records that belong to the person who has most records in their cluster. */
  readonly purity: number | null;
  readonly overMergedClusterCount: number;
  readonly overMergedRecordCount: number;
  /** Clusters of more than one person, of all clusters. */
  readonly overMergeRate: number | null;
  /** People in more than one cluster. */
  readonly fragmentedPersonCount: number;
  readonly fragmentation: number | null;
  readonly largestCluster: { readonly recordCount: number; readonly personCount: number } | null;
}

/** What one cluster or one person adds up to. */
interface Side {
  recordCount: number;
  /** Of its cells. */
  squares: number;
  cellCount: number;
  largestCell: number;
  /** The side of its last cell on the other axis: all that is needed where it has only one. */
  lastOther: Side | null;
}

export interface MetricsCounter {
  /** Each cluster and person once: no two cells may have both in common. */
  add(cell: Cell): void;
  read(): ClusterMetrics;
}

/** Memory follows the number of clusters and people, time the number of cells. */
export function createMetricsCounter(): MetricsCounter {
  const clusters = new Map<string, Side>();
  const people = new Map<string, Side>();
  let rightPairs = 0;

  return {
    add: ({ cluster, person, recordCount }) => {
      const own = sideOf(clusters, cluster);
      const other = sideOf(people, person);
      grow(own, recordCount, other);
      grow(other, recordCount, own);
      rightPairs += pairsOf(recordCount);
    },
    read: () => summarise([...clusters.values()], [...people.values()], rightPairs),
  };
}

/** Pairs among `count` records. */
export function pairsOf(count: number): number {
  return (count * (count - 1)) / 2;
}

export function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

export function agreementOf({ linked, right, true: truePairs }: PairCounts): Agreement {
  return {
    precision: ratio(right, linked),
    recall: ratio(right, truePairs),
    f1: ratio(2 * right, linked + truePairs),
  };
}

function summarise(clusters: readonly Side[], people: readonly Side[], rightPairs: number): ClusterMetrics {
  const recordCount = sum(clusters, (side) => side.recordCount);
  const pairs = {
    linked: sum(clusters, (side) => pairsOf(side.recordCount)),
    right: rightPairs,
    true: sum(people, (side) => pairsOf(side.recordCount)),
  };
  const overMerged = clusters.filter((side) => side.cellCount > 1);
  const exactPersonCount = people.filter((side) => side.cellCount === 1 && side.lastOther?.cellCount === 1).length;
  const fragmentedPersonCount = people.filter((side) => side.cellCount > 1).length;
  return {
    recordCount,
    personCount: people.length,
    clusterCount: clusters.length,
    pairs,
    pairwise: agreementOf(pairs),
    bCubed: bCubedOf(clusters, people, recordCount),
    exactPersonCount,
    exactness: ratio(exactPersonCount, people.length),
    purity: ratio(
      sum(clusters, (side) => side.largestCell),
      recordCount,
    ),
    overMergedClusterCount: overMerged.length,
    overMergedRecordCount: sum(overMerged, (side) => side.recordCount),
    overMergeRate: ratio(overMerged.length, clusters.length),
    fragmentedPersonCount,
    fragmentation: ratio(fragmentedPersonCount, people.length),
    largestCluster: largestOf(clusters),
  };
}

/** Bagga and Baldwin 1998, "Entity-based cross-document coreferencing": of n records of a cell, each adds n / |cluster|. */
function bCubedOf(clusters: readonly Side[], people: readonly Side[], recordCount: number): Agreement {
  const share = (sides: readonly Side[]): number | null =>
    ratio(
      sum(sides, (side) => side.squares / side.recordCount),
      recordCount,
    );
  const precision = share(clusters);
  const recall = share(people);
  const f1 = precision === null || recall === null ? null : (2 * precision * recall) / (precision + recall);
  return { precision, recall, f1 };
}

function largestOf(clusters: readonly Side[]): ClusterMetrics["largestCluster"] {
  let largest: Side | null = null;
  for (const side of clusters) {
    const isLarger =
      largest === null ||
      side.recordCount > largest.recordCount ||
      // Of equal ones the more mixed, so that the answer does not depend on the order of the cells.
      (side.recordCount === largest.recordCount && side.cellCount > largest.cellCount);
    if (isLarger) largest = side;
  }
  return largest === null ? null : { recordCount: largest.recordCount, personCount: largest.cellCount };
}

function sideOf(sides: Map<string, Side>, key: string): Side {
  const known = sides.get(key);
  if (known !== undefined) return known;
  const side: Side = { recordCount: 0, squares: 0, cellCount: 0, largestCell: 0, lastOther: null };
  sides.set(key, side);
  return side;
}

function grow(side: Side, recordCount: number, other: Side): void {
  side.recordCount += recordCount;
  side.squares += recordCount * recordCount;
  side.cellCount += 1;
  side.largestCell = Math.max(side.largestCell, recordCount);
  side.lastOther = other;
}

function sum(sides: readonly Side[], amountOf: (side: Side) => number): number {
  let total = 0;
  for (const side of sides) total += amountOf(side);
  return total;
}
