import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { systemClock } from "../../src/platform/clock.js";
import { readCatalog } from "../../src/warehouse/duckdb/catalog.js";
import { createFolderStore } from "../../src/warehouse/duckdb/compiled-store.js";
import { createBindings } from "../../src/warehouse/duckdb/parameters.js";
import { createTranslator, type Translator } from "../../src/warehouse/duckdb/translate.js";
import { createDuckdbWarehouse } from "../../src/warehouse/duckdb/warehouse.js";
import { type Analyzer, createAnalyzer } from "../../src/warehouse/googlesql/analyzer.js";
import { splitStatements } from "../../src/warehouse/googlesql/lexer.js";
import { createRunner } from "../../src/warehouse/run/run.js";
import { awkwardCases, deal, studentBody } from "../support/arrivals.js";
import { landDeliveries } from "../support/pipeline.js";
import { type GeneratedProject, generateProject } from "./support/generated-project.js";
import { openRaw, recorded, type Script } from "./support/raw.js";
import { ROWS, SHAPES, TABLES } from "./support/shapes.js";
import { type Cost, costOf, percentile, printMachine } from "./support.js";

/**
 * What the embedded warehouse costs over DuckDB itself. Every comparison is measured in turns in this one run, so that
 * what else the machine does falls on both sides; absolute times mean little. Name sections to run only those:
 * shapes, runner, translate, check, cycle.
 */
const QUIET = { info: () => undefined, warn: () => undefined, error: () => undefined };
const PROJECT = resolve(import.meta.dirname, "../..");
const ENTRY = join(PROJECT, "src/cli/rollcall.mjs");
const TURNS = Number(process.env.BENCH_TURNS ?? 5);
const PEOPLE = Number(process.env.BENCH_PEOPLE ?? 2_000);
const CYCLES = 12;
const FULL_BUILDS = 3;
const CYCLE_ARRIVALS = 110;
/** How much larger the second base of `cycle` is. */
const GROWTH = Number(process.env.BENCH_GROWTH ?? 5);
const MODELS = 200;
const NOW = Date.UTC(2026, 2, 2, 10);

const median = (values: readonly number[]): number => percentile(values, 0.5);
const ratio = (value: number, base: number): string => (value / base).toFixed(2);

/** Each shape by turns in generated and in hand-written SQL; rolled back, so that every turn starts from the same tables. */
async function shapes(folder: string, analyzer: Analyzer): Promise<void> {
  const file = join(folder, "shapes.duckdb");
  const warehouse = await createDuckdbWarehouse({ file, threads: 2 });
  await warehouse.execute(TABLES);
  await warehouse.close();
  const raw = await openRaw(file, analyzer);
  console.log(
    `models over ${ROWS.toLocaleString("en-US")} rows: generated against hand-written DuckDB SQL (aim: 1.10)`,
  );
  for (const shape of SHAPES) {
    const generated = await raw.translate([{ sql: shape.google, params: {}, origin: shape.name }]);
    const times: Record<string, { ms: number[]; cpu: number[] }> = {};
    for (let turn = 0; turn <= TURNS; turn++) {
      for (const [kind, statements] of Object.entries({ generated, written: [{ sql: shape.duckdb }] })) {
        await raw.connection.run("BEGIN");
        const before = process.cpuUsage();
        const ms = await raw.run(statements);
        const { user, system } = process.cpuUsage(before);
        await raw.connection.run("ROLLBACK");
        if (turn === 0) continue; // The first turn warms up.
        times[kind] ??= { ms: [], cpu: [] };
        times[kind].ms.push(ms);
        times[kind].cpu.push((user + system) / 1000);
      }
    }
    const of = (kind: string, what: "ms" | "cpu"): number => median(times[kind]?.[what] ?? []);
    const [ours, theirs] = [of("generated", "ms"), of("written", "ms")];
    const cpu = ratio(of("generated", "cpu"), of("written", "cpu"));
    console.log(
      `  ${shape.name.padEnd(28)} ${ours.toFixed(0).padStart(5)} ms / ${theirs.toFixed(0).padStart(5)} ms = ${ratio(ours, theirs)}, of processor time ${cpu}`,
    );
  }
  await raw.close();
}

/** What the runner took, and DuckDB on copies of the file: for the same statements as one text, and one after the other. */
interface Turn {
  readonly ours: Cost;
  readonly text: Cost;
  readonly single: Cost;
}

