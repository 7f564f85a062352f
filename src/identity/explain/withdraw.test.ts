import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createDuckdbWarehouse } from "../../warehouse/duckdb/warehouse.js";
import type { Row, Warehouse } from "../../warehouse/port.js";
import { decideIdentity } from "./decide.js";
import { identityHistory } from "./history.js";
import { decideReview, listReviews } from "./review.js";
import { withdrawDecisions } from "./withdraw.js";

const [A, B, C] = ["a", "b", "c"].map((letter) => letter.repeat(32)) as [string, string, string];
const profile = (node: string): string => `p_${node.slice(0, 22)}`;
const DAY = 86_400_000_000;
const NOW = Date.UTC(2026, 1, 3) * 1000;

/** Three people, of whom the first two wait for a review. */
const TABLES = `
CREATE SCHEMA identity; CREATE SCHEMA silver;
CREATE TABLE identity.nodes AS SELECT node_id, CONCAT('p_', SUBSTR(node_id, 1, 22)) AS birth_id FROM UNNEST(['${A}', '${B}', '${C}']) AS node_id;
CREATE TABLE identity.inherited_births (birth_id STRING, node_id STRING);
CREATE TABLE identity.identity_map AS SELECT node_id, birth_id AS profile_id, birth_id AS component_id FROM identity.nodes;
CREATE TABLE identity.aliases (profile_id STRING, merged_into STRING, merged_at TIMESTAMP);
CREATE TABLE identity.graph_events (event_key STRING, kind STRING, profile_id STRING, other_id STRING, happened_at TIMESTAMP);
CREATE TABLE ops.runs (status STRING, window_from TIMESTAMP, window_to TIMESTAMP, ended_at TIMESTAMP);
CREATE TABLE identity.pending_nodes (node_id STRING);
CREATE TABLE identity.decisions (decision_id STRING, kind STRING, node_a STRING, node_b STRING, decided_at TIMESTAMP, decided_by STRING, reason STRING);
CREATE TABLE identity.review_pairs AS SELECT '${profile(A)}' AS profile_a, '${profile(B)}' AS profile_b, '${A}' AS node_a, '${B}' AS node_b, -5.25 AS weight, 2 AS pair_count, TIMESTAMP '2026-02-01' AS found_at`;

