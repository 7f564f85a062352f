import { createWriteStream } from "node:fs";
import { rename, rm, writeFile } from "node:fs/promises";
import { pipeline } from "node:stream/promises";

/**
 * Writes a file of any size. A reader never sees half of it under its name; nothing is left of one that could not be finished. Throws what
 * the file system says, and what the chunks throw.
 */
export async function writeWhole(path: string, chunks: Iterable<string> | AsyncIterable<string>): Promise<void> {
  const part = `${path}.part`;
  try {
    await pipeline(chunks, createWriteStream(part));
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

/** Whether such a file could be written, asked before the work that fills it. Throws what the file system says; leaves nothing. */
export async function checkWritable(path: string): Promise<void> {
  const part = `${path}.part`;
  await writeFile(part, "");
  await rm(part, { force: true });
}
