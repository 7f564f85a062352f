import { describe, expect, it } from "vitest";
import type { ExplainedPair, ExplainedReason, OneProfile, TwoProfiles } from "./answer.js";
import { historyText } from "./history-text.js";
import { reviewText } from "./review-text.js";
import { explanationText } from "./text.js";
import { compareProfiles } from "./what-if.js";
import { whatIfText } from "./what-if-text.js";

const PLAIN = { bold: (text: string) => text, dim: (text: string) => text };

const node = (nodeId: string, source = "website", ownerType = "email") => ({
  nodeId,
  source,
  ownerType,
  firstSeenAt: "2026-01-05T10:00:00.000000Z",
});
const identifier = (type: string, handle: string) => ({ type, namespace: "campus", handle, value: "[personal]" });
const side = (title: string, profileId: string) => ({ title, profileId, nodeCount: 2 });
const PAIR: ExplainedPair = {
  weight: 3.25,
  modelVersion: "2026-01",
  prior: -12,
  isVetoed: false,
  comparisons: [
    {
      comparison: "name",
      level: "family name",
      weight: 9.25,
      frequencyPart: 3,
      a: { given_name: "[personal]" },
      b: { given_name: null },
    },
    {
      comparison: "birth_date",
      level: "same",
      weight: 6,
      frequencyPart: 0,
      a: { birth_date: "[personal]" },
      b: { birth_date: "[personal]" },
    },
    {
      comparison: "gender",
      level: null,
      weight: 0,
      frequencyPart: 0,
      a: { gender: null },
      b: { gender: "[personal]" },
    },
  ],
};
const DECISION = {
  decisionId: "d_1",
  kind: "unlink",
  nodeA: "aaaaaaaaaaaaaaaa",
  nodeB: "bbbbbbbbbbbbbbbb",
  decidedAt: "2026-02-01T08:00:00.000000Z",
  decidedBy: "casey",
  reason: "twins",
} as const;

