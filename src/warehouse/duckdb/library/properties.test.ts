import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expand } from "./expand.js";
import { fromBase32, toBase32 } from "./functions/bytes.js";
import { castFromText, castToText } from "./functions/castformat.js";
import { decrypt, encrypt, encryptDeterministically, newKeyset } from "./functions/crypto.js";
import { keyPaths, prettyJson, removeAt, setAt } from "./functions/json.js";
import { ipBytes, ipText } from "./functions/net.js";
import { divideNumeric, doubleText } from "./functions/numerictext.js";
import { editDistance } from "./functions/text.js";
import { formatTime } from "./functions/timeformat.js";
import { parseTime } from "./functions/timeparse.js";
import { quote } from "./sqltext.js";
import { openTestEngine, type TestEngine } from "./testing.js";

let engine: TestEngine;
beforeAll(async () => {
  engine = await openTestEngine();
});
afterAll(() => engine.close());

/** Microseconds from year 1 to year 9999. */
const moment = fc.bigInt({ min: -62_135_596_800_000_000n, max: 253_402_300_799_999_999n });
const recent = fc.bigInt({ min: 0n, max: 4_102_444_800_000_000n });
const bytes = fc.uint8Array({ maxLength: 40 });

describe("time", () => {
  it("reads back what it writes", () => {
    fc.assert(
      fc.property(moment, (micros) => {
        const format = "%E4Y-%m-%dT%H:%M:%E6S";
        expect(parseTime(format, formatTime(format, micros, "DATETIME"), "UTC")).toBe(micros);
        expect(parseTime("%Y %j %I:%M:%E*S %p", formatTime("%E4Y %j %I:%M:%E*S %p", micros, "UTC"), "UTC")).toBe(
          micros,
        );
        const cast = 'DD MON YYYY"/"HH24:MI:SS.FF6';
        expect(castFromText(castToText(micros, cast, "UTC"), cast, "UTC")).toBe(micros);
      }),
    );
  });

  it("reads back what it writes in a zone, when the offset is written too", () => {
    fc.assert(
      fc.property(
        recent,
        fc.constantFrom("America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "+05:45", "UTC"),
        (micros, zone) => {
          const format = "%Y-%m-%d %H:%M:%E*S%Ez";
          expect(parseTime(format, formatTime(format, micros, zone), zone)).toBe(micros);
        },
      ),
    );
  });

  it("writes and reads natively as it does in general", async () => {
    const formats = [
      "%Y-%m-%d %H:%M:%S",
      "%m/%d/%Y",
      "%d.%m.%Y",
      "%FT%TZ",
      "%a %e %b %Y %Q %j %U %W %V %G %u %w %I %p",
    ];
    await fc.assert(
      fc.asyncProperty(recent, fc.constantFrom(...formats), async (micros, format) => {
        const text = new Date(Number(micros / 1000n)).toISOString().replace("T", " ").replace("Z", "+00");
        const [native, general] = await engine.call("format_ts", "STRING TIMESTAMP", [format, text]);
        expect(native).toBe(general);
        if (native === null || format.includes("%Q")) return;
        const [nativeRead, generalRead] = await engine.call("parse_ts", "STRING STRING", [format, native]);
        expect(nativeRead).toBe(generalRead);
      }),
      { numRuns: 60 },
    );
  });
});

describe("texts that are nearly right", () => {
  it("are read, or refused, natively as they are in general", async () => {
    const [format, valid] = ["%Y-%m-%d %H:%M:%S", "2024-03-09 05:04:05"];
    const change = fc.tuple(fc.nat({ max: valid.length }), fc.nat({ max: 2 }), fc.constantFrom(..."0179-+ :/TZ.", ""));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 2 }), async (changes) => {
        const text = changes.reduce(
          (before, [at, cut, put]) => before.slice(0, at) + put + before.slice(at + cut),
          valid,
        );
        const general = outcome(() => parseTime(format, text, "UTC"));
        const native = await engine
          .scalar(
            `SELECT epoch_us(${expand("parse_ts", [quote(format), "x"], ["STRING", "STRING"])}) FROM (SELECT unnest([${quote(text)}]) AS x)`,
          )
          .catch(() => "refused");
        expect([text, native]).toEqual([text, general]);
      }),
      { numRuns: 300 },
    );
  });
});

function outcome(read: () => bigint): string {
  try {
    return String(read());
  } catch {
    return "refused";
  }
}

