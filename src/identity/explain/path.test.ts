import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Link, Step } from "./link.js";
import { strongestPath, weakestStep } from "./path.js";

function shared(hmac: string, strength: number, ...nodes: string[]): Link {
  return { left: nodes, right: nodes, evidence: { kind: "identifier", hmac }, strength };
}

function pair(left: string[], right: string[], strength: number): Link {
  return { left, right, evidence: { kind: "description", left: "l", right: "r", weight: strength }, strength };
}

function told(path: readonly Step[] | null): string[] | null {
  return path?.map(({ from, to, strength }) => `${from}-${to} ${strength}`) ?? null;
}

describe("strongestPath", () => {
  it("prefers a longer way without a weak step", () => {
    const links = [shared("phone", 5, "a", "z"), shared("email", 20, "a", "m"), shared("user", 30, "m", "z")];
    expect(told(strongestPath(links, ["a"], ["z"]))).toEqual(["a-m 20", "m-z 30"]);
  });

  it("takes the shorter of two ways that are as strong", () => {
    const links = [shared("e", 20, "a", "b"), shared("f", 30, "b", "z"), shared("g", 20, "a", "z")];
    expect(told(strongestPath(links, ["a"], ["z"]))).toEqual(["a-z 20"]);
  });

  it("tells the stronger of two links between the same nodes", () => {
    const links = [shared("e", 20, "a", "z"), shared("u", 40, "a", "z")];
    expect(told(strongestPath(links, ["a"], ["z"]))).toEqual(["a-z 40"]);
  });

  it("needs no step where both sides meet, and none leads out of another component", () => {
    expect(strongestPath([], ["a", "b"], ["b"])).toEqual([]);
    expect(strongestPath([shared("e", 1, "a", "b")], ["a"], ["z"])).toBeNull();
  });

  it("does not link the nodes of one side of a pair with each other", () => {
    const links = [pair(["a", "b"], ["z"], 3)];
    expect(told(strongestPath(links, ["a"], ["b"]))).toEqual(["a-z 3", "z-b 3"]);
    expect(strongestPath([pair(["a", "b"], [], 3)], ["a"], ["b"])).toBeNull();
  });

  it("finds the bottleneck that trying every path finds, whatever the order of links", () => {
    const node = fc.constantFrom(..."abcdefg");
    const link = fc
      .tuple(fc.uniqueArray(node, { minLength: 1, maxLength: 4 }), fc.uniqueArray(node, { maxLength: 3 }), fc.nat(6))
      .map(([left, right, strength]) =>
        right.length === 0 ? shared("h", strength, ...left) : pair(left, right, strength),
      );
    fc.assert(
      fc.property(fc.array(link, { maxLength: 10 }), node, node, (links, from, to) => {
        const path = strongestPath(links, [from], [to]);
        expect(weakestStep(path ?? [])?.strength ?? null).toBe(bottleneck(links, from, to));
        expect(path === null).toBe(from !== to && bottleneck(links, from, to) === null);
        expect(told(strongestPath([...links].reverse(), [from], [to]))).toEqual(told(path));
        // A path: it begins and ends where it should, and each step begins where the last one ended.
        if (path !== null && path.length > 0) {
          expect([from, ...path.map((step) => step.to)]).toEqual([...path.map((step) => step.from), to]);
        }
      }),
    );
  });
});

/** By trying all: the widest way to each node, until nothing gets wider. */
function bottleneck(links: readonly Link[], from: string, to: string): number | null {
  const widest = new Map([[from, Number.POSITIVE_INFINITY]]);
  for (let round = 0; round < 8; round++) {
    for (const { left, right, strength } of links) {
      for (const [a, b] of [
        ...left.flatMap((l) => right.map((r) => [l, r])),
        ...right.flatMap((r) => left.map((l) => [r, l])),
      ]) {
        const width = Math.min(widest.get(a as string) ?? -1, strength);
        if (width > (widest.get(b as string) ?? -1)) widest.set(b as string, width);
      }
    }
  }
  const width = widest.get(to) ?? null;
  return width === Number.POSITIVE_INFINITY ? null : width;
}
