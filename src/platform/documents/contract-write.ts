import { expect, test } from "vitest";
import { startChild } from "../testing/child.js";
import type { Fixture } from "./contract.js";
import type { Document, Json } from "./port.js";

const CHILD = new URL("./contract.child.ts", import.meta.url);
const INVALID = { code: "INPUT_INVALID", isRetriable: false };

interface Lesson extends Document {
  readonly [field: string]: Json | undefined;
}

const SPEC = { name: "lessons", indexes: [["course"], ["course", "at"]] } as const;

export function writingTests(fixture: Fixture): void {
  const lessons = async () => (await fixture.open()).collection<Lesson>(SPEC);

  test("a document is read as it was put, and replaced as a whole", async () => {
    const collection = await lessons();
    const document = {
      _id: "one",
      course: "Börse für Anfänger \u{1f393}",
      nested: { list: [1, -0.5, 1e21, "two", null, true, { deep: [[]] }], empty: {} },
      control: "a\u0000b\u2028c\\\"'",
      number: Number.MAX_SAFE_INTEGER,
    };
    await collection.put([document]);
    expect(await (await lessons()).get("one")).toEqual(document);

    await collection.put([{ _id: "one", at: 5 }]);
    expect(await collection.get("one")).toEqual({ _id: "one", at: 5 });
    expect(await collection.get("two")).toBeNull();
    expect(await collection.count()).toBe(1);
  });

  test("ids of any characters stay apart", async () => {
    const collection = await lessons();
    const ids = [
      "",
      " ",
      "a",
      "A",
      "a ",
      "'",
      '"',
      "a\u0000b",
      "a\u0000c",
      "%",
      "_",
      "$.x",
      "1",
      "01",
      "1.0",
      "null",
      "é",
      "e\u0301",
      "\u{1f393}",
      "\n",
    ];
    await collection.put(ids.map((_id, at) => ({ _id, at })));
    expect(await collection.count()).toBe(ids.length);
    for (const [at, _id] of ids.entries()) expect(await collection.get(_id)).toEqual({ _id, at });
    const some = await collection.getMany(["'", "a\u0000c", "absent", "'"]);
    expect(some.map(({ _id }) => _id).sort()).toEqual(["'", "a\u0000c"]);
    expect(await collection.getMany([])).toEqual([]);
    expect(await collection.remove(["a\u0000b", "absent", "1"])).toBe(2);
    expect(await collection.get("a\u0000c")).not.toBeNull();
    expect(await collection.get("01")).not.toBeNull();
  });

  test("an id or an indexed text that has no UTF-8 form is refused, and a field that is indexed takes no list", async () => {
    const collection = await lessons();
    await expect(collection.put([{ _id: "\ud800" }])).rejects.toMatchObject(INVALID);
    await expect(collection.get("\udfff")).rejects.toMatchObject(INVALID);
    await expect(collection.put([{ _id: "one", course: "\ud800" }])).rejects.toMatchObject(INVALID);
    await expect(collection.put([{ _id: "one", course: ["a list"] }])).rejects.toMatchObject(INVALID);
    await expect(collection.insert({ _id: "one", course: { an: "object" } })).rejects.toMatchObject(INVALID);
    await expect(collection.put([{ _id: "one", at: Number.NaN }])).rejects.toMatchObject(INVALID);
    expect(await collection.count()).toBe(0);
  });

  test("put is all or nothing", async () => {
    const collection = await lessons();
    await collection.put([{ _id: "one", at: 1 }]);
    const batch = [
      { _id: "one", at: 2 },
      { _id: "two", at: 2 },
      { _id: "three", course: ["refused"] },
    ];
    await expect(collection.put(batch)).rejects.toMatchObject(INVALID);
    expect(await collection.find({})).toEqual([{ _id: "one", at: 1 }]);
    await collection.put([]);
    await collection.put([
      { _id: "two", at: 1 },
      { _id: "two", at: 9 },
    ]);
    expect(await collection.get("two")).toEqual({ _id: "two", at: 9 });
  });

  test("insert takes an id once, whoever else tries", async () => {
    const [left, right] = [await lessons(), await lessons()];
    const outcomes = await Promise.all([
      left.insert({ _id: "one", by: "left" }),
      right.insert({ _id: "one", by: "right" }),
    ]);
    expect([...outcomes].sort()).toEqual([false, true]);
    expect(await left.get("one")).toEqual({ _id: "one", by: outcomes[0] ? "left" : "right" });
    expect(await left.insert({ _id: "one", by: "late" })).toBe(false);
    expect(await right.get("one")).toEqual({ _id: "one", by: outcomes[0] ? "left" : "right" });
  });

  test("replaceIf replaces only what still has the expected value", async () => {
    const collection = await lessons();
    expect(await collection.replaceIf({ _id: "one" }, "version", null)).toBe(false);
    expect(await collection.get("one")).toBeNull();

    const cases = [
      { stored: { version: 1 }, field: "version", equal: [1], different: [2, "1", true, null] },
      { stored: { version: "1" }, field: "version", equal: ["1"], different: [1, "", null] },
      { stored: { version: true }, field: "version", equal: [true], different: [false, 1, "true", null] },
      { stored: { version: false }, field: "version", equal: [false], different: [true, 0, "", null] },
      { stored: { version: null }, field: "version", equal: [null], different: [0, "", false] },
      { stored: {}, field: "version", equal: [null], different: [0, ""] },
      { stored: { version: [1] }, field: "version", equal: [], different: [null, "[1]"] },
      { stored: { lease: { owner: "a\u0000b" } }, field: "lease.owner", equal: ["a\u0000b"], different: ["a", null] },
      { stored: { at: 0.1 + 0.2 }, field: "at", equal: [0.1 + 0.2], different: [0.3] },
    ];
    for (const { stored, field, equal, different } of cases) {
      for (const [expected, wins] of [
        ...equal.map((value) => [value, true] as const),
        ...different.map((value) => [value, false] as const),
      ]) {
        await collection.put([{ _id: "one", ...stored }]);
        const label = `${JSON.stringify(stored)} with ${JSON.stringify(expected)}`;
        expect(await collection.replaceIf({ _id: "one", won: true }, field, expected), label).toBe(wins);
        expect(await collection.get("one"), label).toEqual(
          wins ? { _id: "one", won: true } : { _id: "one", ...stored },
        );
      }
    }
  });

  test("of two that replace the same version, one wins", async () => {
    const [left, right] = [await lessons(), await lessons()];
    for (let version = 0; version < 20; version++) {
      await left.put([{ _id: "one", version }]);
      const next = { _id: "one", version: version + 1 };
      const outcomes = await Promise.all([
        left.replaceIf({ ...next, by: "left" }, "version", version),
        right.replaceIf({ ...next, by: "right" }, "version", version),
      ]);
      expect(outcomes.filter(Boolean)).toHaveLength(1);
      expect(await left.get("one")).toEqual({ ...next, by: outcomes[0] ? "left" : "right" });
    }
  });

  test("collections keep to themselves, also when their names differ by case only", async () => {
    const documents = await fixture.open();
    const lower = await documents.collection<Lesson>({ name: "lessons" });
    const upper = await documents.collection<Lesson>({ name: "Lessons" });
    await lower.put([{ _id: "one" }]);
    expect(await upper.get("one")).toBeNull();
    for (const name of ["", "a b", "a-b", "1a", 'a"', "ä", "sqlite.x", "a".repeat(65)]) {
      await expect(documents.collection({ name }), name).rejects.toMatchObject(INVALID);
    }
  });

  test("another process writes at the same time: nobody fails and nothing is lost", async () => {
    const collection = await lessons();
    const { module, config } = fixture.subject.child;
    const child = startChild(CHILD, [module, config, SPEC.name, "200"]);
    let number = 0;
    for await (const _ of child.lines) await collection.put([{ _id: `parent-${number++}` }]);
    expect(await child.exited).toBe(0);
    expect(number).toBe(200);
    expect(await collection.count()).toBe(400);
  });

  test("what was acknowledged to a process that is then killed is there", async () => {
    const collection = await lessons();
    const { module, config } = fixture.subject.child;
    const child = startChild(CHILD, [module, config, SPEC.name, "1000000"]);
    const acknowledged: string[] = [];
    for await (const id of child.lines) {
      acknowledged.push(id);
      if (acknowledged.length === 150) await child.kill();
    }
    expect(acknowledged.length).toBeGreaterThanOrEqual(150);
    expect(await collection.getMany(acknowledged)).toHaveLength(acknowledged.length);
    await collection.put([{ _id: "after" }]);
    expect(await collection.get("after")).toEqual({ _id: "after" });
  });
}
