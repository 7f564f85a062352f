import { describe, expect, it } from "vitest";
import { createDice } from "./dice.js";
import { LOCALES, type Locale } from "./locales.js";
import type { NamePart } from "./name-part.js";
import { drawFamily, drawGiven, drawOther, type NameHabit, writeName } from "./names.js";
import { chineseGiven } from "./names-chinese.js";

const NEVER: NameHabit = {
  typo: 0,
  nickname: 0,
  initial: 0,
  capitals: 0,
  swap: 0,
  title: 0,
  native: 0,
  variant: 0,
};

function part(text: string, variants: readonly string[] = [], native?: string): NamePart {
  return native === undefined ? { text, variants } : { text, variants, native };
}

/** A locale that never puts the family name first, so that each habit is seen alone. */
function strict(code: string): Locale {
  return { ...(LOCALES.find((locale) => locale.code === code) as Locale), familyFirst: 0 };
}

const ELIZABETH = { given: part("Elizabeth"), family: part("Müller") };

describe("writeName", () => {
  it.each<[keyof NameHabit, { first: string; last: string }]>([
    ["nickname", { first: "Liz", last: "Müller" }],
    ["swap", { first: "Müller", last: "Elizabeth" }],
    ["variant", { first: "Elizabeth", last: expect.stringMatching(/^(Muller|Mueller)$/) as unknown as string }],
    ["initial", { first: expect.stringMatching(/^E\.?$/) as unknown as string, last: "Müller" }],
    ["capitals", { first: expect.stringMatching(/^elizabeth$/i) as unknown as string, last: "MÜLLER" }],
  ])("follows the habit %s", (habit, written) => {
    const name = writeName(ELIZABETH, "female", strict("en_GB"), { ...NEVER, [habit]: 1 }, createDice(1, 1));
    expect(name).toMatchObject(written);
  });

  it("puts a title before the full name", () => {
    const { full } = writeName(ELIZABETH, "female", strict("en_GB"), { ...NEVER, title: 1 }, createDice(1, 1));
    expect(full).toMatch(/^(Ms|Mrs|Miss|Dr) Elizabeth Müller$/);
  });

  it("mistypes one of the two names", () => {
    const { first, last } = writeName(ELIZABETH, "female", strict("en_GB"), { ...NEVER, typo: 1 }, createDice(4, 1));
    expect([first === "Elizabeth", last === "Müller"].filter(Boolean)).toHaveLength(1);
  });

  it("writes Chinese names family first, in characters without a space", () => {
    const name = { given: part("Xiaoming", [], "晓明"), family: part("Wang", [], "王") };
    const chinese = { ...strict("zh_CN"), familyFirst: 1 };
    expect(writeName(name, "male", chinese, { ...NEVER, native: 1 }, createDice(1, 1)).full).toBe("王晓明");
    expect(writeName(name, "male", chinese, NEVER, createDice(1, 1)).full).toBe("Wang Xiaoming");
  });

  it("changes nothing without habits", () => {
    expect(writeName(ELIZABETH, "female", strict("de_DE"), NEVER, createDice(1, 1))).toEqual({
      first: "Elizabeth",
      last: "Müller",
      full: "Elizabeth Müller",
    });
  });
});

describe("names", () => {
  it.each(LOCALES.map(({ code }) => [code] as const))("are there for %s", (code) => {
    const dice = createDice(2, 0);
    const given = Array.from({ length: 500 }, (_, n) => drawGiven(code, n % 2 === 0 ? "female" : "male", dice).text);
    const family = Array.from({ length: 500 }, () => drawFamily(code, dice).text);
    for (const text of [...given, ...family]) expect(text).toMatch(/^\p{Lu}/u);
    expect(new Set(given).size).toBeGreaterThan(20);
    expect(new Set(family).size).toBeGreaterThan(10);
  });

  it("romanise by the system of the place", () => {
    expect(chineseGiven(0, 1, "pinyin")).toEqual({
      text: "Weifang",
      native: "伟芳",
      variants: ["Wei Fang", "Wei-Fang"],
    });
    expect(chineseGiven(0, 1, "hong_kong").text).toBe("Wai Fong");
  });

  it("are drawn again until nobody has them", () => {
    const draws = [part("Ana"), part("Ana"), part("Bea")];
    expect(drawOther(() => draws.shift() as NamePart, [part("Ana")]).text).toBe("Bea");
  });
});