function describeTurns(turns: readonly Turn[]): string {
  const compare = (over: keyof Turn): string => {
    const of = (what: keyof Cost): string => median(turns.map((turn) => turn[over][what] / turn.text[what])).toFixed(2);
    return `${of("ms")}, of processor time ${of("cpuMs")}`;
  };
  const [ours, text] = [median(turns.map((turn) => turn.ours.ms)), median(turns.map((turn) => turn.text.ms))];
  return [
    `${ours.toFixed(0)} ms / ${text.toFixed(0)} ms = ${compare("ours")}`,
    `    of that, because DuckDB is handed one statement at a time: ${compare("single")}`,
  ].join("\n");
}

/** Cycles and full builds by the runner, each followed by the same statements on copies of the file, in turns. */
async function runner(
  folder: string,
  analyzer: Analyzer,
): Promise<{ readonly file: string; readonly scripts: Script[] }> {
  const arrivals = [...(await studentBody(PEOPLE, 7, NOW)), ...(await awkwardCases(NOW))];
  const [base = [], ...rest] = deal(arrivals, 2, 1);
  const deliveries = [base, ...deal(rest.flat().slice(0, CYCLES * 100), CYCLES, 2)];
  const bronze = await landDeliveries(
    deliveries.map((delivered) => ({ arrivals: delivered, waitMs: 0 })),
    NOW,
  );
  const [ours, ...copies] = ["ours", "text", "single"].map((name) => join(folder, `${name}.duckdb`)) as [
    string,
    string,
    string,
  ];
  cpSync(bronze.file, ours);
  const [first = 0, ...later] = bronze.boundaries;
  const builder = await openModels(ours);
  await builder.models.runCycle({ windowTo: first });
  await builder.warehouse.close();
  for (const copy of copies) cpSync(ours, copy);
  const { warehouse, recording, models } = await openModels(ours);
  const [text, single] = [await openRaw(copies[0], analyzer), await openRaw(copies[1], analyzer)];
  const scripts: Script[] = [];
  const inTurns = async (run: () => Promise<unknown>, isTextFirst: boolean): Promise<Turn> => {
    const ours = await costOf(run);
    const taken = recording.take();
    scripts.push(...taken.scripts);
    const costs: { text?: Cost; single?: Cost } = {};
    for (const way of isTextFirst ? (["text", "single"] as const) : (["single", "text"] as const)) {
      const work = way === "text" ? () => text.run(taken.statements) : () => single.runEach(taken.statements);
      costs[way] = await costOf(work);
    }
    return { ours, ...(costs as Required<typeof costs>) };
  };
  const cycles: Turn[] = [];
  for (const [n, windowTo] of later.entries()) {
    const turn = await inTurns(() => models.runCycle({ windowTo }), n % 2 === 0);
    if (n > 0) cycles.push(turn); // The first translates the texts of a cycle.
  }
  const windowTo = later.at(-1) ?? first;
  const builds: Turn[] = [];
  for (let n = 0; n <= FULL_BUILDS; n++) {
    const turn = await inTurns(() => models.runFull({ windowTo }), n % 2 === 0);
    if (n > 0) builds.push(turn); // The first translates the texts of a full build.
  }
  console.log(`\nthe runner against the same statements as one text (aim: 1.10)`);
  console.log(`  cycle of ${Math.round(deliveries[1]?.length ?? 0)} arrivals: ${describeTurns(cycles)}`);
  console.log(
    `  full build of ${arrivals.length.toLocaleString("en-US")} arrivals, its audit included: ${describeTurns(builds)}`,
  );
  await text.close();
  await single.close();
  await warehouse.close();
  bronze.dispose();
  return { file: copies[0], scripts };
}

async function openModels(file: string) {
  const warehouse = await createDuckdbWarehouse({ file, memoryLimit: "2GB", threads: 2 });
  const recording = recorded(warehouse);
  const deps = { warehouse: recording.warehouse, clock: systemClock, logger: QUIET };
  return { warehouse, recording, models: createRunner({ root: PROJECT }, deps) };
}

/** Every script of our own models, with the analyzer running: without a cache, from memory and from the disk's. */
async function translate(
  folder: string,
  analyzer: Analyzer,
  built: { readonly file: string; readonly scripts: Script[] },
): Promise<void> {
  const raw = await openRaw(built.file, analyzer);
  const catalog = await readCatalog(raw.connection);
  const unique = [...new Map(built.scripts.map((script) => [script.sql, script])).values()];
  const count = unique.reduce((sum, { sql }) => sum + splitStatements(sql).length, 0);
  const store = createFolderStore({ folder: join(folder, "compiled") });
  const perStatement = async (translator: Translator): Promise<string> => {
    const startedAt = performance.now();
    for (const { params, ...script } of unique) {
      await translator.translate({ ...script, params: createBindings(params).types, catalog });
    }
    return `${((performance.now() - startedAt) / count).toFixed(2)} ms a statement`;
  };
  await createTranslator({}, { analyzer }).translate({ sql: "SELECT 1", params: {}, catalog }); // Starts the analyzer.
  console.log(`\ntranslation of ${count} statements of our models`);
  const translator = createTranslator({}, { analyzer, store });
  console.log(`  analyzed and generated   ${await perStatement(translator)}`);
  console.log(`  from the cache in memory ${await perStatement(translator)}`);
  console.log(`  from the cache on disk   ${await perStatement(createTranslator({}, { analyzer, store }))}`);
  await raw.close();
}

