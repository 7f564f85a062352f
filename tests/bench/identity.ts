import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFolderStore } from "../../src/warehouse/duckdb/compiled-store.js";
import { createDuckdbWarehouse } from "../../src/warehouse/duckdb/warehouse.js";
import type { Warehouse } from "../../src/warehouse/port.js";
import { endOf } from "../support/identity-histories.js";
import { openIdentityWorld } from "../support/identity-world.js";
import {
  contract,
  type HandWritten,
  isSamePartition,
  makeDelta,
  makeEdges,
  makePairs,
  openHandWritten,
  peopleOf,
  propagateLabels,
} from "./support/identity-graph.js";
import { insertRecords } from "./support/identity-records.js";
import { type Cost, costOf, percentile, printMachine, seconds } from "./support.js";

/**
 * What resolving identities costs: connected components of a large graph by the product's macro against SQL written by hand, and
 * how a cycle's cost follows what arrived and not what is there. Name sections to run only those: components, deltas, linkage, resolve.
 */
const RECORDS = Number(process.env.BENCH_RECORDS ?? 10_000_000);
/** The smaller base that shows the slope. */
const SMALL = RECORDS / 10;
/** Records of the large base of `resolve`, and how many are new in a cycle. */
const RESOLVED = Number(process.env.BENCH_RESOLVED ?? 1_000_000);
const NEW = 1_000;
const SUSPECTS = RECORDS / 100;
const DELTAS = [1_000, 10_000, 100_000];
const TURNS = Number(process.env.BENCH_TURNS ?? 3);
const MEMORY = process.env.BENCH_MEMORY ?? "8GB";

interface Connected {
  components(graph: Readonly<Record<"nodes" | "links" | "into", string>>): string;
}
interface Linkage {
  merge(linkage: Readonly<Record<string, string | number>>): string;
}
const includes = createRequire(import.meta.url);
const connected = includes("../../includes/connected.js") as Connected;
const linkage = includes("../../includes/linkage.js") as Linkage;

const folder = mkdtempSync(join(tmpdir(), "rollcall-bench-"));
/** Translated statements: what is measured is running them. */
const compiledFolder = join(folder, "compiled");
const store = createFolderStore({ folder: compiledFolder });

const count = (n: number): string => n.toLocaleString("en-US");
const median = (values: readonly number[]): number => percentile(values, 0.5);

/** More than the base itself is not a delta. */
const deltasOnto = (records: number): number[] => DELTAS.filter((delta) => delta <= records / 10);

async function inWarehouse<T>(file: string, work: (warehouse: Warehouse) => Promise<T>): Promise<T> {
  const warehouse = await createDuckdbWarehouse({ file, memoryLimit: MEMORY, threads: 2 }, { store });
  try {
    return await work(warehouse);
  } finally {
    await warehouse.close();
  }
}

async function byHand<T>(file: string, work: (duckdb: HandWritten) => Promise<T>): Promise<T> {
  const duckdb = await openHandWritten(file, MEMORY);
  try {
    return await work(duckdb);
  } finally {
    await duckdb.close();
  }
}

const medianOf = (costs: readonly Cost[]): Cost => ({
  ms: median(costs.map(({ ms }) => ms)),
  cpuMs: median(costs.map(({ cpuMs }) => cpuMs)),
});
const told = ({ ms, cpuMs }: Cost): string => `${seconds(ms)}, ${seconds(cpuMs)} of processor time`;
const ofOther = (cost: Cost, other: Cost): string =>
  `${(cost.ms / other.ms).toFixed(2)} of it, ${(cost.cpuMs / other.cpuMs).toFixed(2)} of its processor time`;

const FULL = `
${connected.components({ nodes: "bench.nodes", links: "bench.edges", into: "found" })}
CREATE OR REPLACE TABLE bench.members AS SELECT node, root FROM found;`;

