/** A part of a column of a table. */
export interface ColumnSource {
  /** "silver.events"; a temporary table of the script by its bare name. */
  readonly table: string;
  readonly column: string;
  /** Members inside the column, JSON and struct alike: ["properties", "score"]. "[]" stands for an array's elements. */
  readonly path: readonly string[];
}

/**
 * How a source reaches an output: `copy` as it is (also inside a struct, out of JSON, as one of a COALESCE), `derive` through a
 * function that makes another value of it, `decide` by choosing only (the condition of an IF, a comparison, a COUNT).
 */
export type Flow = "copy" | "derive" | "decide";

export interface SourceFlow extends ColumnSource {
  readonly flow: Flow;
}

export interface OutputLineage {
  readonly name: string;
  /** Sorted, each part of a column once, by its strongest flow. Empty for a constant. */
  readonly sources: readonly SourceFlow[];
}

/** What one statement reads and where it goes. Plain data: it is kept with the compiled statement. */
export interface StatementLineage {
  /** The table it writes, "silver.events" or a temporary one's bare name; null for a query and whatever writes no rows. */
  readonly writes: string | null;
  readonly outputs: readonly OutputLineage[];
  /** What decides which rows there are and how they are grouped: filters, joins, GROUP BY, QUALIFY. */
  readonly conditions: readonly ColumnSource[];
}