interface CycleCost {
  readonly students: number;
  readonly rowsRead: number;
  readonly cpuMs: number;
}

/** Cycles over what so many students left before. The first two translate, and follow the build: they do not count. */
async function costOfCycles(folder: string, students: number): Promise<CycleCost> {
  const arrivals = deal([...(await studentBody(students, 7, NOW)), ...(await awkwardCases(NOW))], 1, 1).flat();
  const delivered = deal(arrivals.slice(-CYCLES * CYCLE_ARRIVALS), CYCLES, 2);
  const bronze = await landDeliveries(
    [arrivals.slice(0, -CYCLES * CYCLE_ARRIVALS), ...delivered].map((part) => ({ arrivals: part, waitMs: 0 })),
    NOW,
  );
  const file = join(folder, `cycle-${students}.duckdb`);
  cpSync(bronze.file, file);
  bronze.dispose();
  const { warehouse, models } = await openModels(file);
  const [first = 0, ...later] = bronze.boundaries;
  await models.runCycle({ windowTo: first });
  const costs: { rowsRead: number; cpuMs: number }[] = [];
  for (const windowTo of later) {
    const before = process.cpuUsage();
    const report = await models.runCycle({ windowTo });
    const { user, system } = process.cpuUsage(before);
    const rowsRead = report.models.reduce((sum, model) => sum + (model.rowsRead ?? 0), 0);
    costs.push({ rowsRead, cpuMs: (user + system) / 1000 });
  }
  await warehouse.close();
  const counted = costs.slice(2);
  return {
    students,
    rowsRead: median(counted.map((cost) => cost.rowsRead)),
    cpuMs: median(counted.map((cost) => cost.cpuMs)),
  };
}

/** What a cycle reads and takes as the base under it grows, and what each thousand students more add to it. */
async function cycle(folder: string): Promise<void> {
  const small = await costOfCycles(folder, PEOPLE);
  const large = await costOfCycles(folder, PEOPLE * GROWTH);
  console.log(`\na cycle of ${CYCLE_ARRIVALS} arrivals over a base of`);
  for (const { students, rowsRead, cpuMs } of [small, large]) {
    const people = `${students.toLocaleString("en-US")} students`.padEnd(18);
    console.log(
      `  ${people} ${rowsRead.toLocaleString("en-US")} rows read by models, ${cpuMs.toFixed(0)} ms of processor time`,
    );
  }
  const thousands = (large.students - small.students) / 1000;
  const rows = Math.round((large.rowsRead - small.rowsRead) / thousands).toLocaleString("en-US");
  console.log(`  a thousand more    ${rows} rows, ${((large.cpuMs - small.cpuMs) / thousands).toFixed(1)} ms`);
}

/** `rollcall check` of a generated project, twice: the second finds every statement in the cache. */
function check(folder: string): void {
  const project: GeneratedProject = generateProject(join(folder, "project"), MODELS);
  console.log(`\nrollcall check of ${project.models} generated models (aims: 3 s, 0.3 s)`);
  for (const kind of ["cold", "cached"]) {
    const startedAt = performance.now();
    const result = spawnSync(process.execPath, [ENTRY, "check", "--project", project.root], {
      encoding: "utf8",
      env: { ...process.env, NO_COLOR: "1" },
    });
    const ms = performance.now() - startedAt;
    const said = result.status === 0 ? "" : `, ended with ${result.status}: ${result.stderr.trim().split("\n")[0]}`;
    console.log(`  ${kind.padEnd(7)} ${(ms / 1000).toFixed(2)} s, the process's start included${said}`);
  }
}

const sections = process.argv.slice(2);
const wants = (name: string): boolean => sections.length === 0 || sections.includes(name);
const folder = mkdtempSync(join(tmpdir(), "rollcall-bench-"));
const analyzer = createAnalyzer();
printMachine();
try {
  if (wants("shapes")) await shapes(folder, analyzer);
  if (wants("runner") || wants("translate")) {
    const built = await runner(folder, analyzer);
    if (wants("translate")) await translate(folder, analyzer, built);
  }
  if (wants("check")) check(folder);
  if (wants("cycle")) await cycle(folder);
} finally {
  await analyzer.close();
  rmSync(folder, { recursive: true });
}
