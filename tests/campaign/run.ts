import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { type Outcome, openEngines } from "./campaign.js";
import { minimise } from "./minimise.js";
import { generateQuery } from "./queries.js";
import { render } from "./tree.js";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "2000" },
    seed: { type: "string", default: "1" },
    from: { type: "string", default: "0" },
    out: { type: "string" },
    group: { type: "string" },
    seconds: { type: "string", default: "3600" },
  },
});

interface Finding {
  readonly number: number;
  readonly group: string;
  readonly outcome: Outcome;
  readonly sql: string;
  readonly short: string;
}

const WRONG: ReadonlySet<Outcome["kind"]> = new Set(["different", "ours raises", "ours accepts"]);
const KINDS: readonly Outcome["kind"][] = [
  "same",
  "both raise",
  "refused",
  "no reference",
  "documented",
  "different",
  "ours raises",
  "ours accepts",
];

const seed = Number(values.seed);
const [first, count] = [Number(values.from), Number(values.count)];
const engines = await openEngines(seed);
const table = new Map<string, Map<string, number>>();
const refused = new Map<string, number>();
const unable = new Map<string, number>();
const documented = new Map<string, number>();
const findings: Finding[] = [];
const countOf = (map: Map<string, number>, key: string): void => void map.set(key, (map.get(key) ?? 0) + 1);
const began = performance.now();

const isInTime = (): boolean => performance.now() - began < Number(values.seconds) * 1000;
let next = first;
for (; next < first + count && isInTime(); next += 1) {
  const { group, node, reference, isOrdered } = generateQuery(seed, next, engines.fixtures);
  if (values.group !== undefined && values.group !== group) continue;
  const sql = render(node);
  const question = reference === undefined ? { sql, isOrdered } : { sql, reference: render(reference), isOrdered };
  const outcome = await engines.compare(question);
  const row = table.get(group) ?? new Map<string, number>();
  table.set(group, row);
  countOf(row, outcome.kind);
  if (outcome.kind === "refused") countOf(refused, outcome.construct);
  if (outcome.kind === "documented") countOf(documented, outcome.reason);
  if (outcome.kind === "no reference") countOf(unable, outcome.message.replace(/ \[at.*$/, "").slice(0, 90));
  if (WRONG.has(outcome.kind)) {
    // With a question of its own for the reference, shorter ones would have to be written twice.
    const short = reference === undefined ? await minimise(engines, node, isOrdered, outcome.kind) : sql;
    const final = reference === undefined ? await engines.compare({ sql: short, isOrdered }) : outcome;
    findings.push({ number: next, group, outcome: final, sql, short });
  }
}
await engines.close();

const line = (name: string, row: ReadonlyMap<string, number>): string => {
  const all = [...row.values()].reduce((sum, n) => sum + n, 0);
  return [
    name.padEnd(16),
    String(all).padStart(7),
    ...KINDS.map((kind) => String(row.get(kind) ?? 0).padStart(kind.length + 2)),
  ].join("");
};
const total = new Map<string, number>();
for (const row of table.values()) for (const [kind, n] of row) total.set(kind, (total.get(kind) ?? 0) + n);
const ranked = (map: ReadonlyMap<string, number>): readonly string[] =>
  [...map].toSorted((a, b) => b[1] - a[1]).map(([key, n]) => `  ${String(n).padStart(5)}  ${key}`);
console.log(
  [
    `seed ${seed}, queries ${first} to ${next - 1}, ${((performance.now() - began) / 1000).toFixed(0)} s`,
    ["group".padEnd(16), "    run", ...KINDS.map((kind) => `  ${kind}`)].join(""),
    ...[...table].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([group, row]) => line(group, row)),
    line("all", total),
    "refused, by construct:",
    ...ranked(refused),
    "documented, by reason:",
    ...ranked(documented),
    "no reference, by message:",
    ...ranked(unable).slice(0, 25),
  ].join("\n"),
);
if (values.out !== undefined) writeFileSync(values.out, `${JSON.stringify(findings, null, 1)}\n`);
