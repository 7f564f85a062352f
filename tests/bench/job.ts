import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { findOulad, loadOulad, type Oulad } from "../support/oulad.js";
import { postBatches, removeHome, rollcall, startProduct, temporaryHome, waitFor } from "../support/product.js";
import { descendants, peakMemoryMb, perSecond, printMachine, seconds } from "./support.js";

/**
 * The main job on the Open University's students, twice: all at once through the running product (end to end, memory),
 * then stage by stage with the command line (rows per second of landing, transform and sync).
 */
const ENV = { ROLLCALL_INSTITUTION: "open-university", ROLLCALL_LOG_LEVEL: "warn" };

interface Status {
  readonly sources: readonly { readonly accepted: number; readonly landed: number; readonly silver: number }[];
  readonly profiles: number | null;
}

async function command(args: readonly string[]): Promise<{ readonly ms: number; readonly stdout: string }> {
  const startedAt = performance.now();
  const result = await rollcall(args, ENV);
  if (result.code !== 0) throw new Error(`rollcall ${args.join(" ")} ended with ${result.code}: ${result.stderr}`);
  return { ms: performance.now() - startedAt, stdout: result.stdout };
}

async function endToEnd(oulad: Oulad, files: readonly string[], rows: number): Promise<void> {
  const home = temporaryHome();
  const product = await startProduct(home, ENV);
  try {
    const { key } = await apiKey(home);
    const startedAt = performance.now();
    await postBatches(product.url, product.secrets.writeKeys.mobile, oulad.submissions);
    const postedMs = performance.now() - startedAt;
    await command(["land", "salesforce", ...files, "--home", home]);
    const last = oulad.studentIds.at(-1) as string;
    await waitFor(
      async () => {
        const { stdout } = await command(["status", "--home", home, "--json"]);
        const { sources, profiles } = JSON.parse(stdout) as Status;
        const isBuilt = sources.every(({ accepted, landed, silver }) => accepted === landed && landed === silver);
        return isBuilt && profiles === oulad.studentIds.length;
      },
      600_000,
      "every model",
    );
    await waitFor(async () => (await lookup(product.url, key, last)) === 1, 600_000, "the last student in the API");
    console.log("end to end, through `rollcall up`");
    console.log(`  accepted over HTTP   ${seconds(postedMs)}, ${perSecond(oulad.submissions.length, postedMs)}`);
    console.log(
      `  all of it in the API ${seconds(performance.now() - startedAt)} for ${rows.toLocaleString("en-US")} rows (aim: 90 s)`,
    );
    const pid = product.process.pid as number;
    console.log(`  peak memory, edge    ${peakMemoryMb(pid).toFixed(0)} MB`);
    for (const child of descendants(pid)) {
      const name = child.command.includes("rollcall.mjs engine")
        ? "engine"
        : child.command.includes("remote_server")
          ? "analyzer"
          : null;
      if (name !== null)
        console.log(`  peak memory, ${name.padEnd(7)} ${peakMemoryMb(child.pid).toFixed(0)} MB (aim: 1500 MB)`);
    }
  } finally {
    await product.stop();
    removeHome(home);
  }
}

async function apiKey(home: string): Promise<{ key: string }> {
  const { stdout } = await command(["keys", "create", "--home", home, "--scope", "profiles:read"]);
  return { key: stdout.trim() };
}

async function lookup(url: string, key: string, value: string): Promise<number> {
  const response = await fetch(`${url}/profiles/lookup`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ type: "student_number", value }),
  });
  return ((await response.json()) as { profiles: unknown[] }).profiles.length;
}

/** What the same rows cost without any of the guarantees: DuckDB alone reads the files into tables. */
async function baselineMs(submissions: string, files: readonly string[]): Promise<number> {
  const instance = await DuckDBInstance.create(":memory:", { threads: "2" });
  const connection = await instance.connect();
  const startedAt = performance.now();
  await connection.run(`CREATE TABLE s AS SELECT * FROM read_json('${submissions}', format = 'newline_delimited')`);
  for (const [n, file] of files.entries()) {
    await connection.run(`CREATE TABLE f${n} AS SELECT * FROM read_csv('${file}', all_varchar = true)`);
  }
  const ms = performance.now() - startedAt;
  connection.closeSync();
  return ms;
}

async function stages(submissions: string, files: readonly string[], rows: number): Promise<void> {
  const home = temporaryHome();
  try {
    console.log("\nstage by stage, one process each, start-up included");
    const mobile = await command(["land", "mobile", submissions, "--home", home]);
    const crm = await command(["land", "salesforce", ...files, "--home", home]);
    const landMs = mobile.ms + crm.ms;
    console.log(`  read, append, land   ${seconds(landMs)}, ${perSecond(rows, landMs)}`);
    const baseline = await baselineMs(submissions, files);
    console.log(
      `    baseline           ${seconds(baseline)}: DuckDB alone reads the files; ratio ${(landMs / baseline).toFixed(0)}`,
    );
    const run = await command(["run", "--home", home]);
    console.log(`  transform            ${seconds(run.ms)}, ${perSecond(rows, run.ms)}`);
    const sync = await command(["sync", "--home", home]);
    const written = [...sync.stdout.matchAll(/([\d,]+) written/g)].reduce(
      (sum, match) => sum + Number((match[1] as string).replaceAll(",", "")),
      0,
    );
    console.log(`  sync                 ${seconds(sync.ms)}, ${perSecond(written, sync.ms)}`);
    const again = await command(["run", "--home", home]);
    console.log(`  a run with no news   ${seconds(again.ms)}`);
  } finally {
    removeHome(home);
  }
}

const folder = findOulad();
if (folder === null) throw new Error("The data set is not here: set ROLLCALL_OULAD to its folder.");
printMachine();
const oulad = loadOulad(folder);
const temporary = mkdtempSync(join(tmpdir(), "rollcall-bench-"));
const contacts = join(temporary, "contacts.csv");
const enrollments = join(temporary, "enrollments.csv");
const submissions = join(temporary, "submissions.ndjson");
writeFileSync(contacts, oulad.contactsCsv);
writeFileSync(enrollments, oulad.enrollmentsCsv);
writeFileSync(submissions, `${oulad.submissions.map((message) => JSON.stringify(message)).join("\n")}\n`);
const rows = oulad.submissions.length + oulad.studentIds.length + oulad.enrollmentsCsv.split("\n").length - 2;
try {
  await endToEnd(oulad, [contacts, enrollments], rows);
  await stages(submissions, [contacts, enrollments], rows);
} finally {
  rmSync(temporary, { recursive: true });
}
