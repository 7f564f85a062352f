import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expand } from "./expand.js";
import { type Case, openTestEngine, type TestEngine } from "./testing.js";
import { expectCase } from "./testing-cases.js";

let engine: TestEngine;
beforeAll(async () => {
  engine = await openTestEngine();
});
afterAll(() => engine.close());

const CASES: readonly Case[] = [
  ["trim", "STRING", ["\t\u00a0 a b \u3000\n"], "a b"],
  ["trim", "STRING STRING", ["xxhixy", "xy"], "hi"],
  ["trim", "BYTES BYTES", ["615861", "61"], "X"],
  ["ltrim", "STRING", ["\u2003  x "], "x "],
  ["rtrim", "STRING", [" x\r\n"], " x"],
  ["rtrim", "STRING STRING", ["baa", "a"], "b"],
  ["upper", "STRING", ["straße ﬁ ŉ ΐ ẞ ǰ և é"], "STRASSE FI ʼN \u0399\u0308\u0301 ẞ J\u030c ԵՒ É"],
  ["lower", "STRING", ["İ ΟΔΟΣ ΑΣ. ÀÉÎ"], "i̇ οδος ας. àéî"],
  ["substr", "STRING INT64", ["apple", 2], "pple"],
  ["substr", "STRING INT64", ["apple", -2], "le"],
  ["substr", "STRING INT64", ["apple", 123], ""],
  ["substr", "STRING INT64 INT64", ["apple", 0, 3], "app"],
  ["substr", "STRING INT64 INT64", ["apple", -10, 3], "app"],
  ["substr", "STRING INT64 INT64", ["apple", 1, -1], /cannot be negative/],
  ["substr", "STRING INT64 INT64", [null, 1, 2], null],
  ["substr", "BYTES INT64 INT64", ["6170706c65", -10, 3], "app"],
  ["substr", "BYTES INT64 INT64", ["6170706c65", 0, 3], "app"],
  ["substr", "BYTES INT64", ["6170706c65", -2], "le"],
  ["left", "STRING INT64", ["éab", 2], "éa"],
  ["left", "BYTES INT64", ["616263", 2], "ab"],
  ["right", "STRING INT64", ["abc", 0], ""],
  ["right", "STRING INT64", ["ab", 10], "ab"],
  ["left", "STRING INT64", ["ab", -1], /cannot be negative/],
  ["length", "STRING", ["né"], "2"],
  ["length", "BYTES", ["ff0061"], "3"],
  ["byte_length", "STRING", ["é"], "2"],
  ["lpad", "STRING INT64", ["abc", 5], "  abc"],
  ["lpad", "STRING INT64", ["abcdef", 3], "abc"],
  ["lpad", "BYTES INT64 BYTES", ["616263", 5, "2d"], "--abc"],
  ["rpad", "STRING INT64 STRING", ["é", 3, "*"], "é**"],
  ["rpad", "BYTES INT64", ["616263", 2], "ab"],
  ["split", "STRING", ["a,b,,c"], "[a, b, '', c]"],
  ["split", "STRING STRING", ["éa", ""], "[é, a]"],
  ["split", "STRING STRING", [null, ","], null],
  ["instr", "STRING STRING", ["banana", "an"], "2"],
  ["instr", "STRING STRING INT64", ["banana", "an", 3], "4"],
  ["instr", "STRING STRING INT64 INT64", ["banana", "an", -1, 2], "2"],
  ["instr", "STRING STRING INT64 INT64", ["helloooo", "oo", -1, 1], "7"],
  ["instr", "STRING STRING INT64", ["abc", "a", -10], "0"],
  ["instr", "BYTES BYTES INT64", ["62616e616e61", "616e", 3], "4"],
  ["instr", "STRING STRING INT64", ["a", "a", 0], /position must not be 0/],
  ["replace", "STRING STRING STRING", ["abc", "", "x"], "abc"],
  ["repeat", "STRING INT64", ["ab", 3], "ababab"],
  ["repeat", "STRING INT64", ["ab", -1], /cannot be negative/],
  ["reverse", "STRING", ["e\u0301x"], "x\u0301e"],
  ["reverse", "STRING", ["abc"], "cba"],
  ["reverse", "BYTES", ["616263"], "cba"],
  ["initcap", "STRING", ["hello world-foo o'neil 1st"], "Hello World-Foo O'neil 1st"],
  ["initcap", "STRING STRING", ["a-b_c", "_"], "A-b_C"],
  ["soundex", "STRING", ["Ashcraft"], "A261"],
  ["soundex", "STRING", ["Tymczak"], "T520"],
  ["soundex", "STRING", ["lloyd"], "l300"],
  ["soundex", "STRING", ["é"], ""],
  ["normalize", "STRING STRING", ["ﬁ", "NFKC"], "fi"],
  ["normalize", "STRING STRING", ["e\u0301", "NFC"], "é"],
  ["normalize_and_casefold", "STRING", ["Straße ΑΣ"], "strasse ασ"],
  ["to_code_points", "STRING", ["aé"], "[97, 233]"],
  ["to_code_points", "BYTES", ["00ff"], "[0, 255]"],
  ["code_points_to_string", "ARRAY", ["[97, 233]"], "aé"],
  ["code_points_to_string", "ARRAY", ["[97, NULL]"], null],
  ["code_points_to_bytes", "ARRAY", ["[0, 97]"], "\\x00a"],
  ["code_points_to_bytes", "ARRAY", ["[256]"], /between 0 and 255/],
  ["ascii", "STRING", ["A"], "65"],
  ["ascii", "STRING", [""], "0"],
  ["ascii", "STRING", ["é"], /not ASCII/],
  ["unicode", "STRING", [""], "0"],
  ["unicode", "STRING", ["é"], "233"],
  ["chr", "INT64", [233], "é"],
  ["contains_substr", "STRING STRING", ["Élodie ﬁ", "éLODIE FI"], "true"],
  ["search", "STRING STRING", ["The quick brown fox", "QUICK fox"], "true"],
  ["search", "STRING STRING", ["The quick brown fox", "quic"], "false"],
  ["edit_distance", "STRING STRING", ["kitten", "sitting"], "3"],
  ["edit_distance", "STRING STRING", ["éa", "aé"], "2"],
  ["edit_distance", "STRING STRING", [null, "xyz"], null],
  ["edit_distance", "STRING STRING INT64", ["abcdef", "xyz", 2], "2"],
  ["edit_distance", "STRING STRING INT64", [null, "xyz", 2], null],
  ["to_hex", "BYTES", ["00AB"], "00ab"],
  ["from_hex", "STRING", ["abc"], "\\x0A\\xBC"],
  ["to_base32", "BYTES", ["616263"], "MFRGG==="],
  ["from_base32", "STRING", ["MFRGG==="], "abc"],
  ["from_base32", "STRING", ["1"], /not base 32/],
  ["to_base64", "BYTES", ["ff00"], "/wA="],
  ["safe_convert_bytes_to_string", "BYTES", ["61ff62e282"], "a\ufffdb\ufffd"],
  ["like", "STRING STRING", ["a%b", "a\\%b"], "true"],
  ["like", "STRING STRING", ["axb", "a\\%b"], "false"],
];

