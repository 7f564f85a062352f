import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { MASK } from "../privacy/mask.js";
import { createFolderStore } from "../warehouse/duckdb/compiled-store.js";
import { createDuckdbWarehouse } from "../warehouse/duckdb/warehouse.js";
import type { Warehouse } from "../warehouse/port.js";
import { OPS_TABLES } from "../warehouse/project/ops-tables.js";
import { createFixtureProject, type FixtureProject } from "../warehouse/project/testing.js";
import { takeSnapshot } from "../warehouse/run/snapshots.js";
import { type DiffOptions, type DiffView, diffData } from "./data-diff.js";
import { diffText } from "./diff-text.js";
import { createQueryMask, type QueryMask } from "./wiring/query-mask.js";

let fixture: FixtureProject;
let folder: string;
let warehouse: Warehouse;
let mask: QueryMask;

const CONTACTS = `config { type: "table", schema: "silver", columns: { email: { description: "d", tags: ["personal"] } } }
SELECT event_id, JSON_VALUE(payload, "$.email") AS email, JSON_VALUE(payload, "$.city") AS city, ingested_at
FROM \${ref("bronze", "website_events")}`;
const PEOPLE = "definitions/silver/people.sqlx";
const people = (city: string): string => `config {
  type: "table", schema: "silver", assertions: { uniqueKey: ["person_id"] }
}
SELECT
  event_id AS person_id,
  email,
  ${city} AS city,
  STRUCT(c.city AS town, c.email AS contact) AS place,
  ingested_at
FROM \${ref("silver", "contacts")} AS c
WHERE \${window.arrived("c.ingested_at", false)}`;
const AS_BUILT = people("c.city");

beforeAll(async () => {
  fixture = createFixtureProject();
  fixture.write("definitions/silver/contacts.sqlx", CONTACTS);
  fixture.write(PEOPLE, AS_BUILT);
  folder = mkdtempSync(join(tmpdir(), "rollcall-diff-"));
  const store = createFolderStore({ folder });
  warehouse = await createDuckdbWarehouse({ file: ":memory:", threads: 1 }, { store });
  await warehouse.ensureTables(OPS_TABLES);
  await warehouse.execute(`
    CREATE SCHEMA silver;
    CREATE SCHEMA elsewhere;
    CREATE TABLE silver.contacts AS
      SELECT "p1" AS event_id, "ada@example.org" AS email, "Leeds" AS city, TIMESTAMP "2026-03-01" AS ingested_at
      UNION ALL SELECT "p2", "bob@example.org", "York", TIMESTAMP "2026-03-05";
    CREATE TABLE silver.people AS
      SELECT event_id AS person_id, email, city, STRUCT(city AS town, email AS contact) AS place, ingested_at
      FROM silver.contacts WHERE event_id = "p1";
    CREATE TABLE elsewhere.people AS SELECT * REPLACE ("x@example.org" AS city) FROM silver.people;
    INSERT INTO ops.watermarks (model, window_to, sql_hash, ran_at) VALUES
      ("silver.people", TIMESTAMP "2026-03-02", "h", TIMESTAMP "2026-03-02"),
      ("silver.events", TIMESTAMP "2026-03-09", "h", TIMESTAMP "2026-03-09")`);
  await takeSnapshot(warehouse, { source: { dataset: "silver", table: "people" }, name: "before", at: 0 });
  mask = createQueryMask({ root: fixture.root, personalNames: new Set(["email"]) }, { warehouse, store });
}, 60_000);

afterEach(() => fixture.write(PEOPLE, AS_BUILT));

afterAll(async () => {
  await mask.close();
  await warehouse.close();
  fixture.dispose();
  rmSync(folder, { recursive: true, force: true });
});

const diff = (over: Partial<DiffOptions> = {}): Promise<DiffView> =>
  diffData(
    { warehouse, root: fixture.root, personalColumns: new Set(["email"]), personalParts: mask.personalParts },
    { table: "silver.people", sample: 5, unmask: false, ...over },
  );
const cells = (view: DiffView): Record<string, unknown> =>
  Object.fromEntries(
    view.rows.flatMap((row) => row.cells.map(({ column, before, after }) => [column, [before, after]])),
  );
