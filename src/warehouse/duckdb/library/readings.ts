import { fail } from "./fail.js";
import { fromUtcReading } from "./moments.js";

/** What GoogleSQL reads, where DuckDB reads more ("12.5" as 13, "1_000", "epoch") or less. */
export const IS_INTEGER = "'\\s*[+-]?([0-9]+|0[xX][0-9a-fA-F]+)\\s*'";
export const IS_DECIMAL = "'\\s*[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?\\s*'";
const IS_SPECIAL = "'(?i)\\s*[+-]?(inf|infinity|nan)\\s*'";
const IS_HEX = "'\\s*[+-]?0[xX][0-9a-fA-F]+\\s*'";
const DAY = "[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}";
const CLOCK = "([01]?[0-9]|2[0-3]):[0-5]?[0-9]:[0-5]?[0-9](\\.[0-9]{1,6})?";
export const IS_DATE = `'${DAY}'`;
export const IS_DATETIME = `'${DAY}([ Tt]${CLOCK})?'`;
/** A DATETIME, or the same with Z. */
const IS_DATETIME_OR_UTC = `'${DAY}([ Tt]${CLOCK}[Zz]?)?'`;
export const IS_TIME = `'${CLOCK}'`;
/** With an offset or Z directly behind the time, or a zone's name after a space. */
const IS_TIMESTAMP = `'${DAY}([ Tt]${CLOCK}([Zz]|[+-][0-9]{1,2}(:?[0-9]{2})?| [A-Za-z]+[A-Za-z0-9_+/-]*)?)?'`;

export const bad = (googleType: string, duckdbType: string): string =>
  fail(`The text is not a valid ${googleType}`, duckdbType);

/** A text that has the form is read; else `ELSE` decides. NULL stays NULL. */
export const reading = (form: string, read: string, otherwise: string): string =>
  `CASE WHEN $x IS NULL THEN NULL WHEN regexp_full_match($x, ${form}) THEN ${read} ELSE ${otherwise} END`;
export const safeReading = (form: string, read: string): string =>
  `CASE WHEN regexp_full_match($x, ${form}) THEN ${read} END`;

/** Of a text that is known to have an integer's form. DuckDB reads no sign before 0x. */
export const integerOf = (cast: (text: string) => string): string =>
  `CASE WHEN contains($x, 'x') OR contains($x, 'X') ` +
  `THEN CASE WHEN starts_with(trim($x), '-') THEN -1 ELSE 1 END * ${cast("ltrim(trim($x), '+-')")} ELSE ${cast("$x")} END`;

export const strictly = (type: string) => (text: string) => `CAST(${text} AS ${type})`;
export const safely = (type: string) => (text: string) => `TRY_CAST(${text} AS ${type})`;

export type Caster = (type: string) => (text: string) => string;

/** As DuckDB reads it: a capital T, offsets of two digits. */
const SPELLED = "regexp_replace(regexp_replace($x, '^([0-9-]+)t', '\\1T'), '([+-])([0-9](:[0-9]{2})?)$', '\\10\\2')";

/**
 * TIMESTAMP of a text, `otherwise` when it has no such form. Without a zone or with Z it needs no ICU; DuckDB's plain
 * TIMESTAMP would ignore an offset.
 */
export const timestampOf = (cast: Caster, otherwise: string): string =>
  `CASE WHEN regexp_full_match($x, ${IS_DATETIME_OR_UTC}) ` +
  `THEN ${fromUtcReading(cast("TIMESTAMP")("rtrim(replace($x, 't', 'T'), 'Zz')"))} ` +
  `WHEN regexp_full_match($x, ${IS_TIMESTAMP}) THEN ${cast("TIMESTAMPTZ")(SPELLED)} ` +
  `WHEN $x IS NOT NULL THEN ${otherwise} END`;

/** The cases of a FLOAT64's text, the usual form first: each form that is asked costs as much as the cast. */
export const doubleOf = (cast: Caster): string =>
  `WHEN regexp_full_match($x, ${IS_DECIMAL}) OR regexp_full_match($x, ${IS_SPECIAL}) THEN ${cast("DOUBLE")("trim($x)")} ` +
  `WHEN regexp_full_match($x, ${IS_HEX}) THEN (${integerOf(cast("BIGINT"))})::DOUBLE`;
