import { afterAll, beforeAll, describe, it } from "vitest";
import { type Case, openTestEngine, type TestEngine } from "./testing.js";
import { expectCase } from "./testing-cases.js";

let engine: TestEngine;
beforeAll(async () => {
  engine = await openTestEngine();
});
afterAll(() => engine.close());

const CASES: readonly Case[] = [
  ["regexp_contains", "STRING STRING", ["a\nb", "a.b"], "false"],
  ["regexp_contains", "BYTES BYTES", ["616263", "62"], "true"],
  ["rx0", "STRING STRING", ["abc", "x"], null],
  ["rx0", "STRING STRING", ["", "x*"], ""],
  ["rx1", "STRING STRING", ["ab", "a(x)?b"], null],
  ["rx1", "STRING STRING", ["", "(a*)"], ""],
  ["rx0", "STRING STRING", ["abc", "^x"], null],
  ["rx0", "STRING STRING", ["abc", "^x*"], ""],
  ["rx1", "STRING STRING", ["ab", "^a(x)?b"], null],
  ["rx1", "STRING STRING", ["abab", "^(x*)a"], ""],
  ["rx1", "STRING STRING", ["abab", "^(.)"], "a"],
  ["rx1", "STRING STRING", ["ab", "^(x)"], null],
  ["rx1", "STRING STRING", ["utm=&x=1", "utm=([^&]*)"], ""],
  ["rx1", "STRING STRING", ["user@example.com", "@(.+)$"], "example.com"],
  ["regexp_extract", "STRING STRING", ["foo", "(?:f)oo"], "foo"],
  ["regexp_extract", "STRING STRING", ["a(b", "a[(]b"], "a(b"],
  ["regexp_extract", "STRING STRING", ["ab", "(a)(b)"], /one group at most/],
  ["regexp_extract", "STRING STRING INT64", ["abcabc", "b.", 3], "bc"],
  ["regexp_extract", "STRING STRING INT64", ["abc", "b", 10], null],
  ["regexp_extract", "STRING STRING INT64", ["abc", "^b", 2], "b"],
  ["regexp_extract", "STRING STRING INT64", ["abc", "b", 0], /must be positive/],
  ["regexp_extract", "STRING STRING INT64 INT64", ["Hello Helloo and Hellooo", "H?ello+", 1, 2], "Helloo"],
  ["regexp_extract", "STRING STRING INT64 INT64", ["abc", "x", 1, 1], null],
  ["regexp_extract_all", "STRING STRING", ["a1b22c333", "[0-9]+"], "[1, 22, 333]"],
  ["regexp_extract_all", "STRING STRING", ["k=v;x=y", "(\\w)="], "[k, x]"],
  ["regexp_extract_all", "STRING STRING", ["abc", "\\d"], "[]"],
  ["regexp_extract_all", "STRING STRING", ["abc", "x*"], "['', '', '']"],
  ["regexp_extract_all", "STRING STRING", ["", "x*"], "['']"],
  ["regexp_extract_all", "STRING STRING", ["aab", "(a*)"], "[aa, '']"],
  ["regexp_extract", "STRING STRING INT64 INT64", ["ab", "b?", 2, 2], null],
  ["regexp_replace", "STRING STRING STRING", ["abc", "x*", "-"], "-a-b-c-"],
  ["regexp_replace", "STRING STRING STRING", ["aabb", "(a+)", "[\\1]"], "[aa]bb"],
  ["regexp_instr", "STRING STRING", ["ab@cd-ef", "@[^-]*"], "3"],
  ["regexp_instr", "STRING STRING", ["a@cd-ef a@gh", "@([^-]*)"], "3"],
  ["regexp_instr", "STRING STRING INT64 INT64", ["ab@cd ab@ef", "@", 1, 2], "9"],
  ["regexp_instr", "STRING STRING INT64", ["aa", "^a", 2], "2"],
  ["regexp_instr", "STRING STRING INT64 INT64 INT64", ["abcabc", "b", 1, 1, 1], "3"],
  ["regexp_instr", "STRING STRING", ["abc", "z"], "0"],
  ["regexp_instr", "STRING STRING", ["é-1", "(?P<digit>[[:digit:]])"], "3"],
  ["regexp_instr", "STRING STRING", ["x@y", "\\@"], "2"],
  ["regexp_instr", "STRING STRING", ["abc", "a(?i)b"], /flags inside/],
];

describe("regular expressions", () => {
  it.each(CASES)("%s(%s) of %j", async (...given) => {
    await expectCase(engine, given);
  });
});
