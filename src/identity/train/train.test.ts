import { describe, expect, it } from "vitest";
import { modelJson, parseModel } from "./model.js";
import type { PatternCount } from "./patterns.js";
import { LEAST_DESCRIPTIONS, type Trained, type TrainingData, train } from "./train.js";

const AT = "2026-03-01T10:00:00.000Z";
const COMPARISONS = [
  { name: "name", levels: ["same", "similar", "initial", "else"] },
  { name: "birth_date", levels: ["same", "else"] },
  { name: "gender", levels: ["same", "else"] },
];

/** 1,000 descriptions of 500 people: 500 matches in 499,500 pairs. Nobody's gender is known. */
const RANDOM: PatternCount[] = [
  { pattern: "aa-", count: 400 },
  { pattern: "ba-", count: 50 },
  { pattern: "ab-", count: 1050 },
  { pattern: "db-", count: 496_000 },
  { pattern: "da-", count: 2000 },
];
const OF_ONE_BIRTH_DATE: PatternCount[] = [
  { pattern: "aa-", count: 400 },
  { pattern: "ba-", count: 50 },
  { pattern: "da-", count: 2000 },
];
const OF_ONE_NAME: PatternCount[] = [
  { pattern: "aa-", count: 400 },
  { pattern: "ab-", count: 1050 },
];
const DATA: TrainingData = {
  comparisons: COMPARISONS,
  descriptionCount: 1000,
  certainPairCount: 400,
  certainRecall: 0.8,
  random: RANDOM,
  sessions: [
    { rule: "birth date", implies: { birth_date: "same" }, apart: {}, isSpare: false, patterns: OF_ONE_BIRTH_DATE },
    { rule: "name", implies: { name: "same" }, apart: {}, isSpare: false, patterns: OF_ONE_NAME },
  ],
  known: {},
  neighbours: { drawnCount: 1000, patterns: [...OF_ONE_BIRTH_DATE, { pattern: "ab-", count: 1050 }].map(twice) },
};

/** Everybody is drawn, so each pair counts from both sides. */
function twice({ pattern, count }: PatternCount): PatternCount {
  return { pattern, count: 2 * count };
}

function modelOf(trained: Trained) {
  if (!("model" in trained)) throw new Error(trained.tooLittle);
  return trained.model;
}

function weightOf(trained: Trained, comparison: string, level: string): number {
  const found = modelOf(trained).comparisons[comparison]?.find((each) => each.level === level);
  return found === undefined ? Number.NaN : Math.log2(found.m / found.u);
}

