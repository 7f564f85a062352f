import { FEEDS, type Feed, type SyntheticRecord, TRAPS, type Trap } from "./record.js";

/** What was made: records in all, by feed and by trap. A record may be in several traps. */
export interface Tally {
  readonly records: number;
  readonly byFeed: ReadonlyMap<Feed, number>;
  readonly byTrap: ReadonlyMap<Trap, number>;
}

export interface Counting {
  readonly add: (record: SyntheticRecord) => void;
  readonly tally: () => Tally;
}

export function createCounting(): Counting {
  let records = 0;
  const feeds = new Map<string, number>();
  const traps = new Map<string, number>();
  const count = (counts: Map<string, number>, key: string): void => {
    counts.set(key, (counts.get(key) ?? 0) + 1);
  };
  return {
    add: ({ feed, trap }) => {
      records += 1;
      count(feeds, feed);
      if (trap !== "") for (const each of trap.split(";")) count(traps, each);
    },
    tally: () => ({
      records,
      byFeed: new Map(FEEDS.map((feed) => [feed, feeds.get(feed) ?? 0])),
      byTrap: new Map(TRAPS.map((trap) => [trap, traps.get(trap) ?? 0])),
    }),
  };
}

/** For a terminal: one line per feed and per trap. */
export function tallyText({ records, byFeed, byTrap }: Tally, people: number): string {
  const line = ([name, count]: readonly [string, number]): string =>
    `  ${name.padEnd(18)} ${String(count).padStart(9)}  ${((100 * count) / records).toFixed(2).padStart(5)} %`;
  return [
    `${people} people, ${records} records`,
    "by feed",
    ...[...byFeed].map(line),
    "by trap (a record may be in several)",
    ...[...byTrap].map(line),
  ].join("\n");
}
