import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CheckResult, checkProject } from "../../src/warehouse/analysis/check.js";
import { createTranslator, type Translator } from "../../src/warehouse/duckdb/translate.js";
import { type Analyzer, createAnalyzer } from "../../src/warehouse/googlesql/analyzer.js";
import { SYNC_TABLES } from "../../syncs/engine/tables.js";
import { COMPILE_PLANTS } from "../support/plants/compile.js";
import type { Plant } from "../support/plants/plant.js";
import { RULES_PLANTS } from "../support/plants/rules.js";
import { SQL_PLANTS } from "../support/plants/sql.js";
import { TYPESCRIPT_PLANTS } from "../support/plants/typescript.js";

/**
 * Mistakes planted into copies of this project's own files, one at a time. Each has to be found, and nothing else, at the very
 * character.
 */

const ROOT = path.resolve(import.meta.dirname, "../..");
const ALLOWANCES = [
  {
    target: "profiles",
    table: "activation.act_profiles__profiles",
    personal: ["first_name", "last_name", "email", "phone", "birth_date", "identifiers"],
  },
];

let copy: string;
let analyzer: Analyzer;
let translator: Translator;

beforeAll(async () => {
  copy = mkdtempSync(path.join(tmpdir(), "rollcall-plants-"));
  for (const part of ["definitions", "includes", "dataform.json"])
    cpSync(path.join(ROOT, part), path.join(copy, part), { recursive: true });
  mkdirSync(path.join(copy, "src"));
  analyzer = createAnalyzer();
  translator = createTranslator({}, { analyzer });
  expect((await check()).problems).toEqual([]);
}, 120_000);
afterAll(async () => {
  await analyzer?.close();
  rmSync(copy, { recursive: true, force: true });
});

function check(): Promise<CheckResult> {
  return checkProject({ root: copy, tables: SYNC_TABLES, allowances: ALLOWANCES }, { analyzer, translator });
}

/** The file with the mistake, and where it is expected; null where the planted text does not say. */
function planted({ file, find, plant }: Plant): { text: string; place: { line: number; column: number } | null } {
  const before = find === undefined ? "" : readFileSync(path.join(copy, file), "utf8");
  if (find !== undefined && !before.includes(find)) throw new Error(`${file} does not say: ${find}`);
  const marked = find === undefined ? plant : before.replace(find, () => plant);
  const at = marked.indexOf("¦");
  const lines = marked.slice(0, Math.max(at, 0)).split("\n");
  const place = at === -1 ? null : { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
  return { text: marked.replace("¦", ""), place };
}

async function expectFound(plant: Plant, code: string): Promise<void> {
  const file = path.join(copy, plant.file);
  const { text, place } = planted(plant);
  try {
    writeFileSync(file, text);
    const { problems } = await check();
    const expected = [{ code, says: plant.says }, ...(plant.also === undefined ? [] : [plant.also])];
    expect(problems).toEqual(
      expected.map((each) =>
        expect.objectContaining({
          code: each.code,
          file: plant.file,
          message: expect.stringMatching(each.says),
          ...place,
        }),
      ),
    );
  } finally {
    if (plant.find === undefined) rmSync(file);
    else cpSync(path.join(ROOT, plant.file), file);
  }
}

describe("in SQL", () => {
  it.each(SQL_PLANTS)("$mistake", (plant) => expectFound(plant, plant.code ?? "sql"));
});

describe("in what Dataform reads", () => {
  it.each(COMPILE_PLANTS)("$mistake", (plant) => expectFound(plant, "compile"));
});

describe("in TypeScript", () => {
  it.each(TYPESCRIPT_PLANTS)("$mistake", (plant) => expectFound(plant, "sql"));
});

describe("against a rule", () => {
  it.each(RULES_PLANTS)("$mistake", (plant) => expectFound(plant, plant.code ?? ""));
});