const tablesOf = async (dataset: string): Promise<readonly string[]> =>
  (await warehouse.tables(dataset)).map(({ table }) => table);
const same = (text: string): string => text;
const COLOURS = { green: same, red: same, yellow: same, dim: same };

describe("a diff with the model as it is written", () => {
  it("is empty for a model that nobody edited, however far others have read", async () => {
    const view = await diff();
    expect([view.rowsBefore, view.rowsAfter, view.rows]).toEqual([1, 1, []]);
    expect(view.key).toEqual(["person_id"]);
    expect(diffText(view, COLOURS)).toContain("No row differs.");
  });

  it("shows what an edit changes", async () => {
    fixture.write(PEOPLE, people("UPPER(c.city)"));
    const view = await diff();
    expect(cells(view)).toEqual({ city: ['"Leeds"', '"LEEDS"'] });
    expect(diffText(view, COLOURS)).toContain('city: "Leeds" -> "LEEDS"');
  });

  it("masks a personal value under another name, on both sides", async () => {
    fixture.write(PEOPLE, people("LOWER(c.email)"));
    const view = await diff();
    expect(cells(view)).toEqual({ city: [MASK, MASK] });
    expect(JSON.stringify(view)).not.toContain("@example.org");
    expect(cells(await diff({ unmask: true }))).toEqual({ city: ['"Leeds"', '"ada@example.org"'] });
  });

  it("names the line of the file that is wrong", async () => {
    fixture.write(PEOPLE, people("nobody"));
    await expect(diff()).rejects.toMatchObject({
      code: "SQL_INVALID",
      message: expect.stringMatching(/^definitions\/silver\/people\.sqlx:7:3: Unrecognized name: nobody/),
    });
  });

  it("does not show what a row made it fail with", async () => {
    fixture.write(PEOPLE, people('IF(ingested_at IS NULL, "", ERROR(c.email))'));
    const failure = await diff().catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "WAREHOUSE_FAILED", message: expect.stringMatching(/--unmask shows it/) });
    await expect(diff({ unmask: true })).rejects.toThrow(/^Invalid Input Error: /);
  });
});

describe("a diff with another table", () => {
  it("masks whatever a table holds that the project does not know", async () => {
    expect(cells(await diff({ against: "elsewhere.people" }))).toEqual({ city: [MASK, MASK] });
  });

  it("masks a snapshot that is named as a table: whose it is nobody says", async () => {
    expect(await tablesOf("snapshots")).toEqual(["silver__people__before"]);
    const view = await diff({
      table: "elsewhere.people",
      against: "snapshots.silver__people__before",
      key: ["person_id"],
    });
    expect(cells(view)).toEqual({ city: [MASK, MASK] });
  });

  it("masks the key", async () => {
    const view = await diff({ against: "elsewhere.people", key: ["email"] });
    expect(view.rows.map(({ key }) => key)).toEqual([{ email: MASK }]);
  });
});

describe("a diff with a snapshot", () => {
  it("masks as its table is masked, members of structs each by themselves", async () => {
    await warehouse.execute(
      'UPDATE silver.people SET city = "Hull", place = STRUCT("Hull", "eve@example.org") WHERE TRUE',
    );
    const view = await diff({ against: "before" });
    expect(cells(view)).toEqual({
      city: ['"Leeds"', '"Hull"'],
      place: [`{"town":"Leeds","contact":"${MASK}"}`, `{"town":"Hull","contact":"${MASK}"}`],
    });
    expect([view.before, view.after]).toEqual(['silver.people at snapshot "before"', "silver.people"]);
  });
});

describe("a diff of what is not there", () => {
  it("says whether it is not built or not known", async () => {
    await expect(diff({ table: "silver.events" })).rejects.toMatchObject({
      code: "NOT_FOUND",
      message: 'silver.events is not built yet: "rollcall run" builds it.',
    });
    await expect(diff({ table: "silver.event" })).rejects.toThrow(
      "There is no table silver.event. Did you mean silver.events?",
    );
    await expect(diff({ table: "gold.nope" })).rejects.toThrow(/^There is no table gold\.nope\.$/);
    await expect(diff({ table: "people" })).rejects.toThrow('"people" is no table: write dataset.table');
  });
});
