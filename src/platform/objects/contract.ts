import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Objects } from "./port.js";

/** Objects of their own for one test. */
export interface ObjectsSubject {
  /** Opens the same objects once more, as another process would. */
  open(): Promise<Objects>;
  dispose(): Promise<void>;
}

async function listed(objects: Objects, prefix: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of objects.list(prefix)) names.push(name);
  return names;
}

const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

/** The contract of objects: every adapter passes it. */
export function describeObjects(name: string, create: () => Promise<ObjectsSubject>): void {
  describe(`objects: ${name}`, () => {
    let subject: ObjectsSubject;
    let objects: Objects;

    beforeEach(async () => {
      subject = await create();
      objects = await subject.open();
    });
    afterEach(() => subject.dispose());

    test("an object is read as it was put, from a buffer or a stream", async () => {
      const bytes = Buffer.from([0, 255, 10, 13, 0]);
      expect(await objects.put("exports/a.bin", bytes)).toEqual({ bytes: 5 });
      expect(await objects.put("exports/b.bin", Readable.from([bytes, bytes]))).toEqual({ bytes: 10 });
      expect(await objects.put("empty", Buffer.alloc(0))).toEqual({ bytes: 0 });

      const other = await subject.open();
      expect(await other.get("exports/a.bin")).toEqual(bytes);
      expect(await other.get("exports/b.bin")).toEqual(Buffer.concat([bytes, bytes]));
      expect(await other.get("empty")).toEqual(Buffer.alloc(0));
      const stream = await other.open("exports/b.bin");
      expect(stream && (await buffer(stream))).toEqual(Buffer.concat([bytes, bytes]));
    });

    test("what is not there is null, and removing it says so", async () => {
      await objects.put("a/b", Buffer.from("there"));
      for (const absent of ["nothing", "a", "a/c", "a/b/c"]) {
        expect(await objects.get(absent), absent).toBeNull();
        expect(await objects.open(absent), absent).toBeNull();
      }
      expect(await objects.remove("nothing")).toBe(false);
      expect(await objects.remove("a/b")).toBe(true);
      expect(await objects.remove("a/b")).toBe(false);
      expect(await objects.get("a/b")).toBeNull();
    });

    test("put replaces, and a reader of the old object reads it to its end", async () => {
      const [old, young] = [Buffer.alloc(3_000_000, "o"), Buffer.alloc(2_000_000, "y")];
      await objects.put("large", old);
      const reading = await objects.open("large");
      await objects.put("large", young);
      expect(reading && sha256(await buffer(reading))).toBe(sha256(old));
      expect(sha256((await objects.get("large")) ?? Buffer.of())).toBe(sha256(young));
    });

    test("a put that fails midway leaves what was there, and nothing else", async () => {
      await objects.put("kept", Buffer.from("before"));
      const failure = new Error("the source broke off");
      const failing = (): Readable =>
        Readable.from(
          (function* () {
            yield Buffer.from("half of it");
            throw failure;
          })(),
        );
      await expect(objects.put("kept", failing())).rejects.toBe(failure);
      await expect(objects.put("new", failing())).rejects.toBe(failure);
      expect((await objects.get("kept"))?.toString()).toBe("before");
      expect(await listed(objects, "")).toEqual(["kept"]);
    });

    test("writers of one name: one of them wins, whole", async () => {
      const contents = Array.from({ length: 8 }, (_, at) => Buffer.alloc(100_000, String(at)));
      await Promise.all(contents.map((content) => objects.put("contended", content)));
      const stored = await objects.get("contended");
      expect(contents.some((content) => stored?.equals(content))).toBe(true);
    });

    test("list gives names by prefix, in order, with sizes", async () => {
      const names = ["a/b/1", "a-b", "a/b/10", "a/b/2", "a/bc", "ab", "a.b", "b/a"];
      for (const [at, one] of names.entries()) await objects.put(one, Buffer.alloc(at));
      expect(await listed(objects, "")).toEqual([...names].sort());
      expect(await listed(objects, "a/b")).toEqual(["a/b/1", "a/b/10", "a/b/2", "a/bc"]);
      expect(await listed(objects, "a/b/")).toEqual(["a/b/1", "a/b/10", "a/b/2"]);
      expect(await listed(objects, "a/b/1")).toEqual(["a/b/1", "a/b/10"]);
      expect(await listed(objects, "none/at/all")).toEqual([]);
      const sizes = [];
      for await (const { name: one, bytes } of objects.list("a/")) sizes.push(`${one} ${bytes}`);
      expect(sizes).toEqual(["a/b/1 0", "a/b/10 2", "a/b/2 3", "a/bc 4"]);
    });

    test("names that lead elsewhere are refused", async () => {
      const names = [
        "",
        "/a",
        "a/",
        "a//b",
        "..",
        "../a",
        "a/../b",
        "a/..",
        ".hidden",
        "a/.hidden",
        "a\\b",
        "a\0b",
        "a b",
        "é",
      ];
      for (const refused of [...names, "a".repeat(901)]) {
        const error = { code: "INPUT_INVALID", isRetriable: false };
        await expect(objects.put(refused, Buffer.from("x")), refused).rejects.toMatchObject(error);
        await expect(objects.get(refused), refused).rejects.toMatchObject(error);
        await expect(objects.open(refused), refused).rejects.toMatchObject(error);
        await expect(objects.remove(refused), refused).rejects.toMatchObject(error);
      }
      await expect(listed(objects, "../")).rejects.toMatchObject({ code: "INPUT_INVALID" });
      expect(await listed(objects, "")).toEqual([]);
    });
  });
}
