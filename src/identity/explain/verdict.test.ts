import { describe, expect, it } from "vitest";
import type { CaseEdge, CaseFile, CaseNode } from "./casefile.js";
import { judge, type Limits, type Reason, type Verdict } from "./verdict.js";

const LIMITS: Limits = { candidate: -4, join: -4, review: -7, deviceTypes: new Set(["anonymous_id"]) };

function node(nodeId: string, profileId: string, more: Partial<CaseNode> = {}): CaseNode {
  return {
    nodeId,
    source: "website",
    ownerType: "email",
    firstSeenAt: "2026-01-01T00:00:00.000000Z",
    publishedId: profileId,
    profileId,
    componentId: "c",
    party: nodeId,
    descriptionId: null,
    ...more,
  };
}

function edge(nodeId: string, hmac: string, more: Partial<CaseEdge> = {}): CaseEdge {
  return {
    nodeId,
    hmac,
    namespace: "",
    type: "email",
    status: "active",
    statusReason: null,
    eventId: `event of ${nodeId}`,
    ...more,
  };
}

function file(parts: Partial<CaseFile>): CaseFile {
  const empty = { nodes: [], edges: [], bonds: [], shares: [], devices: [], decisions: [], claims: [] };
  return { ...empty, scores: [], nearness: [], ...parts };
}

function reasons(verdict: Verdict): readonly Reason[] {
  if (verdict.kind !== "two_profiles") throw new Error("one profile");
  return verdict.reasons;
}

const judged = (parts: Partial<CaseFile>): Verdict => judge(file(parts), ["a"], ["b"], LIMITS);

describe("one profile", () => {
  const nodes = [node("a", "p"), node("m", "p"), node("b", "p")];

  it("is told by the strongest evidence there is", () => {
    const verdict = judged({
      nodes,
      edges: [edge("a", "e"), edge("m", "e"), edge("m", "f"), edge("b", "f"), edge("a", "ph", { type: "phone" })],
      bonds: [
        { hmac: "e", nodes: ["a", "m"] },
        { hmac: "f", nodes: ["b", "m"] },
        { hmac: "ph", nodes: ["a", "b"] },
      ],
    });
    expect(verdict).toMatchObject({ kind: "one_profile", profileId: "p" });
    expect(verdict.kind === "one_profile" && verdict.path.map(({ from, to }) => from + to)).toEqual(["am", "mb"]);
  });

  it("is held by descriptions only as far as they reach the threshold", () => {
    const described = [node("a", "p", { descriptionId: "d" }), node("b", "p", { descriptionId: "e" })];
    const verdict = judged({ nodes: described, scores: [{ left: "d", right: "e", weight: -3.5 }] });
    expect(verdict).toMatchObject({ path: [{ evidence: { kind: "description", weight: -3.5 } }] });
    expect(() => judged({ nodes: described, scores: [{ left: "d", right: "e", weight: -4.5 }] })).toThrow(
      /held together/,
    );
  });

  it("prefers an operator's word to any identifier, and takes a device's day", () => {
    const decision = { decisionId: "d1", kind: "link", nodeA: "b", nodeB: "a" } as CaseFile["decisions"][number];
    expect(
      judged({ nodes, decisions: [decision], bonds: [{ hmac: "e", nodes: ["a", "b"] }], edges: [edge("a", "e")] }),
    ).toMatchObject({ path: [{ evidence: { kind: "decision", decisionId: "d1" } }] });
    expect(judged({ nodes, devices: [{ hmac: "x", nodeA: "b", nodeB: "a" }] })).toMatchObject({
      path: [{ from: "a", to: "b", evidence: { kind: "device" } }],
    });
  });
});

describe("two profiles", () => {
  const nodes = [node("a", "p"), node("b", "q")];
  const apart = [node("a", "p", { componentId: "c1" }), node("b", "q", { componentId: "c2" })];

  it("are two because an operator said so, whatever else speaks for or against it", () => {
    const decision = { decisionId: "d1", kind: "unlink", nodeA: "a", nodeB: "b" } as CaseFile["decisions"][number];
    const verdict = judged({
      nodes,
      decisions: [decision],
      claims: [
        { nodeId: "a", key: "campus|user_id", value: "1" },
        { nodeId: "b", key: "campus|user_id", value: "2" },
        { nodeId: "a", key: "decision|d1", value: "a" },
        { nodeId: "b", key: "decision|d1", value: "b" },
      ],
    });
    expect(reasons(verdict)).toEqual([
      { kind: "decision", decision },
      { kind: "exclusive", namespace: "campus", type: "user_id", values: ["1", "2"] },
    ]);
  });

  it("of one component whose descriptions do not average enough say what is missing, and whether a person is asked", () => {
    const described = [node("a", "p", { descriptionId: "d" }), node("b", "q", { descriptionId: "e" })];
    const told = (average: number) =>
      reasons(
        judged({
          nodes: described,
          scores: [{ left: "d", right: "e", weight: average }],
          nearness: [{ profiles: ["q", "p"], average, pairCount: 1 }],
        }),
      )[0];
    expect(told(-5)).toMatchObject({ kind: "average", average: -5, threshold: -4, isInReview: true });
    expect(told(-8)).toMatchObject({ kind: "average", isInReview: false });
    expect(told(9)).toEqual({ kind: "nothing_shared" });
  });

  it.each<[string, Partial<CaseEdge>, Partial<CaseFile>, object]>([
    ["blocked", { status: "blocked" }, {}, { kind: "blocked" }],
    [
      "too common",
      { status: "generic", statusReason: "more than 1 user_id" },
      {},
      { kind: "generic", limit: "more than 1 user_id" },
    ],
    ["a device", { type: "anonymous_id" }, {}, { kind: "device" }],
    [
      "evidently two people's",
      {},
      {
        shares: [
          { hmac: "e", nodeId: "a", part: "1" },
          { hmac: "e", nodeId: "b", part: "2" },
        ],
      },
      { kind: "two_people" },
    ],
    [
      "anybody's of several",
      {},
      {
        shares: [
          { hmac: "e", nodeId: "a", part: "1" },
          { hmac: "e", nodeId: "b", part: null },
        ],
      },
      { kind: "ambiguous" },
    ],
    [
      "carried by somebody named after what is several people's",
      {},
      { bonds: [{ hmac: "e", nodes: ["a"] }] },
      { kind: "several_owners", nodeId: "b" },
    ],
    ["outweighed", {}, { bonds: [{ hmac: "e", nodes: ["a", "b"] }] }, { kind: "refused" }],
  ])("share an identifier that is %s", (_name, more, parts, why) => {
    const edges = [edge("a", "e", more), edge("b", "e", more)];
    expect(reasons(judged({ nodes: apart, edges, ...parts }))).toEqual([
      { kind: "shared", hmac: "e", type: more.type ?? "email", why },
    ]);
  });

  it("of different components that share nothing say so", () => {
    const verdict = judged({ nodes: apart, edges: [edge("a", "e"), edge("b", "f")] });
    expect(verdict).toMatchObject({ isOneComponent: false, reasons: [{ kind: "nothing_shared" }] });
  });
});
