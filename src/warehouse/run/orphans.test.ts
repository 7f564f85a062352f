import { describe, expect, it } from "vitest";
import { endOf, useRunScene } from "./testing-run.js";

const scene = useRunScene();

const OLD_TABLE = "definitions/gold/old_table.sqlx";
const OLD_VIEW = "definitions/gold/old_view.sqlx";
const OLD_OPERATIONS = "definitions/gold/old_operations.sqlx";

async function runOnce(): Promise<void> {
  await scene.runnerOf().runCycle({ windowTo: endOf(0) });
}

describe("what models left that are gone", () => {
  it("is told with what drops it, and nobody drops it", async () => {
    scene.fixture.write(
      OLD_TABLE,
      `config { type: "table", schema: "gold" }\nSELECT node_id FROM \${ref("silver", "events")}`,
    );
    scene.fixture.write(OLD_VIEW, 'config { type: "view", schema: "gold" }\nSELECT 1 AS a');
    scene.fixture.write(OLD_OPERATIONS, 'config { type: "operations", schema: "gold" }\nSELECT 1');
    await scene.land(0, [{ id: "e1" }]);
    await runOnce();
    expect(await scene.runnerOf().orphans()).toEqual([]);
    for (const file of [OLD_TABLE, OLD_VIEW, OLD_OPERATIONS]) scene.fixture.remove(file);
    // Nobody's model made this one.
    await scene.warehouse.execute("CREATE TABLE gold.by_hand AS SELECT 1 AS a");
    await scene.land(1, [{ id: "e2" }]);
    const runner = scene.runnerOf();
    const told = [
      { id: "gold.old_table", drop: "DROP TABLE gold.old_table" },
      { id: "gold.old_view", drop: "DROP VIEW gold.old_view" },
    ];
    expect((await runner.plan("cycle", { windowTo: endOf(1) })).orphans).toEqual(told);
    await runner.runCycle({ windowTo: endOf(1) });
    await runner.runFull({ windowTo: endOf(1) });
    expect(await runner.orphans()).toEqual(told);
    expect(await scene.rows("SELECT node_id FROM gold.old_table")).toEqual([{ node_id: "u1" }]);
    for (const { drop } of told) await scene.warehouse.execute(drop);
    expect(await runner.orphans()).toEqual([]);
  });

  it("is not what operations write now, nor a model that only rests", async () => {
    scene.fixture.write(OLD_TABLE, 'config { type: "table", schema: "gold" }\nSELECT 1 AS a');
    scene.fixture.write(OLD_VIEW, 'config { type: "view", schema: "gold" }\nSELECT 1 AS a');
    await scene.land(0, [{ id: "e1" }]);
    await runOnce();
    scene.fixture.remove(OLD_TABLE);
    scene.fixture.write(
      "definitions/gold/filler.sqlx",
      'config { type: "operations", schema: "gold" }\nINSERT INTO `gold.old_table` SELECT 2',
    );
    scene.fixture.write(OLD_VIEW, 'config { type: "view", schema: "gold", disabled: true }\nSELECT 1 AS a');
    expect(await scene.runnerOf().orphans()).toEqual([]);
  });
});
