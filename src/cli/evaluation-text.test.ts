import { describe, expect, it } from "vitest";
import { createMetricsCounter } from "../identity/evaluate/metrics.js";
import { type EvaluationReport, matchRateOf } from "../identity/evaluate/report.js";
import { evaluationText, formatShare } from "./evaluation-text.js";

describe("a share", () => {
  it.each([
    [null, "-"],
    [0, "0.0000"],
    [1, "1.0000"],
    [0.33333, "0.3333"],
    // One wrong pair in a million is not none, and one found is not nothing.
    [0.999999, "0.9999+"],
    [0.000001, "0.0000+"],
  ])("of %s reads %s", (share, text) => {
    expect(formatShare(share)).toBe(text);
  });
});

function reportOf(fields: Partial<EvaluationReport> = {}): EvaluationReport {
  const counter = createMetricsCounter();
  counter.add({ cluster: "1", person: "ana", recordCount: 2 });
  counter.add({ cluster: "2", person: "ben", recordCount: 1 });
  return {
    file: "labelled.csv",
    owner: "record",
    clusters: counter.read(),
    matchRate: matchRateOf(
      [
        { reason: null, isMatched: true, hasTwin: true, recordCount: 2 },
        { reason: "only blocked identifiers", isMatched: false, hasTwin: false, recordCount: 1 },
      ],
      2,
    ),
    links: [],
    matching: {
      origin: "trained",
      modelVersion: "2026-03-01-ab",
      strictness: "broad",
      pairCount: 8,
      metCount: 6,
      keptCount: 4,
      skippedKeyCount: 0,
    },
    unusable: [],
    stages: [
      { name: "read", ms: 500 },
      { name: "measure", ms: 1500 },
    ],
    totalMs: 2000,
    recordsPerSecond: 1.5,
    cycleCount: 1,
    unsettledCount: 0,
    ...fields,
  };
}

describe("an evaluation on a terminal", () => {
  it("tells every figure with what it was counted from", () => {
    const text = evaluationText(reportOf());
    expect(text).toContain("labelled.csv: 3 records of 2 people, resolved to 2 profiles");
    expect(text).toMatch(/pairs +1\.0000 +1\.0000 +1\.0000 +1 linked, 1 right, 1 true/);
    expect(text).toMatch(/exact people +1\.0000 +2 are one profile/);
    expect(text).toMatch(/match rate +1\.0000 +2 of 2 eligible/);
    expect(text).toMatch(/ineligible +0\.3333 +1: only blocked identifiers/);
    expect(text).toContain("nothing links by rule");
    expect(text).toContain("2026-03-01-ab, trained on this file's descriptions");
    expect(text).toMatch(/compared +0\.7500 +of 8 pairs of one person's descriptions; 2 share no key/);
    expect(text).toMatch(/kept +0\.5000/);
    expect(text).toMatch(/read +500 ms +6\n/);
    expect(text).toMatch(/in all +2\.0 s +2$/);
  });

  it("says how many keys were too common to compare by", () => {
    const { matching } = reportOf();
    expect(evaluationText(reportOf({ matching: { ...matching, skippedKeyCount: 3 } }))).toMatch(
      /; 2 share no key but maybe one of 3 that are too common\n/,
    );
  });

  it("tells refused values and further cycles only where there were any", () => {
    const plain = evaluationText(reportOf());
    expect(plain).not.toMatch(/refused|cycles/);
    const text = evaluationText(reportOf({ unusable: [{ type: "email", valueCount: 7 }], cycleCount: 3 }));
    expect(text).toMatch(/refused values +7 +are no email/);
    expect(text).toContain("Identities settled after 3 cycles.");
    expect(evaluationText(reportOf({ cycleCount: 2, unsettledCount: 40 }))).toContain(
      "40 nodes are not settled after 2 cycles",
    );
  });
});

describe("the match rate", () => {
  it("is of the eligible, and the reasons are of all", () => {
    const group = { reason: null, isMatched: false, hasTwin: false, recordCount: 0 };
    expect(
      matchRateOf(
        [
          { ...group, isMatched: true, hasTwin: true, recordCount: 6 },
          { ...group, hasTwin: true, recordCount: 2 },
          { ...group, isMatched: true, recordCount: 1 },
          { ...group, recordCount: 1 },
          // Matched by whatever means, but not by what makes a record eligible.
          { ...group, reason: "b", isMatched: true, hasTwin: true, recordCount: 5 },
          { ...group, reason: "a", recordCount: 5 },
        ],
        10,
      ),
    ).toEqual({
      eligibleCount: 10,
      matchedCount: 7,
      rate: 0.7,
      matchable: { eligibleCount: 8, matchedCount: 6, rate: 0.75 },
      consolidation: 0.5,
      ineligible: [
        { reason: "a", recordCount: 5, share: 0.25 },
        { reason: "b", recordCount: 5, share: 0.25 },
      ],
    });
  });
});
