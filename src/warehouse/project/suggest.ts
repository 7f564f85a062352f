/** Names near to one that is not known, nearest first: what somebody who mistyped it meant. */
export function nearestNames(name: string, known: readonly string[], limit = 3): string[] {
  const wanted = name.toLowerCase();
  const furthest = Math.max(2, Math.floor(name.length / 3));
  return known
    .map((candidate) => ({ candidate, distance: distanceOf(wanted, candidate.toLowerCase()) }))
    .filter(({ candidate, distance }) => distance <= furthest || candidate.toLowerCase().includes(wanted))
    .sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, limit)
    .map(({ candidate }) => candidate);
}

/** A longer list is not read. */
const MOST_LISTED = 10;

/** The end of a message about an unknown name: ". Did you mean payload?", or what there is when nothing is near. */
export function didYouMean(name: string, known: readonly string[]): string {
  const near = nearestNames(name, known, 1)[0];
  if (near !== undefined) return `. Did you mean ${near}?`;
  if (known.length === 0) return "";
  const rest = known.length - MOST_LISTED;
  return `; there are ${known.slice(0, MOST_LISTED).join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}

/** Levenshtein's distance: single characters put in, taken out or exchanged. */
function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, character] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      const exchanged = (row[j] ?? 0) + (character === other ? 0 : 1);
      next.push(Math.min(exchanged, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