/** As a cycle does it: the components that the delta touches, from nothing. */
const cycle = (delta: string): string => `
CREATE TEMP TABLE affected AS
SELECT DISTINCT m.root FROM ${delta} AS d JOIN bench.members AS m ON m.node = d.v;
CREATE TEMP TABLE known AS
SELECT m.node, m.root FROM bench.members AS m WHERE m.root IN (SELECT root FROM affected);
CREATE TEMP TABLE links AS
SELECT e.u, e.v FROM bench.edges AS e WHERE e.u IN (SELECT node FROM known)
UNION ALL
SELECT u, v FROM ${delta};
CREATE TEMP TABLE nodes AS
SELECT node FROM known UNION DISTINCT SELECT u FROM ${delta} UNION DISTINCT SELECT v FROM ${delta};
${connected.components({ nodes: "nodes", links: "links", into: "found" })}
CREATE OR REPLACE TABLE bench.moved AS
SELECT f.node, f.root FROM found AS f
LEFT JOIN known AS k ON k.node = f.node
WHERE k.node IS NULL OR k.root != f.root;`;

/** Translates the statements over a graph that costs nothing. */
async function translateAll(): Promise<void> {
  const file = join(folder, "translated.duckdb");
  await byHand(file, async (duckdb) => {
    await makeEdges(duckdb, 100);
    for (const delta of DELTAS) await makeDelta(duckdb, 100, delta);
  });
  await inWarehouse(file, (warehouse) => warehouse.execute(FULL));
}

/**
 * All components of the base, by the product's macro and by hand, and the deltas onto it. Labels are propagated in the small base
 * only: in ten million records they take minutes.
 */
async function components(file: string, records: number, wantsDeltas: boolean): Promise<Map<number, Cost>> {
  const size = await byHand(file, async (duckdb) => {
    await makeEdges(duckdb, records);
    for (const delta of DELTAS) await makeDelta(duckdb, records, delta);
    const edges = await duckdb.read("SELECT count(*) FROM bench.edges");
    return `${count(edges)} edges, ${count(await duckdb.read("SELECT count(*) FROM bench.nodes"))} nodes`;
  });
  console.log(`\n${count(records)} records, ${size}`);
  const deltas = new Map<number, Cost>();
  const ours = await inWarehouse(file, async (warehouse) => {
    const cost = await costOf(() => warehouse.execute(FULL));
    for (const delta of wantsDeltas ? deltasOnto(records) : []) deltas.set(delta, await costOfDelta(warehouse, delta));
    return cost;
  });
  await byHand(file, async (duckdb) => {
    let rounds = 0;
    const hand = await costOf(async () => {
      rounds = await contract(duckdb);
    });
    console.log(`  the product's macro   ${told(ours)}`);
    console.log(`  the same by hand      ${told(hand)} (${rounds} rounds): ${ofOther(ours, hand)}`);
    let isSame = await isSamePartition(duckdb, "bench.members", "bench.contracted");
    if (records <= SMALL) {
      const propagation = await costOf(async () => {
        rounds = await propagateLabels(duckdb);
      });
      console.log(`  label propagation     ${told(propagation)} (${rounds} rounds): ${ofOther(ours, propagation)}`);
      isSame &&= await isSamePartition(duckdb, "bench.members", "bench.propagated");
    }
    const found = await duckdb.read("SELECT count(DISTINCT root) FROM bench.members");
    console.log(`  ${count(found)} components, ${isSame ? "the same each time" : "NOT THE SAME EACH TIME"}`);
  });
  return deltas;
}

/** The median turn. The first turn translates. */
async function costOfDelta(warehouse: Warehouse, delta: number): Promise<Cost> {
  const turns: Cost[] = [];
  for (let turn = 0; turn <= TURNS; turn++) {
    turns.push(await costOf(() => warehouse.execute(cycle(`bench.delta_${delta}`))));
  }
  return medianOf(turns.slice(1));
}