/** Letters of phonetic and medieval scripts that had no other case when DuckDB's tables were made. */
const NEWER_LETTERS = new Set([
  411, 612, 7305, 7306, 42955, 42956, 42957, 42958, 42959, 42962, 42963, 42964, 42965, 42970, 42971, 42972,
]);

describe("strings", () => {
  it.each(CASES)("%s(%s) of %j", async (...given) => {
    await expectCase(engine, given);
  });

  it("takes the substring that GoogleSQL defines, for any position and length", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: "grapheme", maxLength: 6 }).filter((text) => !text.includes("\0")),
        fc.integer({ min: -9, max: 9 }),
        fc.nat({ max: 9 }),
        async (text, position, length) => {
          const points = [...text];
          const start =
            position > 0 ? position - 1 : position === 0 || -position > points.length ? 0 : points.length + position;
          const expected = points.slice(start, start + length).join("");
          expect(await engine.call("substr", "STRING INT64 INT64", [text, position, length])).toEqual([
            expected,
            expected,
          ]);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("changes case of every letter as JavaScript's Unicode does", async () => {
    // A byte order mark does not reach JavaScript, and surrogates are no text.
    const rows = await engine.connection.runAndReadAll(
      `SELECT i FROM (SELECT i, chr(i::INTEGER) AS c FROM (
         SELECT unnest(list_concat(range(1, 55296), range(57344, 65279), range(65280, 65536))) AS i))
       WHERE ${expand("upper", ["c"], ["STRING"])} <> u_upper(c) OR ${expand("lower", ["c"], ["STRING"])} <> u_lower(c)`,
    );
    expect(
      rows
        .getRows()
        .map(([point]) => Number(point))
        .filter((point) => !NEWER_LETTERS.has(point)),
    ).toEqual([]);
  });
});
