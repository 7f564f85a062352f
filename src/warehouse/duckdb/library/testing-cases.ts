import { expect } from "vitest";
import type { Case, TestEngine } from "./testing.js";

/** Checks one case in both ways of calling. */
export async function expectCase(engine: TestEngine, [name, kinds, args, expected]: Case): Promise<void> {
  if (expected instanceof RegExp) await expect(engine.call(name, kinds, args)).rejects.toThrow(expected);
  else expect(await engine.call(name, kinds, args)).toEqual([expected, expected]);
}
