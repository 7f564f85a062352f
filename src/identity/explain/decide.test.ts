import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createDuckdbWarehouse } from "../../warehouse/duckdb/warehouse.js";
import type { Row, Warehouse } from "../../warehouse/port.js";
import { type DecideDeps, decideIdentity } from "./decide.js";
import { decideReview, listReviews } from "./review.js";

const [A, B, C] = ["a", "b", "c"].map((letter) => letter.repeat(32)) as [string, string, string];
const profile = (node: string): string => `p_${node.slice(0, 22)}`;

/** Three people; the last two carry the family's phone, and all but the last wait for a review. */
const TABLES = `
CREATE SCHEMA identity; CREATE SCHEMA silver;
CREATE TABLE identity.nodes AS SELECT node_id, CONCAT('p_', SUBSTR(node_id, 1, 22)) AS birth_id FROM UNNEST(['${A}', '${B}', '${C}']) AS node_id;
CREATE TABLE identity.inherited_births (birth_id STRING, node_id STRING);
CREATE TABLE identity.identity_map AS SELECT node_id, birth_id AS profile_id, birth_id AS component_id FROM identity.nodes;
CREATE TABLE identity.edges AS SELECT 'phone-b-and-c' AS hmac, node_id FROM UNNEST(['${B}', '${C}']) AS node_id UNION ALL SELECT 'email-a', '${A}' UNION ALL SELECT 'user-a', '${A}';
CREATE TABLE silver.identifier_observations (hmac STRING);
CREATE TABLE identity.pending_nodes (node_id STRING);
CREATE TABLE identity.decisions (decision_id STRING, kind STRING, node_a STRING, node_b STRING, decided_at TIMESTAMP, decided_by STRING, reason STRING);
CREATE TABLE identity.review_pairs AS SELECT '${profile(A)}' AS profile_a, '${profile(B)}' AS profile_b, '${A}' AS node_a, '${B}' AS node_b, -5.25 AS weight, 2 AS pair_count, TIMESTAMP '2026-02-01' AS found_at`;

describe("decisions", () => {
  let warehouse: Warehouse;
  let deps: DecideDeps;

  beforeEach(async () => {
    warehouse = await createDuckdbWarehouse({ file: ":memory:", threads: 1 });
    await warehouse.execute(TABLES);
    deps = { warehouse, lookup: (type, value) => [`${type}-${value}`], now: Date.UTC(2026, 1, 3) * 1000 };
  });
  afterEach(() => warehouse.close());

  const stored = async (): Promise<readonly Row[]> =>
    (await warehouse.query("SELECT kind, node_a, node_b, decided_by, reason FROM identity.decisions ORDER BY node_a"))
      .rows;
  const waiting = async (): Promise<readonly unknown[]> =>
    (await warehouse.query("SELECT node_id FROM identity.pending_nodes ORDER BY node_id")).rows.map(
      (row) => row.node_id,
    );
  const common = { reason: null, by: "casey" };

  it("stand as a row each, and what they are about waits for the next cycle", async () => {
    const decided = await decideIdentity(deps, { kind: "link", a: profile(A), b: B, ...common, reason: "called us" });
    expect(decided).toMatchObject({ alreadyDecided: 0, profiles: [profile(A), profile(B)] });
    expect(await stored()).toEqual([{ kind: "link", node_a: A, node_b: B, decided_by: "casey", reason: "called us" }]);
    expect(await waiting()).toEqual([A, B]);
  });

  it("are about everybody who carries the identifier when they take apart", async () => {
    const decided = await decideIdentity(deps, { kind: "unlink", a: "phone:b-and-c", b: A, ...common });
    expect(decided.decisionIds).toHaveLength(2);
    expect((await stored()).map(({ node_a, node_b }) => [node_a, node_b])).toEqual([
      [B, A],
      [C, A],
    ]);
  });

  it("are not repeated, but may be taken back", async () => {
    const decide = (kind: "link" | "unlink", a: string, b: string, day: number) =>
      decideIdentity({ ...deps, now: deps.now + day * 86_400_000_000 }, { kind, a, b, ...common });
    await decide("unlink", A, B, 0);
    expect(await decide("unlink", B, A, 1)).toMatchObject({ decisionIds: [], alreadyDecided: 1 });
    expect((await decide("link", B, A, 2)).decisionIds).toHaveLength(1);
    expect((await decide("unlink", A, B, 3)).decisionIds).toHaveLength(1);
    expect(await stored()).toHaveLength(3);
  });

  it.each([
    ["one record carries both", "unlink", "email:a", "user:a", "INPUT_INVALID"],
    ["several profiles carry it", "link", "phone:b-and-c", A, "INPUT_INVALID"],
    ["nobody is known by it", "link", "email:nobody", A, "NOT_FOUND"],
  ] as const)("are refused where %s", async (_why, kind, a, b, code) => {
    await expect(decideIdentity(deps, { kind, a, b, ...common })).rejects.toMatchObject({ code });
    expect(await stored()).toEqual([]);
    expect(await waiting()).toEqual([]);
  });

  it.each([
    [true, "link"],
    [false, "unlink"],
  ] as const)(
    "about a pair under review (accepted: %s) are a %s with the evidence, and the pair waits no more",
    async (isAccepted, kind) => {
      expect(await listReviews(warehouse, 20)).toMatchObject({ waiting: 1, pairs: [{ average: -5.25, pairCount: 2 }] });
      await decideReview(deps, { isAccepted, a: profile(B), b: profile(A), reason: "same handwriting", by: "casey" });
      expect(await stored()).toEqual([
        {
          kind,
          node_a: A,
          node_b: B,
          decided_by: "casey",
          reason: "same handwriting (review: 2 pairs of descriptions average -5.25)",
        },
      ]);
      expect(await listReviews(warehouse, 20)).toEqual({ pairs: [], waiting: 0 });
      await expect(
        decideReview(deps, { isAccepted, a: profile(A), b: profile(B), reason: null, by: "casey" }),
      ).rejects.toMatchObject({ code: "NOT_FOUND" });
    },
  );
});
