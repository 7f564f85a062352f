/**
 * The partition of a key: 32-bit FNV-1a over its UTF-8 bytes, modulo the number of partitions.
 * It must never change: records of one key would lose their order.
 * http://www.isthe.com/chongo/tech/comp/fnv/
 */
export function partitionOf(key: string, partitions: number): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(key, "utf8")) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0) % partitions;
}