describe("withdrawals", () => {
  let warehouse: Warehouse;

  beforeEach(async () => {
    warehouse = await createDuckdbWarehouse({ file: ":memory:", threads: 1 });
    await warehouse.execute(TABLES);
  });
  afterEach(() => warehouse.close());

  const rows = async (query: string): Promise<readonly Row[]> => (await warehouse.query(query)).rows;
  const stored = (): Promise<readonly Row[]> =>
    rows("SELECT kind, node_a, node_b, decided_by, reason FROM identity.decisions ORDER BY decided_at, node_a, node_b");
  const waiting = async (): Promise<readonly unknown[]> =>
    (await rows("SELECT DISTINCT node_id FROM identity.pending_nodes ORDER BY node_id")).map((row) => row.node_id);
  const settle = (): Promise<unknown> => warehouse.execute("DELETE FROM identity.pending_nodes WHERE TRUE");
  const common = { reason: null, by: "casey" };

  async function decide(kind: "link" | "unlink", a: string, b: string, day = 0): Promise<string> {
    const deps = { warehouse, lookup: () => [], now: NOW + day * DAY };
    const { decisionIds } = await decideIdentity(deps, { kind, a, b, ...common });
    expect(decisionIds).toHaveLength(1);
    return decisionIds[0] as string;
  }
  const withdraw = (decisionIds: readonly string[], day = 1) =>
    withdrawDecisions({ warehouse, now: NOW + day * DAY }, { decisionIds, reason: "her sister", by: "robin" });

  it("are a row each, and whom they are about waits for the next cycle", async () => {
    const [first, second] = [await decide("unlink", A, B), await decide("link", C, B)];
    await settle();
    const { withdrawn } = await withdraw([first, second, first]);
    expect(withdrawn).toEqual([
      {
        decisionId: first,
        kind: "unlink",
        nodeA: A,
        nodeB: B,
        withdrawalId: expect.stringMatching(/^d_[0-9a-f]{16}$/),
      },
      { decisionId: second, kind: "link", nodeA: C, nodeB: B, withdrawalId: expect.stringMatching(/^d_[0-9a-f]{16}$/) },
    ]);
    expect((await stored()).slice(2)).toEqual([
      { kind: "withdraw", node_a: A, node_b: B, decided_by: "robin", reason: "her sister" },
      { kind: "withdraw", node_a: C, node_b: B, decided_by: "robin", reason: "her sister" },
    ]);
    expect(await waiting()).toEqual([A, B, C]);
  });

  it("let the same be decided again", async () => {
    const first = await decide("link", A, B, 0);
    await withdraw([first], 1);
    const second = await decide("link", B, A, 2);
    expect(second).not.toBe(first);
    await withdraw([second], 3);
    expect((await stored()).map(({ kind }) => kind)).toEqual(["link", "withdraw", "link", "withdraw"]);
  });

  it("are later than what they withdraw, though the clock went back", async () => {
    const first = await decide("link", A, B, 5);
    await withdraw([first], 0);
    expect((await stored()).map(({ kind }) => kind)).toEqual(["link", "withdraw"]);
    await decide("link", A, B, 0);
    expect((await stored()).map(({ kind }) => kind)).toEqual(["link", "withdraw", "link"]);
  });

  describe("are refused, all of them,", () => {
    const nothing = async (ids: readonly string[], code: string, message: RegExp): Promise<void> => {
      const before = await stored();
      await settle();
      await expect(withdraw(ids, 9)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
      expect(await stored()).toEqual(before);
      expect(await waiting()).toEqual([]);
    };

    it("where nobody made the decision", async () => {
      const good = await decide("link", A, B);
      await nothing(
        [good, "d_0123456789abcdef"],
        "NOT_FOUND",
        /^There is no decision d_0123456789abcdef\. .*rollcall identity history <profile>/,
      );
    });

    it("where an id is none, without repeating it", async () => {
      const good = await decide("link", A, B);
      await nothing([good, "email:ada@example.org"], "INPUT_INVALID", /^Id 2 is no decision's id((?!ada).)*$/);
    });

    it("where a later decision about the two counts", async () => {
      const good = await decide("link", A, C);
      const first = await decide("link", A, B, 0);
      const second = await decide("unlink", B, A, 1);
      await nothing(
        [good, first],
        "INPUT_INVALID",
        new RegExp(
          `^${first} does not count any more: .* a{12} and b{12} the later unlink ${second} does\\. .*withdraw ${second}\\.$`,
        ),
      );
    });

    it("where it was withdrawn before, and where it is a withdrawal", async () => {
      const first = await decide("link", A, B, 0);
      const withdrawal = (await withdraw([first], 1)).withdrawn[0]?.withdrawalId as string;
      await nothing(
        [first],
        "INPUT_INVALID",
        new RegExp(`^${first} does not count any more: .* is withdrawn already\\.$`),
      );
      await nothing(
        [withdrawal],
        "INPUT_INVALID",
        /is itself a withdrawal: to decide anew, rollcall identity link or unlink a{12} b{12}\.$/,
      );
      const second = await decide("unlink", A, B, 2);
      await nothing([withdrawal], "INPUT_INVALID", new RegExp(`the later unlink ${second} does`));
    });
  });

  it("let a pair wait for a review again", async () => {
    const deps = { warehouse, lookup: () => [], now: NOW };
    const request = { isAccepted: false, a: profile(A), b: profile(B), ...common };
    const { decisionIds } = await decideReview(deps, request);
    expect(await listReviews(warehouse, 20)).toEqual({ pairs: [], waiting: 0 });
    await withdraw(decisionIds);
    expect(await listReviews(warehouse, 20)).toMatchObject({ waiting: 1, pairs: [{ nodeA: A, nodeB: B }] });
    await decideReview({ ...deps, now: NOW + 2 * DAY }, { ...request, isAccepted: true });
    expect(await listReviews(warehouse, 20)).toEqual({ pairs: [], waiting: 0 });
  });

  it("stand in the history, with what they withdrew", async () => {
    const first = await decide("link", A, B, 0);
    const second = await decide("unlink", B, A, 1);
    const [withdrawn] = (await withdraw([second], 2)).withdrawn;
    const { entries } = await identityHistory({ warehouse, lookup: () => [] }, profile(B));
    expect(
      entries.map(({ kind, decisionId, withdrawn: what, by, reason }) => [kind, decisionId, what, by, reason]),
    ).toEqual([
      ["link", first, null, "casey", null],
      ["unlink", second, null, "casey", null],
      ["withdraw", withdrawn?.withdrawalId, second, "robin", "her sister"],
    ]);
  });
});
