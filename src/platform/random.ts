/**
 * Numbers in [0, 1), the same for the same seed on every machine: mulberry32,
 * https://gist.github.com/tommyettinger/46a874533244883189143505d203312c. For orders and samples that can be found again, never for
 * keys.
 */
export function createSeededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
