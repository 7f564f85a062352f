import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createManualClock, isoToMicros, microsToIso, systemClock } from "./clock.js";

describe("the manual clock", () => {
  test("wakes who is due, and nobody else", async () => {
    const clock = createManualClock(1_000);
    const woken: string[] = [];
    const sleepers = [10, 20].map((ms) => clock.sleep(ms).then(() => woken.push(`${ms}`)));
    clock.advance(10);
    await sleepers[0];
    expect(clock.now()).toBe(1_010);
    expect(woken).toEqual(["10"]);
    clock.advance(10);
    await sleepers[1];
    expect(woken).toEqual(["10", "20"]);
  });
});

describe.each([
  ["manual", createManualClock(0)],
  ["system", systemClock],
])("a sleeper of the %s clock", (_, clock) => {
  test("is woken by its signal, without an error", async () => {
    const abort = new AbortController();
    const sleeping = clock.sleep(3_600_000, abort.signal);
    abort.abort();
    await expect(sleeping).resolves.toBeUndefined();
    await expect(clock.sleep(3_600_000, abort.signal)).resolves.toBeUndefined();
  });
});

describe("times as text", () => {
  test.each([
    ["2026-01-31T09:30:00.123456Z", "2026-01-31T09:30:00.123456Z"],
    ["2026-01-31T09:30:00Z", "2026-01-31T09:30:00.000000Z"],
    ["2026-01-31T09:30:00", "2026-01-31T09:30:00.000000Z"],
    ["2026-01-31 09:30", "2026-01-31T09:30:00.000000Z"],
    ["2026-01-31T09:30:00.1+02:00", "2026-01-31T07:30:00.100000Z"],
    ["2026-01-31T09:30:00.123456789-0530", "2026-01-31T15:00:00.123456Z"],
    ["+002026-01-31T09:30:00Z", "2026-01-31T09:30:00.000000Z"],
    ["1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"],
  ])("%s is %s", (text, iso) => {
    const micros = isoToMicros(text);
    expect(micros === null ? null : microsToIso(micros)).toBe(iso);
  });

  test.each(["", "yesterday", "2026-01-31", "2026-13-01T00:00:00Z", "2026-01-31T25:00:00Z", "1769851800"])(
    "%j is no time",
    (text) => {
      expect(isoToMicros(text)).toBeNull();
    },
  );

  test("reading undoes writing, from year 0 to 2255", () => {
    const micros = fc.integer({ min: -62_167_219_200_000_000, max: Number.MAX_SAFE_INTEGER });
    fc.assert(fc.property(micros, (time) => isoToMicros(microsToIso(time)) === time));
  });
});
