import { describe, expect, it } from "vitest";
import { nameSound } from "./name-sound.js";

describe("nameSound", () => {
  it.each([
    ["lakshmi", "laxmi"],
    ["siddharth", "sidharta"],
    ["mohammed", "muhamad"],
    ["vikas", "wikas"],
    ["philip", "filip"],
    ["youssef", "yusuf"],
    ["hussein", "husain"],
    ["mueller", "muller"],
    ["stephen", "stefan"],
    ["zhang", "cheung"],
    ["mcdonald", "macdonald"],
    ["catherine", "katharina"],
    ["tomasz", "tomas"],
  ])("%s sounds like %s", (one, other) => {
    expect(nameSound(one)).toBe(nameSound(other));
    expect(nameSound(one)).not.toBe("");
  });

  it.each([
    ["anna", "nan"],
    ["peter", "pedro"],
    ["marcin", "martin"],
    ["wang", "huang"],
    ["zhang", "sang"],
  ])("%s does not sound like %s", (one, other) => {
    expect(nameSound(one)).not.toBe(nameSound(other));
  });

  it("of nothing is nothing", () => {
    expect(nameSound("")).toBe("");
  });
});
