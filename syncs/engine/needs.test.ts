import { expect, it } from "vitest";
import { columnsOfSync } from "./needs.js";

const table = { dataset: "activation", table: "act_store__things" };

it("a sync of state goes by a hash, a mark, a successor and a key, one of facts by arrival and a key", () => {
  expect(columnsOfSync({ object: "things", table, key: "id", mode: "state", successor: "merged_into" })).toEqual({
    row_hash: "what changed",
    is_removed: "what goes",
    merged_into: "the successor",
    id: "the key",
  });
  expect(columnsOfSync({ object: "things", table, key: "id", mode: "append" })).toEqual({
    ingested_at: "what is new",
    id: "the key",
  });
});
