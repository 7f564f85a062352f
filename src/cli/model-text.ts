import type { MatchModel } from "../identity/train/model.js";
import { formatCount, formatRows } from "./print.js";

/** What a person reads of a match model: what each level weighs, and from what it was learnt. */
export function modelText({ version, source, prior, comparisons }: MatchModel): string {
  const sessions = Object.entries(source.sessions).map(([rule, pairs]) => `${formatCount(pairs)} of one ${rule}`);
  const rows = Object.entries(comparisons).flatMap(([comparison, levels]) =>
    levels.map(({ level, m, u }, place) => ({
      comparison: place === 0 ? comparison : "",
      level,
      m: m.toPrecision(3),
      u: u.toPrecision(3),
      weight: Math.log2(m / u).toFixed(1),
    })),
  );
  const columns = ["comparison", "level", "m", "u", "weight"].map((name) => ({ name }));
  return [
    `${version}: ${formatCount(source.descriptionCount)} descriptions, ${formatCount(source.sampledPairCount)} random pairs; pairs ${sessions.join(", ")}`,
    formatRows({ columns, rows }, "table"),
    `Any two descriptions are one person's with a weight of ${prior.toFixed(1)}: once in ${formatCount(Math.round(1 + 2 ** -prior))}.`,
  ].join("\n\n");
}
