import { expect, test } from "vitest";
import { parseScript } from "./blocks.js";
import { createScriptParser } from "./parsed-scripts.js";

test("a text gives the same nodes as parsed anew, and is cut into words once", () => {
  const parse = createScriptParser();
  const sql = "SELECT 1; IF TRUE THEN SELECT 2; END IF";
  const nodes = parse(sql, "a.sqlx");
  expect(nodes).toEqual(parseScript(sql));
  for (let n = 0; n < 60; n++) parse(`SELECT ${n}`);
  expect(parse(sql, "b.sqlx")).toBe(nodes);
});

test("what does not parse fails every time, with the origin of that time", () => {
  const parse = createScriptParser();
  expect(() => parse("IF TRUE THEN SELECT 2;", "a.sqlx")).toThrow("a.sqlx");
  expect(() => parse("IF TRUE THEN SELECT 2;", "b.sqlx")).toThrow("b.sqlx");
});
