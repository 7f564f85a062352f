import { once } from "node:events";
import { createWriteStream, type WriteStream } from "node:fs";
import { rename, rm, writeFile } from "node:fs/promises";
import { finished } from "node:stream/promises";

/**
 * Writes a file of any size. A reader never sees half of it under its name; nothing is left of one that could not be finished. Throws what
 * the file system says, and what the chunks throw.
 */
export async function writeWhole(path: string, chunks: Iterable<string> | AsyncIterable<string>): Promise<void> {
  const part = `${path}.part`;
  const file = createWriteStream(part);
  try {
    await writeAll(file, chunks);
    await rename(part, path);
  } catch (error) {
    file.destroy();
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

async function writeAll(file: WriteStream, chunks: Iterable<string> | AsyncIterable<string>): Promise<void> {
  await once(file, "open");
  for await (const chunk of chunks) if (!file.write(chunk)) await once(file, "drain");
  file.end();
  await finished(file);
}
