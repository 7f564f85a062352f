import { expect, test } from "vitest";
import { partitionOf } from "./partition.js";

/** Test vectors of http://www.isthe.com/chongo/src/fnv/test_fnv.c: should one change, stored keys change partition. */
test.each([
  ["", 0x811c9dc5],
  ["a", 0xe40c292c],
  ["foobar", 0xbf9cf968],
])("the hash of %j is FNV-1a", (key, hash) => {
  expect(partitionOf(key, 2 ** 32)).toBe(hash);
  for (const partitions of [1, 4, 12]) expect(partitionOf(key, partitions)).toBe(hash % partitions);
});

test("keys spread over the partitions", () => {
  const counts = [0, 0, 0, 0];
  for (let key = 0; key < 4_000; key++) {
    const partition = partitionOf(`key-${key}`, 4);
    counts[partition] = (counts[partition] ?? 0) + 1;
  }
  for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(200);
});
