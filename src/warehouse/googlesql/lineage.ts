import type { Conditions } from "./lineage-keys.js";

/** A part of a column of a table. */
export interface ColumnSource {
  /** "silver.events"; a temporary table of the script by its bare name; a script variable `x` as the table "@x". */
  readonly table: string;
  readonly column: string;
  /** Members inside the column, JSON and struct alike: ["properties", "score"]. "[]" stands for an array's elements. */
  readonly path: readonly string[];
  /** The rows of the table that it is about, by other columns in lower case: `{ field: { in: ["email"] } }`. All rows when absent. */
  readonly where?: Conditions;
}

/**
 * How a source reaches an output, strongest first: `copy` as it is (also inside a struct, out of JSON, cast to another type, as one
 * of a COALESCE), `derive` through a function that makes another value of it, `digest` through one that does not let it be seen any
 * more (a hash, a length), `decide` by choosing only (the condition of an IF, a comparison, a COUNT).
 */
export type Flow = "copy" | "derive" | "digest" | "decide";

export interface SourceFlow extends ColumnSource {
  readonly flow: Flow;
  /** The part of the output it goes to, in the words of `path`; empty for all of it. */
  readonly into: readonly string[];
  /** What is proven of the output's rows that it reaches, by the outputs' names in lower case. Any row when absent. */
  readonly with?: Conditions;
  /** Its place in `rows`: the outputs that are columns of the very row it comes from. */
  readonly row?: number;
}

export interface OutputLineage {
  readonly name: string;
  /**
   * Sorted; each part of a column once for each part of the output, by its strongest flow. More than once only where a weaker flow has
   * rows of its own (`where`, `with`) or the part comes by several rows. Empty for a constant.
   */
  readonly sources: readonly SourceFlow[];
}

/** What one statement reads and where it goes. Plain data: it is kept with the compiled statement. */
export interface StatementLineage {
  /** The table it writes, "silver.events" or a temporary one's bare name; null for a query and whatever writes no rows. */
  readonly writes: string | null;
  readonly outputs: readonly OutputLineage[];
  /** What decides which rows there are and how they are grouped: filters, joins, GROUP BY, QUALIFY. */
  readonly conditions: readonly ColumnSource[];
  /** The names of outputs that are columns of a source's row as they are, to the names of those columns; all in lower case. */
  readonly rows?: readonly Readonly<Record<string, string>>[];
  /** Columns it gives new values in rows that keep others: what was proven of those rows by such a column holds no more. */
  readonly rewrites?: readonly string[];
}
