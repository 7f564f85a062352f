import { describe, expect, it } from "vitest";
import { action } from "../../warehouse/project/testing-actions.js";
import { columnsRead } from "./seed.js";

const COLUMNS = ["event_key", "node_id", "properties", "Ingested_At"].map((name) => ({ name, type: "STRING" }));
const reader = (sql: string) => action("identity.a", ["silver.events"], { sql });
const readBy = (...texts: string[]) => columnsRead(COLUMNS, texts.map(reader));

describe("the columns that models read", () => {
  it("are those that one of them names, however it writes them", () => {
    expect(
      readBy("SELECT e.node_id FROM `silver.events` AS e", "SELECT 1 FROM x WHERE INGESTED_AT > @window_from"),
    ).toEqual(new Set(["node_id", "Ingested_At"]));
    expect(readBy("SELECT `node_id` FROM x")).toEqual(new Set(["node_id"]));
  });

  it("are none that only a comment or a string names", () => {
    expect(readBy('SELECT COUNT(*) AS n, 2 * 3, "properties" FROM x -- event_key')).toEqual(new Set());
  });

  it.each([
    "SELECT * FROM x",
    "SELECT e.* FROM x AS e",
    "SELECT DISTINCT * FROM x",
    "SELECT a, * FROM x",
    "SELECT AS STRUCT * FROM x",
  ])("are all where one of them says so: %s", (sql) => {
    expect(readBy("SELECT 1 AS n", sql)).toBeNull();
  });
});