describe("numbers", () => {
  it("writes a FLOAT64 so that it reads back, in SQL as in JavaScript", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.double({ noNaN: true }), fc.double({ min: -1e6, max: 1e6, noNaN: true })),
        async (x) => {
          const expected = doubleText(x);
          if (Number.isFinite(x)) expect(Number(expected)).toBe(x === 0 ? 0 : x);
          const given = Number.isFinite(x) ? String(x) : x > 0 ? "inf" : "-inf";
          expect(await engine.call("cast_string", "DOUBLE", [given])).toEqual([expected, expected]);
        },
      ),
      { numRuns: 150 },
    );
  });

  it("divides NUMERICs exactly", async () => {
    const numeric = fc
      .tuple(fc.bigInt({ min: -(10n ** 28n), max: 10n ** 28n }), fc.nat({ max: 18 }))
      .map(([units, shift]) => decimal(units / 10n ** BigInt(shift)));
    await fc.assert(
      fc.asyncProperty(numeric, numeric, async (a, b) => {
        fc.pre(!/^-?0\.0+$/.test(b));
        const expected = divideNumeric(a, b);
        fc.pre(expected.replace(/[-.]/g, "").length <= 38);
        expect(await engine.call("numdiv", "NUMERIC NUMERIC", [a, b])).toEqual([expected, expected]);
      }),
      { numRuns: 100 },
    );
  });
});

/** Units of 1e-9 as text. */
function decimal(units: bigint): string {
  const digits = (units < 0n ? -units : units).toString().padStart(10, "0");
  return `${units < 0n ? "-" : ""}${digits.slice(0, -9)}.${digits.slice(-9)}`;
}

describe("JSON", () => {
  it("writes text as JavaScript does", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: "binary", maxLength: 8 }).filter((text) => !/[\0\ufeff]/.test(text)),
        async (text) => {
          const expected = JSON.stringify(text).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
          expect(await engine.call("to_json_string", "STRING", [text])).toEqual([expected, expected]);
        },
      ),
      { numRuns: 100 },
    );
  });

  it("means the same when it is laid out", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(prettyJson(JSON.stringify(value)))).toEqual(JSON.parse(JSON.stringify(value)));
        expect(prettyJson(JSON.stringify(value))).toBe(JSON.stringify(value, null, 2));
      }),
    );
  });

  it("has what was set, and has not what was removed", () => {
    const key = fc.constantFrom("a", "b c", "x");
    fc.assert(
      fc.property(fc.dictionary(key, fc.integer()), fc.array(key, { minLength: 1, maxLength: 3 }), (object, steps) => {
        const cleared = removeAt(object, steps.slice(0, 1));
        const set = setAt(cleared, steps, 7);
        expect(steps.reduce<unknown>((node, step) => (node as Record<string, unknown>)[step], set)).toBe(7);
        expect(keyPaths(removeAt(set, steps.slice(0, 1)))).toEqual(keyPaths(cleared));
      }),
    );
  });
});

describe("bytes", () => {
  it("come back from base 32, from addresses and from encryption", () => {
    const keyset = newKeyset();
    fc.assert(
      fc.property(bytes, bytes, (plain, bound) => {
        expect([...fromBase32(toBase32(plain))]).toEqual([...plain]);
        expect([...decrypt(keyset, encrypt(keyset, plain, bound), bound)]).toEqual([...plain]);
        const sealed = encryptDeterministically(keyset, plain, bound);
        expect([...sealed]).toEqual([...encryptDeterministically(keyset, plain, bound)]);
        expect([...decrypt(keyset, sealed, bound)]).toEqual([...plain]);
        expect(() => decrypt(newKeyset(), sealed, bound)).toThrow();
        expect(() => decrypt(keyset, sealed, Uint8Array.from([...bound, 1]))).toThrow();
      }),
      { numRuns: 30 },
    );
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ minLength: 4, maxLength: 4 }), ipv6()), (address) => {
        expect([...(ipBytes(ipText(address)) ?? [])]).toEqual([...address]);
      }),
    );
  });

  it("are encrypted and decrypted in SQL", async () => {
    expect(
      await engine.scalar(`SELECT decode(u_decrypt(k, u_aead_encrypt(k, encode('Ann'), encode('u1')), encode('u1')))
        FROM (SELECT u_new_keyset('AEAD_AES_GCM_256') AS k)`),
    ).toBe("Ann");
    await expect(engine.scalar("SELECT u_new_keyset('X')")).rejects.toThrow("the type of a keyset is");
  });
});

/** Mostly zeros, so that there are runs to shorten. */
function ipv6(): fc.Arbitrary<Uint8Array> {
  return fc
    .array(fc.oneof(fc.constant(0), fc.nat({ max: 255 })), { minLength: 16, maxLength: 16 })
    .map((list) => Uint8Array.from(list));
}

describe("edit distance", () => {
  it("is a metric", () => {
    const word = fc.string({ unit: fc.constantFrom("a", "b", "é"), maxLength: 6 });
    fc.assert(
      fc.property(word, word, word, (a, b, c) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b) === 0).toBe(a === b);
        expect(editDistance(a, c)).toBeLessThanOrEqual(editDistance(a, b) + editDistance(b, c));
      }),
    );
  });
});
