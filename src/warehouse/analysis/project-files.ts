import { readFileSync } from "node:fs";
import path from "node:path";

/** The files of a project as they were when first asked for. */
export interface ProjectFiles {
  /** By the path inside the project; null for a file that is not there. */
  read(file: string): string | null;
}

export function createProjectFiles(root: string): ProjectFiles {
  const known = new Map<string, string | null>();
  return {
    read(file) {
      const kept = known.get(file);
      if (kept !== undefined) return kept;
      const text = readOrNull(path.join(root, file));
      known.set(file, text);
      return text;
    },
  };
}

function readOrNull(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}
