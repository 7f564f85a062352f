import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_DEPTH, parseJson } from "./parse-json.js";

function read(text: string): unknown {
  const parsed = parseJson(Buffer.from(text));
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.value;
}

function nested(depth: number): string {
  return "[".repeat(depth) + "]".repeat(depth);
}

describe("parseJson", () => {
  it("reads what JSON.parse reads", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        const text = JSON.stringify(value);
        fc.pre(!text.includes("__proto__"));
        expect(read(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it.each([
    ["9007199254740991", 9007199254740991],
    ["9007199254740993", "9007199254740993"],
    ["-9007199254740993", "-9007199254740993"],
    ["9223372036854775807", "9223372036854775807"],
    ["123456789.123456789", "123456789.123456789"],
    ["0.1", 0.1],
    ["0.30000000000000004", 0.30000000000000004],
    ["1.5000000000000000000", 1.5],
    ["100000000000000000000", 1e20],
    ["1e400", "1e400"],
    ["-1E+400", "-1E+400"],
    ["1e-400", "1e-400"],
    ["1e300", 1e300],
    ["0e999", 0],
    ["1.7976931348623157e308", 1.7976931348623157e308],
  ])("number %s", (literal, expected) => {
    expect(read(`{"a":[${literal}]}`)).toEqual({ a: [expected] });
  });

  it("leaves digits inside strings and keys alone", () => {
    const text = '{"12345678901234567890":"9007199254740993 \\" 9007199254740993","b":9007199254740993,"c":"1e400"}';
    expect(read(text)).toEqual({
      "12345678901234567890": '9007199254740993 " 9007199254740993',
      b: "9007199254740993",
      c: "1e400",
    });
  });

  it.each([
    ["malformed_json", Buffer.from('{"a":')],
    ["malformed_json", Buffer.from("")],
    ["malformed_json", Buffer.from("{'a':1}")],
    ["malformed_json", Buffer.from("NaN")],
    ["malformed_json", Buffer.from("[9007199254740993,]")],
    ["invalid_utf8", Buffer.from([0x22, 0xff, 0x22])],
    ["invalid_utf8", Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
    ["too_deep", Buffer.from(nested(MAX_DEPTH + 1))],
    ["too_deep", Buffer.from(nested(100_000))],
    ["too_deep", Buffer.from(`${'{"a":'.repeat(MAX_DEPTH + 1)}1${"}".repeat(MAX_DEPTH + 1)}`)],
  ])("refuses as %s", (reason, bytes) => {
    expect(parseJson(bytes)).toEqual({ ok: false, reason });
  });

  it("takes the deepest that is allowed", () => {
    expect(parseJson(Buffer.from(nested(MAX_DEPTH))).ok).toBe(true);
  });

  it("skips a byte order mark", () => {
    expect(read("\ufeff{}")).toEqual({});
  });

  it("drops __proto__, however it is written, and touches no prototype", () => {
    const value = read('{"a":{"__proto__":{"isAdmin":true},"b":1},"\\u005f_proto__":{"isAdmin":true}}');
    expect(JSON.stringify(value)).toBe('{"a":{"b":1}}');
    expect((value as { isAdmin?: boolean }).isAdmin).toBeUndefined();
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  it("replaces half a surrogate pair, which no encoding can write", () => {
    expect(read('{"a":"x\\ud800y","\\udc00":["\\ud83d\\ude00"]}')).toEqual({ a: "x\ufffdy", "\ufffd": ["😀"] });
  });
});