function printSlope(small: ReadonlyMap<number, Cost>, large: ReadonlyMap<number, Cost>): void {
  console.log(`\nnew records onto ${count(SMALL)} and onto ${count(RECORDS)}: time, processor time`);
  for (const [delta, after] of large) {
    const before = small.get(delta);
    const slope = before === undefined ? "" : `${(after.cpuMs / before.cpuMs).toFixed(2)} times`;
    const columns = [before, after].map((cost) =>
      cost === undefined ? "" : `${cost.ms.toFixed(0)} ms, ${cost.cpuMs.toFixed(0)} ms`,
    );
    console.log(`  ${count(delta).padStart(7)}${columns.map((text) => text.padStart(20)).join("")}   ${slope}`);
  }
}

/** Here a group's number is its name. */
const NAMES = `CREATE OR REPLACE TEMP TABLE names AS
  SELECT grp, CAST(grp AS STRING) AS name FROM (SELECT a AS grp FROM bench.pairs UNION DISTINCT SELECT b FROM bench.pairs);`;

/** Groups of suspects merged under claims, the second time: the first translates. */
async function link(): Promise<void> {
  const file = join(folder, "linkage.duckdb");
  await byHand(file, (duckdb) => makePairs(duckdb, SUSPECTS));
  console.log(`\n${count(SUSPECTS * 15)} pairs inside ${count(SUSPECTS)} suspects`);
  await inWarehouse(file, async (warehouse) => {
    const tables = { edges: "bench.pairs", claims: "bench.claims", into: "merged", names: "names" };
    for (const mode of ["strongest", "average"]) {
      const merge = linkage.merge({ ...tables, mode, threshold: 0 });
      const script = `${NAMES} ${merge} CREATE OR REPLACE TABLE bench.merged AS SELECT grp, root FROM merged;`;
      await warehouse.execute(script);
      console.log(`  ${mode.padEnd(10)} ${told(await costOf(() => warehouse.execute(script)))}`);
    }
  });
}

/** All identity models: a base of records from nothing, then cycles of new ones. */
async function resolveRecords(records: number): Promise<void> {
  const file = join(folder, `resolve-${records}.duckdb`);
  await (await openIdentityWorld({ file, memoryLimit: MEMORY, compiledFolder })).close();
  const people = peopleOf(records);
  await byHand(file, async (duckdb) => {
    await insertRecords(duckdb, { from: 0, count: records, people, at: endOf(0) });
    for (let turn = 0; turn <= TURNS; turn++) {
      await insertRecords(duckdb, { from: records + turn * NEW, count: NEW, people, at: endOf(turn + 1) });
    }
  });
  const world = await openIdentityWorld({ file, memoryLimit: MEMORY, compiledFolder });
  const base = await costOf(() => world.cycle(endOf(1)));
  const turns: Cost[] = [];
  for (let turn = 0; turn <= TURNS; turn++) turns.push(await costOf(() => world.cycle(endOf(turn + 2))));
  const [found] = await world.query("SELECT COUNT(*) AS people FROM identity.clusters");
  await world.close();
  console.log(`\nall identity models over ${count(records)} records of ${count(people)} people`);
  console.log(`  from nothing          ${told(base)}, ${count(Number(found?.people))} profiles`);
  const cycles = medianOf(turns.slice(1)); // The first translates.
  console.log(
    `  a cycle of ${count(NEW)} new   ${cycles.ms.toFixed(0)} ms, ${cycles.cpuMs.toFixed(0)} ms of processor time`,
  );
}

const sections = process.argv.slice(2);
const wants = (name: string): boolean => sections.length === 0 || sections.includes(name);
printMachine();
try {
  if (wants("components") || wants("deltas")) {
    await translateAll();
    const small = await components(join(folder, "small.duckdb"), SMALL, wants("deltas"));
    const large = await components(join(folder, "large.duckdb"), RECORDS, wants("deltas"));
    if (wants("deltas")) printSlope(small, large);
  }
  if (wants("linkage")) await link();
  if (wants("resolve")) for (const records of [RESOLVED / 10, RESOLVED]) await resolveRecords(records);
} finally {
  rmSync(folder, { recursive: true });
}
