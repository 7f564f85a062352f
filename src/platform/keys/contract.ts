import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Keys } from "./port.js";

/** Keys of their own for one test. */
export interface KeysSubject {
  /** Opens the same keys once more, as another process would. */
  open(): Promise<Keys>;
  /** Keys of another deployment. */
  openOther(): Promise<Keys>;
  dispose(): Promise<void>;
}

/** The contract of keys: every adapter passes it. */
export function describeKeys(name: string, create: () => Promise<KeysSubject>): void {
  describe(`keys: ${name}`, () => {
    let subject: KeysSubject;
    let keys: Keys;

    beforeEach(async () => {
      subject = await create();
      keys = await subject.open();
    });
    afterEach(() => subject.dispose());

    test("the pepper is one and the same, long enough, and of this deployment only", async () => {
      const pepper = await keys.pepper();
      expect(pepper.length).toBeGreaterThanOrEqual(32);
      expect(await keys.pepper()).toEqual(pepper);
      expect(await (await subject.open()).pepper()).toEqual(pepper);
      expect(await (await subject.openOther()).pepper()).not.toEqual(pepper);
    });

    test("who changes the pepper in hand changes nobody else's", async () => {
      const pepper = await keys.pepper();
      const before = Buffer.from(pepper);
      pepper.fill(0);
      expect(await keys.pepper()).toEqual(before);
    });

    test("what was wrapped is unwrapped, also by another process; the wrapped form does not show it", async () => {
      const other = await subject.open();
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ minLength: 16, maxLength: 64 }), async (bytes) => {
          const dataKey = Buffer.from(bytes);
          const wrapped = await keys.wrap(dataKey);
          expect(wrapped.includes(dataKey)).toBe(false);
          expect(await other.unwrap(wrapped)).toEqual(dataKey);
        }),
        { numRuns: 50 },
      );
    });

    test("wrapping the same key twice does not show that it is the same", async () => {
      const dataKey = Buffer.alloc(32, 7);
      expect((await keys.wrap(dataKey)).equals(await keys.wrap(dataKey))).toBe(false);
    });

    test("altered, cut or foreign bytes are refused", async () => {
      const refused = { code: "KEYS_FAILED", isRetriable: false };
      const wrapped = await keys.wrap(Buffer.alloc(32, 7));
      for (let at = 0; at < wrapped.length; at++) {
        const altered = Buffer.from(wrapped);
        altered.writeUInt8(altered.readUInt8(at) ^ 1, at);
        await expect(keys.unwrap(altered), `byte ${at}`).rejects.toMatchObject(refused);
      }
      for (const length of [0, 1, 12, 28, wrapped.length - 1]) {
        await expect(keys.unwrap(wrapped.subarray(0, length)), `${length} bytes`).rejects.toMatchObject(refused);
      }
      await expect((await subject.openOther()).unwrap(wrapped)).rejects.toMatchObject(refused);
    });
  });
}
