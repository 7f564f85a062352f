import type { Readable } from "node:stream";

/** Objects: large, immutable bytes by name. Written with Cloud Storage in mind; embedded it is a folder. */
export interface Objects {
  /** Durable and whole when it resolves; a reader never sees half an object. Replaces an object of that name. */
  put(name: string, content: Buffer | Readable): Promise<{ readonly bytes: number }>;
  /** Null when there is no such object. */
  get(name: string): Promise<Buffer | null>;
  open(name: string): Promise<Readable | null>;
  list(prefix: string): AsyncIterable<{ readonly name: string; readonly bytes: number }>;
  /** True when it was there. */
  remove(name: string): Promise<boolean>;
}