describe("explanationText", () => {
  const one: OneProfile = {
    answer: "one_profile",
    a: side("this email (i_eeeeeeeeee)", "p_1"),
    b: side("p_2", "p_1"),
    isWaiting: false,
    profileId: "p_1",
    anchor: node("0123456789abcdef"),
    mergedIds: [{ profileId: "p_2", mergedAt: "2026-02-03T00:00:00.000000Z" }],
    steps: [
      {
        from: node("aaaaaaaaaaaaaaaa"),
        to: node("bbbbbbbbbbbbbbbb", "salesforce", "salesforce_contact_id"),
        strength: 30,
        evidence: { kind: "identifier", identifier: identifier("phone", "i_pppppppppp"), eventIds: ["e1"] },
      },
      {
        from: node("bbbbbbbbbbbbbbbb", "salesforce", "salesforce_contact_id"),
        to: node("cccccccccccccccc", "mobile", "device_id"),
        strength: 3.25,
        evidence: { kind: "description", pair: PAIR, average: { average: 1.5, pairCount: 4, threshold: -4 } },
      },
    ],
    weakest: 1,
  };

  it("tells one profile step by step", () => {
    expect(explanationText(one, PLAIN)).toBe(`One profile: p_1
  born as  source identity 0123456789ab (website, named by email, landed 2026-01-05)
  made of  2 source identities
  merged in  p_2 (2026-02-03)

From this email (i_eeeeeeeeee) to p_2, by the strongest evidence:
     source identity aaaaaaaaaaaa (website, named by email, landed 2026-01-05)
  1. the same phone [personal] (i_pppppppppp)
     source identity bbbbbbbbbbbb (salesforce, named by salesforce contact id, landed 2026-01-05)
  2. their descriptions weigh +3.3; from -4.0 on average they are one person's
     4 pairs between these parts average +1.5
     name                     +9.3  family name, of it +3.0 for how common the value is: [personal] | -
     birth date               +6.0  same: [personal] | [personal]
     before comparing         -12.0
     in all                   +3.3  model 2026-01
     source identity cccccccccccc (mobile, named by device id, landed 2026-01-05)

The weakest step is 2.`);
  });

  it("says that one source identity is both, and that an answer waits for the next cycle", () => {
    expect(explanationText({ ...one, steps: [], weakest: null, isWaiting: true }, PLAIN)).toMatch(
      /are one source identity: the same records carry both\.\n\nThis is what the next cycle will publish; .*rollcall run$/s,
    );
  });

  const two = (reasons: readonly ExplainedReason[], more: Partial<TwoProfiles> = {}): string =>
    explanationText(
      {
        answer: "two_profiles",
        a: side("p_1", "p_1"),
        b: side("this phone (i_pppppppppp)", "p_2"),
        isWaiting: false,
        isOneComponent: true,
        reasons,
        nearest: PAIR,
        limits: { candidate: -4, join: -4 },
        blocking: [{ rule: "email", outcome: "met" }],
        ...more,
      },
      PLAIN,
    );

  it("says what outweighs all that two have in common", () => {
    const text = two([{ kind: "nothing_shared" }], { nearest: { ...PAIR, isVetoed: true } });
    expect(text).toMatch(/in all +\+3\.3 .*\n +but they contradict each other, in given names, birth dates or sex: /);
  });

  it.each<[ExplainedReason, string]>([
    [{ kind: "decision", decision: DECISION }, 'casey decided on 2026-02-01 that they are two people (d_1): "twins".'],
    [
      {
        kind: "exclusive",
        type: "user_id",
        namespace: "campus",
        values: [identifier("user_id", "i_1"), identifier("user_id", "i_2")],
      },
      "they carry two different user ids of campus (i_1 [personal], i_2 [personal]), and a person has one.",
    ],
    [
      { kind: "average", average: -5.5, pairCount: 3, threshold: -4, missing: 1.5, isInReview: true },
      "3 pairs of their descriptions average -5.5, 1.5 short of the -4.0 that makes one person: near enough to ask a person (rollcall identity review list).",
    ],
    [
      {
        kind: "shared",
        identifier: identifier("email", "i_e"),
        why: { kind: "generic", limit: "more than 1 user_id" },
      },
      "both carry the email [personal] (i_e), but too many carry it (more than 1 user_id).",
    ],
    [
      { kind: "shared", identifier: identifier("email", "i_e"), why: { kind: "ambiguous" } },
      "both carry the email [personal] (i_e), but several people carry it, and one of these could be any of them.",
    ],
    [{ kind: "nothing_shared" }, "they share no identifier."],
  ])("tells why two are two: %j", (reason, text) => {
    const [title, , , , because] = two([reason]).split("\n");
    expect(title).toBe("Two profiles, of one component");
    expect(because).toBe(`Because ${text}`);
  });

  it("tells what descriptions miss, and which rules nearly compared them", () => {
    const nearest = { ...PAIR, weight: -6.5 };
    const apart = { isOneComponent: false, nearest };
    expect(two([{ kind: "nothing_shared" }], { ...apart, blocking: [] })).toMatch(
      /^Two profiles, of components that nothing links\n.*weigh -6\.5: 2\.5 short of the -4\.0 that makes a candidate\.\n.*No rule compares them: there is none that both have a key of\.$/s,
    );
    const nearly = [
      { rule: "phone", outcome: "differs" },
      { rule: "birth date", outcome: "crowded" },
    ] as const;
    expect(two([{ kind: "nothing_shared" }], { ...apart, blocking: nearly })).toMatch(
      /No rule compares them: too many others share their key of birth date; both have a key, but not the same, of phone\.$/,
    );
    expect(two([{ kind: "nothing_shared" }], { nearest: null, blocking: [] })).toMatch(/One of them says nothing that/);
  });

  it("tells who is not known, and what to do", () => {
    const unknown = [
      { title: "this email", why: "nobody" },
      { title: "this phone", why: "mentioned" },
    ] as const;
    expect(explanationText({ answer: "not_known", unknown }, PLAIN)).toBe(`Not known, so there is nothing to compare.
  this email: nobody is known by it. After landing events: rollcall run.
  this phone: messages of others mention it, but nobody gave it as their own, so it belongs to no profile.`);
  });
});

