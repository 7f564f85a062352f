import { afterAll, beforeAll, expect, it } from "vitest";
import { createDuckdbWarehouse } from "../../warehouse/duckdb/warehouse.js";
import type { Warehouse } from "../../warehouse/port.js";
import { compareMaps, KEEP_SQL, listMoves } from "./compare.js";

let scratch: Warehouse;
beforeAll(async () => {
  scratch = await createDuckdbWarehouse({ file: ":memory:" });
  await scratch.execute(`
    CREATE SCHEMA identity;
    CREATE TABLE identity.nodes (node_id STRING, birth_id STRING);
    CREATE TABLE identity.inherited_births (node_id STRING, birth_id STRING);
    CREATE TABLE identity.identity_map (node_id STRING, profile_id STRING);
    CREATE TABLE identity.edges (node_id STRING, hmac STRING, type STRING);
    CREATE TABLE identity.identifiers (hmac STRING, status STRING);
    INSERT INTO identity.nodes (node_id, birth_id)
    VALUES ("a", "p_a"), ("b", "p_b"), ("heir", "p_heir"), ("c", "p_c"), ("d", "p_d");
    -- The node that p_old was born with is erased.
    INSERT INTO identity.inherited_births (node_id, birth_id) VALUES ("heir", "p_old");
    INSERT INTO identity.identity_map (node_id, profile_id)
    VALUES ("a", "p_a"), ("b", "p_b"), ("heir", "p_old"), ("c", "p_c"), ("d", "p_c")`);
  await scratch.execute(KEEP_SQL);
  await scratch.execute(`
    UPDATE identity.identity_map SET profile_id = "p_a" WHERE node_id IN ("b", "heir");
    UPDATE identity.identity_map SET profile_id = "p_d" WHERE node_id = "d"`);
});
afterAll(() => scratch.close());

it("tells merges from splits by where the id's own node went, also where another inherited the id", async () => {
  expect(await compareMaps(scratch)).toMatchObject({
    movedNodes: 3,
    goneProfiles: 2,
    splitProfiles: 1,
    newProfiles: 1,
    mergedBy: [{ shared: "descriptions or devices", merges: 2 }],
  });
  const moves = await listMoves(scratch, 10);
  expect(moves.map(({ kind, profileId, otherId }) => `${kind} ${profileId} ${otherId}`)).toEqual([
    "merge p_b p_a",
    "split p_c p_d",
    "merge p_old p_a",
  ]);
});