describe("training", () => {
  it("learns that what agrees speaks for one person, and what does not against it", () => {
    const trained = train(DATA, AT);
    expect(weightOf(trained, "name", "same")).toBeGreaterThan(weightOf(trained, "birth_date", "else"));
    expect(weightOf(trained, "name", "same")).toBeGreaterThan(5);
    expect(weightOf(trained, "birth_date", "same")).toBeGreaterThan(5);
    expect(weightOf(trained, "name", "else")).toBeLessThan(-1);
    expect(weightOf(trained, "birth_date", "else")).toBeLessThan(-1);
  });

  it("leaves out what nobody knows", () => {
    expect(Object.keys(modelOf(train(DATA, AT)).comparisons)).toEqual(["name", "birth_date"]);
  });

  it("gives a level that nobody has shown the weight of the next worse one", () => {
    const trained = train(DATA, AT);
    expect(weightOf(trained, "name", "initial")).toBeCloseTo(weightOf(trained, "name", "else"), 3);
  });

  it("finds how rare matches are, whatever it guessed first", () => {
    const share = (certainPairCount: number) => {
      const { prior } = modelOf(train({ ...DATA, certainPairCount }, AT));
      return 1 / (1 + 2 ** -prior);
    };
    // About 450 of 499,500 pairs.
    expect(share(400)).toBeGreaterThan(300 / 499_500);
    expect(share(400)).toBeLessThan(700 / 499_500);
    expect(share(200)).toBeGreaterThan(200 / 499_500);
  });

  it("does not take the people of a household for one who goes by many names", () => {
    const phone = {
      rule: "phone",
      implies: {},
      apart: { birth_date: ["else"] },
      isSpare: false,
      patterns: [
        { pattern: "aa-", count: 400 },
        { pattern: "ba-", count: 50 },
        { pattern: "db-", count: 4000 },
      ],
    };
    const [, byName] = DATA.sessions;
    if (byName === undefined) throw new Error("two sessions");
    const learnt = (sessions: TrainingData["sessions"]) => modelOf(train({ ...DATA, sessions }, AT)).comparisons;
    const withFamilies = learnt([phone, byName]);
    const without = learnt([{ ...phone, patterns: phone.patterns.slice(0, 2) }, byName]);
    expect(withFamilies).toEqual(without);
    expect(withFamilies.birth_date).toEqual(learnt([byName]).birth_date);
    expect(learnt([{ ...phone, apart: {} }, byName])).not.toEqual(without);
  });

  it("lets a spare session teach only what no other does", () => {
    // Half of those who share a city and a name share a birth date, too; birth dates taught that of names already.
    const spare = {
      rule: "city",
      implies: {},
      apart: {},
      isSpare: true,
      patterns: [
        { pattern: "aa-", count: 500 },
        { pattern: "ab-", count: 500 },
        { pattern: "da-", count: 500 },
      ],
    };
    const [byDate, byName] = DATA.sessions;
    if (byDate === undefined || byName === undefined) throw new Error("two sessions");
    const mOf = (sessions: TrainingData["sessions"]) => {
      const { name, birth_date } = modelOf(train({ ...DATA, sessions }, AT)).comparisons;
      return { name: name?.[0]?.m ?? 0, birthDate: birth_date?.[0]?.m ?? 0 };
    };
    const [without, both] = [mOf([byDate, byName]), mOf([spare, byDate, byName])];
    expect(both).toEqual(without);
    const taught = mOf([spare, byDate]);
    expect(taught.name).toBe(without.name);
    expect(taught.birthDate).toBeGreaterThan(0.3);
  });

  it("takes from the model in place what no session teaches", () => {
    const gender = [
      { level: "same", m: 0.9, u: 0.1 },
      { level: "else", m: 0.1, u: 0.9 },
    ];
    const random = DATA.random.map(({ pattern, count }) => ({ pattern: `${pattern.slice(0, 2)}b`, count }));
    const { comparisons } = modelOf(train({ ...DATA, random, known: { gender, name: gender } }, AT));
    // How often two people share it is this data's own.
    expect(comparisons.gender).toMatchObject([
      { level: "same", m: 0.9 },
      { level: "else", m: 0.1, u: 1 },
    ]);
    expect(comparisons.name).toEqual(modelOf(train(DATA, AT)).comparisons.name);
    expect(train({ ...DATA, random, sessions: [], known: { gender } }, AT)).toHaveProperty("tooLittle");
  });

  it("never takes anybody's data for spotless", () => {
    const clean = {
      ...DATA,
      sessions: DATA.sessions.map((each) => ({ ...each, patterns: [{ pattern: "aa-", count: 500 }] })),
    };
    const last = modelOf(train(clean, AT)).comparisons.name?.at(-1);
    expect(last).toMatchObject({ level: "else", m: 0.02 });
  });

  it("takes the middle of what its sessions say", () => {
    const rule = (agreed: number): TrainingData["sessions"][number] => ({
      rule: `rule ${agreed}`,
      implies: { name: "same" },
      apart: {},
      isSpare: false,
      patterns: [
        { pattern: "aa-", count: agreed },
        { pattern: "ab-", count: 1000 - agreed },
      ],
    });
    const mOf = (...agreed: number[]) =>
      modelOf(train({ ...DATA, sessions: agreed.map(rule) }, AT)).comparisons.birth_date?.[0]?.m ?? 0;
    const single = mOf(900);
    expect(mOf(990, 900, 300)).toBeCloseTo(single, 6);
  });

  it("makes one model of the same data, named by the day and by what it says", () => {
    const [one, again] = [modelOf(train(DATA, AT)), modelOf(train(DATA, AT))];
    expect(again).toEqual(one);
    expect(one.version).toMatch(/^2026-03-01-[0-9a-f]{10}$/);
    const later = modelOf(train(DATA, "2026-04-01T00:00:00.000Z"));
    expect(later.version.slice(11)).toBe(one.version.slice(11));
    expect(modelOf(train({ ...DATA, descriptionCount: 1001 }, AT)).version).not.toBe(one.version);
    expect(one.source).toEqual({
      descriptionCount: 1000,
      sampledPairCount: 499_500,
      sessions: { "birth date": 2450, name: 1450 },
    });
  });

  it("has a prior, in numbers, also where all that are compared are one person's", () => {
    const neighbours = { drawnCount: 1000, patterns: [{ pattern: "aa-", count: 1000 * 999 }] };
    const random = [
      { pattern: "aa-", count: 400 },
      { pattern: "db-", count: 499_100 },
    ];
    const sessions = DATA.sessions.map((each) => ({ ...each, patterns: [{ pattern: "aa-", count: 100_000 }] }));
    expect(modelOf(train({ ...DATA, random, sessions, neighbours, certainPairCount: 350_000 }, AT)).prior).toBe(0);
  });

  it("says what is too little", () => {
    expect(train({ ...DATA, descriptionCount: LEAST_DESCRIPTIONS - 1 }, AT)).toEqual({
      tooLittle: "there are 199 descriptions of people, and 200 are the least",
    });
    expect(train({ ...DATA, sessions: [] }, AT)).toHaveProperty(
      "tooLittle",
      expect.stringContaining("too few of them share"),
    );
  });
});

describe("a model's file", () => {
  it("reads as it was written", () => {
    const model = modelOf(train(DATA, AT));
    expect(parseModel(modelJson(model), "model.json")).toEqual(model);
  });

  it.each([
    ["{", "model.json is no match model"],
    ['{"version":"a"}', "prior"],
  ])("is refused with its name: %s", (text, says) => {
    expect(() => parseModel(text, "model.json")).toThrow(says);
  });
});
