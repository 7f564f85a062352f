import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import traits from "../../includes/person_traits.json" with { type: "json" };
import { FEATURE_FIELDS, TRAIT_FIELDS } from "../../src/identity/normalise/features.js";

const { fields } = createRequire(import.meta.url)("../../includes/person_features.js") as { fields: readonly string[] };

describe("what loaders tell of a person and what SQL compares", () => {
  it("are the same fields", () => {
    expect([...fields].sort()).toEqual([...FEATURE_FIELDS].sort());
  });

  it("are made of traits that there are", () => {
    const { description: _, ...sources } = traits;
    const named = Object.values(sources).flatMap((names) => Object.keys(names));
    expect(named.filter((field) => !TRAIT_FIELDS.some((known) => known === field))).toEqual([]);
    expect(named.length).toBeGreaterThan(20);
  });
});
