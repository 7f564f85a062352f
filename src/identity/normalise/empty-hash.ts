/** MD5, SHA-1, SHA-224, SHA-256 and SHA-512 of the empty string. */
const EMPTY_HASHES: ReadonlySet<string> = new Set([
  "d41d8cd98f00b204e9800998ecf8427e",
  "da39a3ee5e6b4b0d3255bfef95601890afd80709",
  "d14a028c2a3a2bc9476102bb288234c415a2b01f828ea62ac5b3e42f",
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
]);

/** Whether a value is what a pipeline makes of a missing one when it hashes first and asks later. */
export function isEmptyHash(value: string): boolean {
  return EMPTY_HASHES.has(value.toLowerCase());
}
