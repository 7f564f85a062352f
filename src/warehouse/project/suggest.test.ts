import { describe, expect, it } from "vitest";
import { didYouMean } from "./suggest.js";

describe("didYouMean", () => {
  it("names the nearest", () => {
    expect(didYouMean("paylod", ["payload", "event_id"])).toBe(". Did you mean payload?");
  });

  it("lists what there is when nothing is near, and not more of it than somebody reads", () => {
    const known = Array.from({ length: 12 }, (_, n) => `c${n}`);
    expect(didYouMean("something_else", ["a", "b"])).toBe("; there are a, b");
    expect(didYouMean("something_else", known.slice(0, 10))).toBe(`; there are ${known.slice(0, 10).join(", ")}`);
    expect(didYouMean("something_else", known)).toBe(`; there are ${known.slice(0, 10).join(", ")} and 2 more`);
    expect(didYouMean("something_else", [])).toBe("");
  });
});
