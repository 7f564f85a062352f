/**
 * Keys: the pepper behind every identifier's HMAC, and the key-encryption key that wraps data keys.
 * Written with Cloud KMS in mind; embedded it is one key file with mode 0600. Key material never leaves memory elsewhere.
 */
export interface Keys {
  /** The pepper, at least 32 bytes. It never rotates: all ids depend on it. */
  pepper(): Promise<Buffer>;
  /** Encrypts a data key for storage beside the data. */
  wrap(dataKey: Buffer): Promise<Buffer>;
  /** Throws KEYS_FAILED (not retriable) when the bytes were not wrapped by this key or were altered. */
  unwrap(wrapped: Buffer): Promise<Buffer>;
}
