import { readFileSync } from "node:fs";

/** One way to call one function. */
export interface Signature {
  readonly group: string;
  readonly result: string;
  /** `{INT64}` stands for an expression of that type, `{regex}` for a literal of that domain (domains.ts). */
  readonly template: string;
  /** Not to be built into a text, where its last digit would show. */
  readonly isApproximate: boolean;
}

/** Templates by result type; "~FLOAT64" are those that are exact to 15 digits only. */
type Family = Readonly<Record<string, readonly string[]>>;

/** "total" are functions with a result for every argument of moderate size, written apart from the others. */
const { total = {}, ...FAMILIES } = JSON.parse(
  readFileSync(new URL("families.json", import.meta.url), "utf8"),
) as Readonly<Record<string, Family>>;

/** Types that `{T}` may be; `{C}` only those that can be compared and ordered. Each template settles on one. */
const COMPARED = "INT64 FLOAT64 NUMERIC STRING BYTES BOOL DATE DATETIME TIME TIMESTAMP".split(" ");
const ANY = [...COMPARED, "BIGNUMERIC", "JSON", "ARRAY<INT64>", "ARRAY<STRING>", "STRUCT<a INT64, b STRING>"];

function settle(group: string, key: string, template: string): readonly Signature[] {
  const isApproximate = key.startsWith("~");
  const result = isApproximate ? key.slice(1) : key;
  const variable = /\{([TC])\}/.exec(template)?.[1];
  if (variable === undefined) return [{ group, result, template, isApproximate }];
  return (variable === "C" ? COMPARED : ANY).map((type) => ({
    group,
    result: result === variable ? type : result,
    template: template.replaceAll(/\{[TC]\}/g, `{${type}}`),
    isApproximate,
  }));
}

export const SIGNATURES: readonly Signature[] = Object.entries(FAMILIES).flatMap(([group, family]) =>
  Object.entries(family).flatMap(([key, templates]) => templates.flatMap((template) => settle(group, key, template))),
);

export const TOTAL: readonly Signature[] = Object.entries(total).flatMap(([result, templates]) =>
  templates.map((template) => ({ group: "total", result, template, isApproximate: false })),
);
