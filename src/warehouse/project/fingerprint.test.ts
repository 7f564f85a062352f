import { describe, expect, it } from "vitest";
import { changedParts, hashOf, identityFingerprint, identityModels } from "./fingerprint.js";
import { action } from "./testing-actions.js";

const SQL = 'SELECT a.id, "-- no comment" AS note FROM `silver.a` AS a WHERE a.n > 1';
const model = (sql: string) => action("identity.a", ["silver.a"], { sql });

describe("a model's hash", () => {
  it.each([
    [
      "comments",
      'SELECT a.id, /* why */ "-- no comment" AS note -- more\nFROM `silver.a` AS a # and more\nWHERE a.n > 1',
    ],
    ["white space", 'SELECT   a.id,\n\t"-- no comment" AS note FROM `silver.a` AS a\n\nWHERE a.n>1\n'],
  ])("does not see %s", (_, sql) => {
    expect(hashOf(model(sql))).toBe(hashOf(model(SQL)));
  });

  it.each([
    ["a number", SQL.replace("> 1", "> 2")],
    ["what is inside of a string", SQL.replace("no comment", "no  comment")],
    ["words that are put together", SQL.replace("a.n >", "a.n>=")],
    ["what was commented out", SQL.replace("WHERE", "-- WHERE")],
  ])("sees %s", (_, sql) => {
    expect(changedParts(hashOf(model(SQL)), model(sql))).toEqual(["sql"]);
  });

  it("tells operations and layout from the query", () => {
    const before = hashOf(model(SQL));
    expect(
      changedParts(before, action("identity.a", ["silver.a"], { sql: SQL, preOps: ["DELETE FROM x WHERE TRUE"] })),
    ).toEqual(["operations"]);
    expect(changedParts(before, action("identity.a", ["silver.a"], { sql: SQL, clusterBy: ["id"] }))).toEqual([
      "config",
    ]);
  });
});

describe("the fingerprint of identity", () => {
  const nodes = action("identity.nodes", ["silver.a"], { sql: "SELECT 1 AS id" });
  const resolve = action("identity.resolve", ["identity.nodes"], {
    kind: "operations",
    statements: ["DELETE FROM `identity.m` WHERE TRUE"],
  });
  const others = [
    action("silver.a", [], { sql: "SELECT 1 AS n" }),
    action("gold.p", ["identity.nodes"], { sql: "SELECT 2 AS n" }),
    action("identity.fits", ["identity.nodes"], { kind: "assertion", sql: "SELECT 3 AS n" }),
    action("identity.m", [], {
      kind: "operations",
      tags: ["bootstrap"],
      statements: ["CREATE TABLE IF NOT EXISTS m (n INT64)"],
    }),
    action("identity.off", ["silver.a"], { sql: "SELECT 4 AS n", isDisabled: true }),
  ];

  it("is of the models that say who is whom, and of nothing else", () => {
    expect(identityModels([...others, nodes, resolve])).toEqual([nodes, resolve]);
    expect(identityFingerprint([...others, nodes, resolve])).toBe(identityFingerprint([nodes, resolve]));
    expect(identityFingerprint(others)).toBeNull();
  });

  it("is another when one of them changes, comes or goes", () => {
    const changed = action("identity.nodes", ["silver.a"], { sql: "SELECT 2 AS id" });
    const all = [[nodes, resolve], [changed, resolve], [nodes], [resolve]].map(identityFingerprint);
    expect(new Set(all).size).toBe(4);
  });
});
