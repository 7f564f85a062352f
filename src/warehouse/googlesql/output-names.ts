import type { ResolvedNode } from "./resolved.js";

/** The columns of a query as its reader sees them: unnamed ones are `f0_`, `f1_`, ... as in BigQuery, a second `a` is `a_1`. */
export function outputNames(outputs: readonly ResolvedNode[]): readonly string[] {
  const taken = new Map<string, number>();
  return outputs.map((output, i) => {
    const given = output.text("name");
    const wanted = given === "" || given.startsWith("$") ? `f${i}_` : given;
    const used = taken.get(wanted.toLowerCase()) ?? 0;
    taken.set(wanted.toLowerCase(), used + 1);
    return used === 0 ? wanted : `${wanted}_${used}`;
  });
}
