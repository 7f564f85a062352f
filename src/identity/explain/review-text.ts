import type { ReviewList } from "./review.js";
import type { Ink } from "./text.js";

/** Pairs that wait for a review as a person reads them, and what to do with them. */
export function reviewText({ pairs, waiting }: ReviewList, { dim }: Ink): string {
  if (waiting === 0) return "Nobody waits for a review.";
  const [first] = pairs;
  return [
    ...pairs.map(({ profileA, profileB, average, pairCount, foundAt }) => {
      const count = `${pairCount} ${pairCount === 1 ? "pair" : "pairs"}`;
      return `${profileA}  ${profileB}  average ${average.toFixed(1)} of ${count}  ${dim(`since ${foundAt.slice(0, 10)}`)}`;
    }),
    ...(pairs.length < waiting ? [dim(`and ${waiting - pairs.length} more: --limit`)] : []),
    ...(first === undefined
      ? []
      : [
          "",
          `To look at one:  rollcall identity explain ${first.profileA} ${first.profileB}`,
          `To decide:       rollcall identity review accept ${first.profileA} ${first.profileB}   (or reject)`,
        ]),
  ].join("\n");
}
