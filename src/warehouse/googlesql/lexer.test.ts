import { expect, test } from "vitest";
import { positionAt, splitStatements } from "./lexer.js";

const texts = (sql: string): string[] => splitStatements(sql).map(({ text }) => text);

test.each([
  ["SELECT 1; SELECT 2;", ["SELECT 1", "SELECT 2"]],
  ["SELECT ';' AS a; SELECT \";\"", ["SELECT ';' AS a", 'SELECT ";"']],
  ["SELECT 'it\\'s;' ; SELECT 2", ["SELECT 'it\\'s;'", "SELECT 2"]],
  ["SELECT r'\\';' ; SELECT 2", ["SELECT r'\\';'", "SELECT 2"]],
  ["SELECT '''a';'b''' ; SELECT 2", ["SELECT '''a';'b'''", "SELECT 2"]],
  ['SELECT """a";"b""" ; SELECT 2', ['SELECT """a";"b"""', "SELECT 2"]],
  ["SELECT `a;b` ; SELECT 2", ["SELECT `a;b`", "SELECT 2"]],
  ["SELECT 1 -- a; b\n+ 1; SELECT 2 # c;\n", ["SELECT 1 -- a; b\n+ 1", "SELECT 2 # c;"]],
  ["SELECT /* a; b */ 1; SELECT 2", ["SELECT /* a; b */ 1", "SELECT 2"]],
  [";; -- nothing\n ; /* at all */", []],
])("splits %s", (sql, expected) => {
  expect(texts(sql)).toEqual(expected);
});

test("a statement begins at its first word, behind blanks and comments", () => {
  const statements = splitStatements("SELECT 1;\n\n-- about two\n  SELECT 2; SELECT 3");
  expect(statements.map(({ position }) => position)).toEqual([
    { line: 1, column: 1 },
    { line: 4, column: 3 },
    { line: 4, column: 13 },
  ]);
});

test("a path in one pair of backticks becomes a path, without moving what follows", () => {
  const [statement] = splitStatements("SELECT x FROM `rollcall.silver.events` AS e");
  expect(statement?.text).toBe("SELECT x FROM  rollcall.silver.events  AS e");
});

test("a path that needs its backticks gets them part by part", () => {
  expect(texts("SELECT x FROM `my-project.silver.events`")).toEqual(["SELECT x FROM `my-project`.`silver`.`events`"]);
});

test("backticks inside strings and comments stay", () => {
  expect(texts("SELECT '`a.b`' -- `c.d`\n, 1")).toEqual(["SELECT '`a.b`' -- `c.d`\n, 1"]);
});

test("words are those outside of strings and comments", () => {
  const [statement] = splitStatements("SELECT Id, 'literal' FROM `rollcall.silver.Events` -- remark");
  expect([...(statement?.words ?? [])].sort()).toEqual(["events", "from", "id", "rollcall", "select", "silver"]);
});

test("positions count on from where the text begins", () => {
  expect(positionAt("ab\ncd", 1, { line: 5, column: 9 })).toEqual({ line: 5, column: 10 });
  expect(positionAt("ab\ncd", 4, { line: 5, column: 9 })).toEqual({ line: 6, column: 2 });
});
