import { existsSync } from "node:fs";
import { join } from "node:path";

/**
 * Labelled person records that are not part of the project: Splink's fake_1000 (MIT) and Febrl's data sets (BSD-3). Set
 * ROLLCALL_LABELLED to their folder. Their mappings are in tests/data/mappings.
 */
export function findLabelled(name: string): string | null {
  const folders = [process.env.ROLLCALL_LABELLED, join(import.meta.dirname, "../../../shared/data/identity")];
  const files = folders.flatMap((folder) => (folder === undefined ? [] : [join(folder, name)]));
  return files.find((file) => existsSync(file)) ?? null;
}

export function mappingFile(name: string): string {
  return join(import.meta.dirname, "../data/mappings", name);
}
