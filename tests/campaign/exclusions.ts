/**
 * Where the embedded warehouse and the reference evaluator are known to give different answers. Each is on
 * docs/googlesql-differences.md, or is BigQuery's answer where this build of the evaluator is older than BigQuery.
 */
export interface Exclusion {
  readonly reason: string;
  /** Of the error, or of the difference. */
  readonly message?: RegExp;
  readonly sql?: RegExp;
}

/** Ours has rows where the reference fails. */
export const OURS_ACCEPTS: readonly Exclusion[] = [
  {
    reason: "the evaluator is older: INTERVAL n MICROSECOND and MILLISECOND",
    message: /Invalid interval datetime field M(?:ICRO|ILLI)SECOND/,
  },
  {
    reason: "FLOAT64 overflows to infinity",
    message:
      /double overflow|Floating point (?:overflow|error) in function: (?:EXP|POW|SINH|COSH)|[Ff]loating point overflow/,
  },
  {
    reason: "dates do not end at the years 1 and 9999",
    message:
      /Cannot convert Datetime|causes overflow|Invalid (?:Datetime|DATETIME).*extracted from|out of (?:the allowed )?range|invalid date|overflow/i,
    sql: /DATE|TIME|INTERVAL/i,
  },
];

/** A NULL in the query: what stands beside it need not be computed. */
export const ABSORBING = /NULL|SAFE_O(?:FFSET|RDINAL)/;

/** Ours fails where the reference has rows. */
export const OURS_RAISES: readonly Exclusion[] = [
  { reason: "PARSE_* reads no elements of ISO weeks", sql: /PARSE_\w+\('[^']*%[VGgu]/ },
  {
    reason: "BIGNUMERIC has 18 decimals and 20 digits",
    message: /DECIMAL\(38/,
    sql: /BIGNUMERIC|c_bignumeric/,
  },
  {
    reason: "a pattern that is none raises for a NULL text too",
    message: /Invalid Input Error: (?:missing|bad|invalid|unexpected|no argument)/,
    sql: /REGEXP_/,
  },
];

/** Both have rows, and they differ. */
export const DIFFERENT: readonly Exclusion[] = [
  { reason: "PARSE_* reads no elements of ISO weeks", sql: /PARSE_\w+\('[^']*%[VGgu]/ },
  { reason: "BIGNUMERIC has 18 decimals and 20 digits", sql: /BIGNUMERIC|c_bignumeric/ },
  { reason: "JSON numbers are printed anew", sql: /1e2\b|1e\d\d|1\.5e300|2\.50/, message: /\d(?:\.0|e\+?\d)/ },
];
