import { describe, expect, it } from "vitest";
import { createManualClock } from "../../platform/clock.js";
import { RollcallError } from "../../platform/errors.js";
import type { Params, Warehouse } from "../port.js";
import type { Action } from "../project/action.js";
import { type Check, layerProject } from "../project/layers.js";
import { action, projectOf } from "../project/testing-actions.js";
import { buildAside, dropLeftovers } from "./aside.js";
import { createExecutor } from "./execute.js";
import type { PlannedScript } from "./plan.js";
import { firstStep, scriptOf } from "./plan.js";

/** Remembers what it was asked to run, and fails where it is told to. It has no transactions for DDL, as BigQuery. */
function createFake(options: { readonly fails?: readonly string[]; readonly tables?: readonly string[] } = {}) {
  const executed: string[] = [];
  let running = 0;
  let most = 0;
  const warehouse = {
    hasTransactionalDdl: false,
    execute: async (sql: string, _params?: Params, _options?: object) => {
      running += 1;
      most = Math.max(most, running);
      executed.push(sql);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      const failing = options.fails?.find((text) => sql.includes(text));
      if (failing !== undefined) throw new RollcallError("WAREHOUSE_FAILED", `no ${failing}`, { isRetriable: false });
      return { statements: [{ kind: "CREATE", line: 1, rows: 7, ms: 5, rowsRead: null, bytesRead: 40 }], ms: 5 };
    },
    tables: async () =>
      (options.tables ?? []).map((id) => {
        const [dataset = "", table = ""] = id.split(".");
        return { dataset, table, kind: table.startsWith("v_") ? ("view" as const) : ("table" as const) };
      }),
    schema: async () => [{ name: "id", type: "STRING" }],
  };
  // Only these are asked for.
  return { warehouse: warehouse as unknown as Warehouse, executed, most: () => most };
}

const rows = action("silver.rows", ["bronze.raw"], { sql: "SELECT * FROM `bronze.raw`", clusterBy: ["id"] });
const recent = action("silver.recent", ["silver.rows"], { kind: "view", sql: "SELECT * FROM `silver.rows`" });
const facts = action("silver.facts", ["silver.recent"], { sql: "SELECT * FROM `silver.recent`" });
const others = action("silver.others", ["bronze.raw"], { sql: "SELECT * FROM `bronze.raw`" });
const log = action("silver.log", ["silver.facts"], {
  isProtected: true,
  incrementalSql: "SELECT * FROM `silver.facts`",
});
const grow = action("silver.grow", ["silver.log"], { kind: "operations", statements: ["DELETE FROM `silver.rows`"] });
const MODELS = [rows, recent, facts, others, log, grow];
const fits = action("quality.fits", ["silver.facts", "silver.log"], {
  kind: "assertion",
  tags: ["cycle"],
  sql: "SELECT * FROM `silver.facts` JOIN `silver.log`",
});
const [layer] = layerProject(projectOf([...MODELS, fits])).layers;
const check = layer?.checks[0] as Check;

function planned(changed: readonly Action[] = []): PlannedScript {
  const steps = (layer?.models ?? []).map((model) =>
    firstStep(
      { action: model, watermark: null, reason: "rebuild", isChanged: changed.includes(model) },
      new Set(["silver.log"]),
    ),
  );
  return { ...scriptOf("first_build", 0, 100, [check]), steps };
}

const flat = (sql: string): string => sql.replaceAll(/\s+/g, " ").trim();

