import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findOulad, loadOulad, type Oulad } from "../support/oulad.js";
import { type Product, postBatches, removeHome, rollcall, startProduct, temporaryHome } from "../support/product.js";

const folder = findOulad();

/** Registrations per module, counted in the data set itself. */
const REGISTRATIONS = [
  { module: "AAA", registrations: 748 },
  { module: "BBB", registrations: 7909 },
  { module: "CCC", registrations: 4434 },
  { module: "DDD", registrations: 6272 },
  { module: "EEE", registrations: 2934 },
  { module: "FFF", registrations: 7762 },
  { module: "GGG", registrations: 2534 },
];

async function query<T>(home: string, sql: string): Promise<T[]> {
  const result = await rollcall(["query", "--home", home, "--format", "json", "--unmask", sql]);
  expect(result.stderr).toBe("");
  return JSON.parse(result.stdout) as T[];
}

describe.skipIf(folder === null)("the Open University's students", () => {
  const home = temporaryHome();
  const files = mkdtempSync(join(tmpdir(), "rollcall-oulad-"));
  let oulad: Oulad;
  let product: Product;
  let apiKey: string;

  beforeAll(async () => {
    oulad = loadOulad(folder as string);
    writeFileSync(join(files, "contacts.csv"), oulad.contactsCsv);
    writeFileSync(join(files, "enrollments.csv"), oulad.enrollmentsCsv);
    product = await startProduct(home, { ROLLCALL_INSTITUTION: "open-university", ROLLCALL_LOG_LEVEL: "warn" });
    const created = await rollcall(["keys", "create", "--home", home, "--scope", "profiles:read"]);
    apiKey = created.stdout.trim();
    await postBatches(product.url, product.secrets.writeKeys.mobile, oulad.submissions);
    for (const name of ["contacts.csv", "enrollments.csv"]) {
      const landed = await rollcall(["land", "salesforce", join(files, name), "--home", home], {
        ROLLCALL_INSTITUTION: "open-university",
      });
      expect(landed.stderr).toBe("");
      expect(landed.code).toBe(0);
    }
    const run = await rollcall(["run", "--home", home]);
    expect(run.code, run.stderr).toBe(0);
    const sync = await rollcall(["sync", "--home", home]);
    expect(sync.code, sync.stderr).toBe(0);
  });

  afterAll(async () => {
    expect(await product.stop()).toBe(0);
    removeHome(home);
    rmSync(files, { recursive: true });
  });

  it("are 28,785, each one profile", async () => {
    const rows = await query(home, "SELECT COUNT(*) AS students FROM gold.profiles WHERE merged_into IS NULL");
    expect(rows).toEqual([{ students: 28_785 }]);
  });

  it("handed in 173,912 assessments, none lost and none twice", async () => {
    const rows = await query(
      home,
      `SELECT COUNT(*) AS facts, COUNT(DISTINCT event_id) AS events, COUNTIF(value IS NULL) AS without_score
       FROM silver.events WHERE event_name = "assessment_submitted"`,
    );
    expect(rows).toEqual([{ facts: 173_912, events: 173_912, without_score: 173 }]);
  });

  it("registered for each module as often as the data set says", async () => {
    const rows = await query(
      home,
      "SELECT module, COUNT(*) AS registrations FROM silver.crm_enrollments GROUP BY module ORDER BY module",
    );
    expect(rows).toEqual(REGISTRATIONS);
  });

  it("are answered by the API, any of them, by student number and by user id", async () => {
    const step = Math.floor(oulad.studentIds.length / 50);
    const sample = oulad.studentIds.filter((_, n) => n % step === 0);
    const ids = new Set<string>();
    for (const value of sample) {
      for (const type of ["student_number", "user_id"]) {
        const response = await fetch(`${product.url}/profiles/lookup`, {
          method: "POST",
          headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json" },
          body: JSON.stringify({ type, value }),
        });
        expect(response.status).toBe(200);
        const { profiles } = (await response.json()) as { profiles: { profile_id: string }[] };
        expect(profiles).toHaveLength(1);
        ids.add((profiles[0] as { profile_id: string }).profile_id);
      }
    }
    expect(ids.size).toBe(sample.length);
  });

  it("cost nothing when nothing is new", async () => {
    const run = await rollcall(["run", "--home", home]);
    expect(run.stdout).toContain("Nothing to do");
    const sync = await rollcall(["sync", "--home", home]);
    expect(sync.stdout).toContain("Nothing to send");
  });
});