describe("what if", () => {
  const of = (nodeId: string, publishedId: string | null, profileId: string) => ({
    ...node(nodeId),
    publishedId,
    profileId,
    componentId: "c",
    party: nodeId,
    descriptionId: null,
  });

  it("tells who would move, which ids stay, come and go", () => {
    const nodes = [of("a", "p_a", "p_a"), of("b", "p_a", "p_b"), of("c", "p_c", "p_a"), of("d", "p_d", "p_d")];
    const compared = compareProfiles({ nodes });
    expect(compared.profiles.map(({ profileId, state }) => [profileId, state])).toEqual([
      ["p_a", "changed"],
      ["p_b", "new"],
      ["p_d", "same"],
    ]);
    expect(compared.moved.map(({ nodeId, from, to }) => [nodeId, from, to])).toEqual([
      ["b", "p_a", "p_b"],
      ["c", "p_c", "p_a"],
    ]);
    expect(compared.gone).toEqual(["p_c"]);
    expect(whatIfText({ profileId: "p_a", componentId: "c", ...compared }, PLAIN)).toBe(`2 source identities would move.

p_a  keeps its id, with other source identities
  a  website by email
  c  website by email  from p_c

p_b  a profile of its own
  b  website by email  from p_a

Would lead to another profile: p_c

1 more profile of the component would be as they are.

Nothing was written.`);
  });

  it("says when nothing would change", () => {
    const compared = compareProfiles({ nodes: [of("a", "p_a", "p_a")] });
    expect(whatIfText({ profileId: "p_a", componentId: "c", ...compared }, PLAIN)).toBe(
      "Nothing would change: the one profile of the component of p_a would be as they are.",
    );
  });
});

describe("history and reviews", () => {
  it("tell what happened in words", () => {
    const entry = (kind: string, subject: string, other: string | null, by: string | null = null) => ({
      at: "2026-02-01T08:00:00.000000Z",
      kind,
      subject,
      other,
      decisionId: by === null ? null : "d_1",
      withdrawn: kind === "withdraw" ? "d_0" : null,
      by,
      reason: by === null ? null : "twins",
    });
    const entries = [
      entry("create", "p_a", null),
      entry("merge", "p_b", "p_a"),
      entry("unlink", "n1", "n2", "casey"),
      entry("split", "p_a", "p_b"),
      entry("cut", "p_a", "p_b"),
      entry("withdraw", "n1", "n2", "casey"),
    ];
    expect(historyText({ profileId: "p_a", title: "p_b", ids: ["p_a", "p_b"], entries }, PLAIN)).toBe(`p_a  p_b
  merged in  p_b

  2026-02-01 08:00:00  p_a came into being
  2026-02-01 08:00:00  p_b was merged into p_a
  2026-02-01 08:00:00  casey decided that source identities n1 and n2 are two people (d_1): "twins"
  2026-02-01 08:00:00  p_b was split off from p_a
  2026-02-01 08:00:00  a link between p_a and p_b was refused
  2026-02-01 08:00:00  casey withdrew what was decided about source identities n1 and n2 (d_0): "twins"`);
  });

  it("list what waits and how to decide", () => {
    const pair = { profileA: "p_a", profileB: "p_b", nodeA: "a", nodeB: "b", average: -5.25, pairCount: 1 };
    expect(reviewText({ pairs: [{ ...pair, foundAt: "2026-02-01" }], waiting: 3 }, PLAIN)).toBe(
      `p_a  p_b  average -5.3 of 1 pair  since 2026-02-01
and 2 more: --limit

To look at one:  rollcall identity explain p_a p_b
To decide:       rollcall identity review accept p_a p_b   (or reject)`,
    );
    expect(reviewText({ pairs: [], waiting: 0 }, PLAIN)).toBe("Nobody waits for a review.");
  });
});