describe("buildAside", () => {
  const build = (fake: ReturnType<typeof createFake>, script = planned(), concurrency = 4) =>
    buildAside(
      script,
      {},
      { warehouse: fake.warehouse, concurrency, columnsOf: () => [{ name: "id", type: "STRING" }] },
    );

  it("has published although its leftovers will not go", async () => {
    const fake = createFake({ fails: ["DROP VIEW IF EXISTS"] });
    expect(await build(fake)).toHaveLength(MODELS.length);
    expect(fake.executed.at(-1)).toContain("DROP VIEW IF EXISTS `silver.recent__build`");
  });

  it("builds beside what is published, reading what was built, checks that, then swaps and cleans up", async () => {
    const fake = createFake();
    const outcomes = await build(fake, planned(), 1);
    expect(fake.executed.map(flat)).toEqual([
      "CREATE OR REPLACE TABLE `silver.rows__build` CLUSTER BY id AS SELECT * FROM `bronze.raw`",
      "CREATE OR REPLACE VIEW `silver.recent__build` AS SELECT * FROM `silver.rows__build`",
      "CREATE OR REPLACE TABLE `silver.facts__build` AS SELECT * FROM `silver.recent__build`",
      // State is written where it is, out of what was built.
      "INSERT INTO `silver.log` (`id`) SELECT `id` FROM ( SELECT * FROM `silver.facts__build` )",
      "DELETE FROM `silver.rows__build`",
      "CREATE OR REPLACE TABLE `silver.others__build` AS SELECT * FROM `bronze.raw`",
      expect.stringContaining("SELECT * FROM `silver.facts__build` JOIN `silver.log`"),
      expect.stringMatching(
        /^CREATE OR REPLACE TABLE `silver.rows` COPY `silver.rows__build`; .*INSERT INTO ops.watermarks/,
      ),
      [
        "DROP TABLE IF EXISTS `silver.others__build`",
        "DROP TABLE IF EXISTS `silver.facts__build`",
        "DROP VIEW IF EXISTS `silver.recent__build`",
        "DROP TABLE IF EXISTS `silver.rows__build`",
      ].join("; "),
    ]);
    const swap = (fake.executed.at(-2) ?? "").split(";\n").map(flat);
    expect(swap.slice(0, 4)).toEqual([
      "CREATE OR REPLACE TABLE `silver.rows` COPY `silver.rows__build`",
      "CREATE OR REPLACE VIEW `silver.recent` AS SELECT * FROM `silver.rows`",
      "CREATE OR REPLACE TABLE `silver.facts` COPY `silver.facts__build`",
      "CREATE OR REPLACE TABLE `silver.others` COPY `silver.others__build`",
    ]);
    expect(outcomes.map(({ id, rows: count, bytesRead }) => [id, count, bytesRead])).toEqual(
      planned().steps.map((step) => [step.action.id, 7, 40]),
    );
  });

  it("builds several at once, and no more than allowed", async () => {
    const two = createFake();
    await build(two, planned(), 2);
    expect(two.most()).toBe(2);
    const one = createFake();
    await build(one, planned(), 1);
    expect(one.most()).toBe(1);
  });

  it("publishes nothing when something does not build, says what else that concerns, and cleans up", async () => {
    const fake = createFake({ fails: ["`silver.rows__build`\nCLUSTER", "TABLE `silver.others__build` AS"] });
    const failure: unknown = await build(fake).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "WAREHOUSE_FAILED", details: { failed: ["silver.rows", "silver.others"] } });
    expect(String(failure)).toContain("definitions/silver/rows.sqlx (silver.rows): no `silver.rows__build`");
    expect(String(failure)).toContain("silver.others failed too: no TABLE");
    expect(String(failure)).toContain(
      "not built because of that: silver.recent, silver.facts, silver.log, silver.grow",
    );
    expect(fake.executed.join("\n")).not.toMatch(/COPY|ops\.watermarks/);
    expect(fake.executed.at(-1)).toContain("DROP TABLE IF EXISTS `silver.rows__build`");
  });

  it("publishes nothing when a check fails", async () => {
    const fake = createFake({ fails: ["ASSERT"] });
    await expect(build(fake)).rejects.toThrow("no ASSERT");
    expect(fake.executed.join("\n")).not.toMatch(/COPY|ops\.watermarks/);
  });

  it("drops a table first whose layout may have changed", async () => {
    const fake = createFake();
    await build(fake, planned([rows]));
    const swap = fake.executed.find((sql) => sql.includes("COPY")) ?? "";
    expect(swap).toContain("DROP TABLE IF EXISTS `silver.rows`;\nCREATE OR REPLACE TABLE `silver.rows` COPY");
    expect(swap).not.toContain("DROP TABLE IF EXISTS `silver.facts`");
  });
});

describe("dropLeftovers", () => {
  it("drops what builds left, and nothing else", async () => {
    const fake = createFake({ tables: ["silver.rows", "silver.rows__build", "silver.v_recent__build"] });
    await dropLeftovers(fake.warehouse);
    expect(fake.executed).toEqual([
      "DROP TABLE IF EXISTS `silver.rows__build`;\nDROP VIEW IF EXISTS `silver.v_recent__build`",
    ]);
    const clean = createFake({ tables: ["silver.rows"] });
    await dropLeftovers(clean.warehouse);
    expect(clean.executed).toEqual([]);
  });
});

describe("the executor", () => {
  const logger = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const run = (fake: ReturnType<typeof createFake>, script: PlannedScript) =>
    createExecutor({ warehouse: fake.warehouse, clock: createManualClock(0), logger }).run("silver", script, {
      runId: "r",
      ranAt: 1,
      concurrency: 3,
    });

  it("builds aside where DDL is not transactional, and cycles in one transaction", async () => {
    const building = createFake();
    await run(building, planned());
    expect(building.executed.join("\n")).not.toContain("BEGIN TRANSACTION");
    expect(building.most()).toBeGreaterThan(1);
    const cycling = createFake();
    const steps = [rows, others].map(
      (model) => ({ action: model, mode: "append", reason: "cycle", isChanged: false }) as const,
    );
    await run(cycling, { ...scriptOf("cycle", 0, 100, []), steps });
    expect(cycling.executed).toHaveLength(1);
    expect(cycling.executed[0]).toMatch(/^BEGIN TRANSACTION[\s\S]*COMMIT TRANSACTION\n;$/);
  });

  it("records a check that fails on what was built", async () => {
    const fake = createFake({ fails: ["check quality.fits failed on "] });
    const failure: unknown = await run(fake, planned()).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "ASSERTION_FAILED", details: { checks: [{ check: "quality.fits" }] } });
    expect(fake.executed.at(-1)).toContain("INSERT INTO quality.check_results");
  });
});
