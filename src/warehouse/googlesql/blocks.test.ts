import { describe, expect, test } from "vitest";
import { parseScript } from "./blocks.js";
import type { ScriptNode } from "./script-nodes.js";

/** A script in brackets: what holds what. */
function outline(nodes: readonly ScriptNode[]): string {
  return nodes.map(outlineOf).join(" ");
}

function outlineOf(node: ScriptNode): string {
  switch (node.kind) {
    case "statement":
      return `<${node.statement.text}>`;
    case "block":
      return `[${outline(node.body)}${node.handler === null ? "" : ` ! ${outline(node.handler)}`}]`;
    case "if": {
      const branches = node.branches.map(({ condition, body }) => `${condition.text} ? ${outline(body)}`);
      return `{${[...branches, outline(node.otherwise)].join(" : ")}}`;
    }
    case "loop":
      return `loop(${[node.whilst?.text, outline(node.body), node.until?.text].filter((part) => part !== undefined).join(", ")})`;
    case "for":
      return `for(${node.variable} ${node.query.text}, ${outline(node.body)})`;
    case "declare":
      return `declare(${node.names.join()} ${node.type ?? "-"} ${node.value?.text ?? "-"})`;
    case "set":
      return `set(${node.names.join()} ${node.value.text})`;
    case "execute":
      return `execute(${node.sql.text} ${node.into.join()} ${node.using.map(({ value, name }) => `${value.text}:${name}`).join()})`;
    case "break":
    case "continue":
      return `${node.kind}(${node.label ?? ""})`;
    case "raise":
      return `raise(${node.message?.text ?? ""})`;
    case "return":
      return "return";
  }
}

describe("a script's blocks", () => {
  test.each([
    ["SELECT 1; ; SELECT 2", "<SELECT 1> <SELECT 2>"],
    ["BEGIN; SELECT 1; COMMIT", "<BEGIN> <SELECT 1> <COMMIT>"],
    ["BEGIN TRANSACTION; COMMIT TRANSACTION;", "<BEGIN TRANSACTION> <COMMIT TRANSACTION>"],
    ["BEGIN SELECT 1; END", "[<SELECT 1>]"],
    ["BEGIN -- a remark; END\n SELECT 1; END", "[<SELECT 1>]"],
    [
      "BEGIN BEGIN; SELECT 1; COMMIT; EXCEPTION WHEN ERROR THEN ROLLBACK; END;",
      "[<BEGIN> <SELECT 1> <COMMIT> ! <ROLLBACK>]",
    ],
    [
      "IF a THEN SELECT 1; ELSEIF b THEN SELECT 2; ELSE SELECT 3; END IF",
      "{a ? <SELECT 1> : b ? <SELECT 2> : <SELECT 3>}",
    ],
    ["if (a) then if b then select 1; end if; end if", "{(a) ? {b ? <select 1> : } : }"],
    ["IF CASE WHEN x THEN TRUE END THEN SELECT 1; END IF", "{CASE WHEN x THEN TRUE END ? <SELECT 1> : }"],
    ["IF t.`then` = @then AND t.then THEN SELECT 1; END IF", "{t.`then` = @then AND t.then ? <SELECT 1> : }"],
    [
      "CASE WHEN a THEN SELECT 1; ELSE SELECT CASE WHEN TRUE THEN 1 END; END CASE",
      "{a ? <SELECT 1> : <SELECT CASE WHEN TRUE THEN 1 END>}",
    ],
    ["LOOP BREAK; CONTINUE; END LOOP", "loop(break() continue())"],
    ["x: WHILE a DO LEAVE x; ITERATE x; END WHILE x", "loop(a, break(x) continue(x))"],
    ["REPEAT SELECT 1; UNTIL (SELECT a FROM b) END REPEAT", "loop(<SELECT 1>, (SELECT a FROM b))"],
    ["FOR r IN (SELECT 1 AS `do`) DO SELECT r; END FOR", "for(r (SELECT 1 AS `do`), <SELECT r>)"],
    [
      "DECLARE a, b ARRAY<STRUCT<x INT64, y STRING>> DEFAULT []; SET a = [(1, ';')]",
      "declare(a,b ARRAY<STRUCT<x INT64, y STRING>> []) set(a [(1, ';')])",
    ],
    ["DECLARE a DEFAULT 1; SET (a, `b c`) = (1, 2)", "declare(a - 1) set(a,b c (1, 2))"],
    [
      "EXECUTE IMMEDIATE CONCAT('a', 'b') INTO x, y USING 1 AS n, f(2, 3)",
      "execute(CONCAT('a', 'b') x,y 1:n,f(2, 3):null)",
    ],
    ["EXECUTE IMMEDIATE @sql USING CAST(1 AS STRING) AS s", "execute(@sql  CAST(1 AS STRING):s)"],
    ["RAISE USING MESSAGE = 'a'; RAISE; RETURN", "raise('a') raise() return"],
  ])("%s", (sql, expected) => {
    expect(outline(parseScript(sql))).toBe(expected);
  });
});

test("statements, conditions and labels keep their places", () => {
  const [node] = parseScript("-- first\nIF\n  a = 1 THEN\n    SELECT `p.q`.x; END IF");
  if (node?.kind !== "if") throw new Error("expected an IF");
  expect(node.branches[0]?.condition.position).toEqual({ line: 3, column: 3 });
  expect(node.branches[0]?.body).toMatchObject([{ statement: { position: { line: 4, column: 5 } } }]);
});

test.each([
  ["SELECT 1;\nIF a THEN SELECT 1;\nEND", /^m\.sql:3:4: Syntax error: Expected IF, found the end/],
  ["IF THEN SELECT 1; END IF", /Expected an expression, found THEN/],
  ["FOR r IN SELECT 1 DO SELECT 1; END FOR", /in parentheses/],
  ["DECLARE a", /Expected an expression/],
  ["SET a 1", /Expected "="/],
  ["BEGIN SELECT 1; EXCEPTION WHEN ERROR THEN SELECT 2;", /Expected END/],
  ["x: SELECT 1", /A label stands before/],
  ["LOOP SELECT 1; END WHILE", /Expected LOOP, found WHILE/],
  ["LOOP SELECT 1; END LOOP SELECT 2", /END names SELECT|Expected/],
  [`${"BEGIN ".repeat(60)}${"END; ".repeat(60)}`, /nested deeper than 50/],
  ["SELECT 1; CALL p()", /^m\.sql:1:11: CALL has no form/],
  ["CREATE OR REPLACE PROCEDURE d.p(x INT64) BEGIN SELECT 1; END", /CREATE PROCEDURE has no form/],
])("%s is refused at its place", (sql, message) => {
  expect(() => parseScript(sql, "m.sql")).toThrow(message);
});
