import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createDuckdbWarehouse } from "../duckdb/warehouse.js";
import type { Row, Warehouse } from "../port.js";
import { readBronzeTables } from "../project/bronze.js";
import { OPS_TABLES } from "../project/ops-tables.js";
import { microsOf } from "../project/typed-value.js";
import { keepHouse, RETENTION } from "./housekeeping.js";

const PROJECT = path.resolve(import.meta.dirname, "../../..");
const NOW = microsOf("2026-06-01T00:00:00Z");

let warehouse: Warehouse;
let folder: string;
let removed: string[];

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "rollcall-runs-"));
  removed = [];
  warehouse = await createDuckdbWarehouse({ file: ":memory:" });
  await warehouse.ensureTables([...OPS_TABLES, ...readBronzeTables(PROJECT)]);
  await warehouse.execute(
    `CREATE SCHEMA IF NOT EXISTS identity;
     CREATE TABLE identity.changed_profiles (profile_id STRING, reason STRING, changed_at TIMESTAMP);
     INSERT INTO ops.watermarks (model, window_to) VALUES ("gold.a", TIMESTAMP "2026-05-20"), ("gold.b", TIMESTAMP "2026-05-31"), ("gold.v", NULL)`,
  );
});
afterEach(async () => {
  await warehouse.close();
  rmSync(folder, { recursive: true });
});

async function rows(sql: string): Promise<readonly Row[]> {
  return (await warehouse.query(sql)).rows;
}

function keep(): Promise<void> {
  const objects = {
    remove: async (name: string) => {
      removed.push(name);
      return true;
    },
  };
  return keepHouse({ warehouse, objects, resultsFolder: folder }, NOW);
}

describe("housekeeping", () => {
  it("forgets runs of more than thirty days ago", async () => {
    await warehouse.execute(
      'INSERT INTO ops.runs (run_id, ended_at) VALUES ("old", TIMESTAMP "2026-05-01"), ("new", TIMESTAMP "2026-05-03")',
    );
    await keep();
    expect(await rows("SELECT run_id FROM ops.runs")).toEqual([{ run_id: "new" }]);
  });

  it("sums old batches up, so that the counts stay, however often it runs", async () => {
    await warehouse.execute(
      `INSERT INTO ops.landed_batches
         (batch_id, topic, log_partition, first_offset, last_offset, ingested_at, row_count, dead_letter_count)
       VALUES ("a", "website", 0, 0, 4, TIMESTAMP "2026-03-01", 5, 1), ("b", "website", 0, 5, 9, TIMESTAMP "2026-04-01", 5, 0),
         ("c", "website", 1, 0, 2, TIMESTAMP "2026-04-01", 3, 0), ("d", "website", 0, 10, 19, TIMESTAMP "2026-05-30", 10, 2)`,
    );
    const summedUp = [
      { batch_id: "d", first_offset: 10, last_offset: 19, row_count: 10, dead_letter_count: 2 },
      { batch_id: "sum/website/0/9", first_offset: 0, last_offset: 9, row_count: 10, dead_letter_count: 1 },
      { batch_id: "sum/website/1/2", first_offset: 0, last_offset: 2, row_count: 3, dead_letter_count: 0 },
    ];
    for (let times = 0; times < 2; times++) {
      await keep();
      expect(
        await rows(
          "SELECT batch_id, first_offset, last_offset, row_count, dead_letter_count FROM ops.landed_batches ORDER BY batch_id",
        ),
      ).toEqual(summedUp);
    }
  });

  it("keeps what a model has not read yet, however old", async () => {
    await warehouse.execute(
      `UPDATE ops.watermarks SET window_to = TIMESTAMP "2026-02-01" WHERE model = "gold.a";
       INSERT INTO ops.landed_batches (batch_id, topic, log_partition, ingested_at) VALUES ("a", "website", 0, TIMESTAMP "2026-03-01");
       INSERT INTO identity.changed_profiles (profile_id, changed_at) VALUES ("p", TIMESTAMP "2026-03-01")`,
    );
    await keep();
    expect(await rows("SELECT batch_id FROM ops.landed_batches")).toEqual([{ batch_id: "a" }]);
    expect(await rows("SELECT profile_id FROM identity.changed_profiles")).toEqual([{ profile_id: "p" }]);
  });

  it("forgets after a week which profiles changed", async () => {
    await warehouse.execute(
      `UPDATE ops.watermarks SET window_to = TIMESTAMP "2026-05-31" WHERE model = "gold.a";
       INSERT INTO identity.changed_profiles (profile_id, changed_at)
       VALUES ("old", TIMESTAMP "2026-05-24"), ("new", TIMESTAMP "2026-05-26")`,
    );
    await keep();
    expect(await rows("SELECT profile_id FROM identity.changed_profiles")).toEqual([{ profile_id: "new" }]);
  });

  it("keeps the latest result of each check, and failures of thirty days", async () => {
    await warehouse.execute(
      `INSERT INTO quality.check_results (check_name, failing_rows, run_id, checked_at) VALUES
         ("x", 3, "x1", TIMESTAMP "2026-03-01"), ("x", 2, "x2", TIMESTAMP "2026-05-20"), ("x", 0, "x3", TIMESTAMP "2026-05-30"),
         ("y", 1, "y1", TIMESTAMP "2026-02-01"), ("y", 1, "y2", TIMESTAMP "2026-03-01")`,
    );
    await keep();
    expect(await rows("SELECT run_id FROM quality.check_results ORDER BY run_id")).toEqual(
      ["x2", "x3", "y2"].map((run_id) => ({ run_id })),
    );
  });

  it("removes dead letters that expired, with their originals", async () => {
    await warehouse.execute(
      `INSERT INTO bronze.dead_letters (dead_letter_id, original_object, expires_at) VALUES
         ("gone", "dead/1", TIMESTAMP "2026-05-31"), ("small", NULL, TIMESTAMP "2026-05-31"),
         ("kept", "dead/2", TIMESTAMP "2026-06-02")`,
    );
    await keep();
    expect(removed).toEqual(["dead/1"]);
    expect(await rows("SELECT dead_letter_id FROM bronze.dead_letters")).toEqual([{ dead_letter_id: "kept" }]);
  });

  it("keeps the folders of the latest runs, and what is no run's", async () => {
    const count = RETENTION.resultFolders + 3;
    for (let n = 0; n < count; n++) mkdirSync(path.join(folder, `${n % 2 === 0 ? "cycle" : "full"}_7_${1000 + n}`));
    mkdirSync(path.join(folder, "notes"));
    await keep();
    const left = readdirSync(folder);
    expect(left).toContain("notes");
    const kept = left.filter((name) => name !== "notes").map((name) => Number(name.split("_")[2]));
    expect(kept.sort((a, b) => a - b)).toEqual(
      Array.from({ length: RETENTION.resultFolders }, (_, n) => 1000 + count - RETENTION.resultFolders + n),
    );
  });

  it("has nothing to do in a warehouse that is new", async () => {
    await warehouse.close();
    warehouse = await createDuckdbWarehouse({ file: ":memory:" });
    await keepHouse(
      { warehouse, objects: { remove: async () => true }, resultsFolder: path.join(folder, "none") },
      NOW,
    );
  });
});
