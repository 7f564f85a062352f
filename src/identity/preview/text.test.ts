import { describe, expect, it } from "vitest";
import type { IdentityPreview } from "./report.js";
import { acceptedText, previewText, versionsText } from "./text.js";

const PLAIN = { bold: (text: string) => text, dim: (text: string) => text };
const PREVIEW: IdentityPreview = {
  fingerprint: { published: "aaaa", project: "bbbb" },
  modelVersion: { published: "2026-01-01-1", project: "2026-02-01-2" },
  changes: [
    { id: "identity.resolve", change: "changed", parts: ["sql", "config"] },
    { id: "identity.more", change: "added", parts: [] },
  ],
  waitingNodes: 4,
  movedNodes: 1234,
  goneProfiles: 12,
  splitProfiles: 3,
  newProfiles: 2,
  mergedBy: [
    { shared: "email, phone", merges: 10 },
    { shared: "descriptions or devices", merges: 2 },
  ],
  metrics: {
    before: { profiles: 100, matchRate: 0.91234, largestProfile: 7, reviewPairs: 0 },
    after: { profiles: 90, matchRate: null, largestProfile: 7, reviewPairs: 5 },
  },
  failingChecks: [{ check: "quality.largest_cluster", failingRows: 1 }],
  moves: [
    { kind: "merge", profileId: "p_a", otherId: "p_b", nodeCount: 2, nodes: ["0123456789ab", "ba9876543210"] },
    { kind: "split", profileId: "p_c", otherId: "p_d", nodeCount: 1, nodes: ["00000000000a", null] },
  ],
};

describe("a preview as text", () => {
  it("tells rules, ids, measures and examples, and what to do next", () => {
    expect(previewText(PREVIEW, PLAIN).split("\n")).toEqual([
      "Rules  aaaa -> bbbb",
      "  match model                         2026-01-01-1 -> 2026-02-01-2",
      "  identity.resolve                    changed: sql, config",
      "  identity.more                       added",
      "",
      "Ids",
      "  merged away                         12",
      "  split                               3",
      "  new                                 2",
      "  source identities that move         1,234",
      "  waiting for any rules               4 source identities",
      "  merges by email, phone              10",
      "  merges by descriptions or devices   2",
      "",
      "Measures",
      "  profiles                            100 -> 90",
      "  match rate                          91.23 % -> not measured",
      "  largest profile                     7 (as now)",
      "  pairs to review                     0 -> 5",
      "  would not be published              quality.largest_cluster fails on 1 rows",
      "",
      "For example",
      "  p_a would be merged into p_b: 2 source identities",
      "    rollcall identity explain-not 0123456789ab ba9876543210",
      "  p_d would be split off from p_c: 1 source identity",
      "",
      "Nothing is changed yet. To publish these rules: rollcall identity accept, then rollcall run",
    ]);
  });

  it("says so when nobody moves", () => {
    expect(previewText({ ...PREVIEW, movedNodes: 0, moves: [] }, PLAIN)).toContain(
      "Nobody's id would change. Nothing is changed yet.",
    );
  });
});

describe("an acceptance as text", () => {
  const common = { fingerprint: "bbbb", modelVersion: "2026-02-01-2" };

  it("repeats what was seen", () => {
    const { moves: _, ...summary } = PREVIEW;
    const preview = { previewedAt: "2026-03-01T10:00:00.000000Z", summary };
    const text = acceptedText({ ...common, status: "accepted", preview }, PLAIN);
    expect(text).toContain(
      "Accepted, match model 2026-02-01-2.\nAs of 2026-03-01 10:00:00 they would change:\n\nRules  aaaa -> bbbb",
    );
    expect(text).toContain("The next run publishes them: rollcall run.");
  });

  it("says when nobody had looked, and when there is nothing to accept", () => {
    expect(acceptedText({ ...common, status: "already", preview: null }, PLAIN)).toContain("Accepted unseen");
    expect(acceptedText({ ...common, status: "nothing_to_accept", preview: null }, PLAIN)).toBe(
      "Nothing to accept: the project's rules are those that are published.",
    );
  });
});

it("versions are told with since when and by whom", () => {
  const at = Date.UTC(2026, 2, 1) * 1000;
  const accepted = { at, by: "ana", reason: "better names" };
  expect(
    versionsText([
      { fingerprint: "aaaa", modelVersion: null, accepted: null, publishedAt: at },
      { fingerprint: "bbbb", modelVersion: "m2", accepted, publishedAt: null },
    ]),
  ).toBe(
    "aaaa  since 2026-03-01 00:00:00  the first\n" +
      'bbbb  accepted, to be published by the next run  match model m2  accepted by ana at 2026-03-01 00:00:00: "better names"',
  );
});
