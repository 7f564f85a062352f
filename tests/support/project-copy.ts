import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../..");
const PARTS = ["definitions", "includes", "dataform.json", "package.json"];

/** The models in a folder of their own, where a test may change them. */
export interface ProjectCopy {
  readonly root: string;
  /** Puts a text that stands once in a file in the place of another. */
  replace(file: string, from: string, to: string): void;
  dispose(): void;
}

export function copyProject(): ProjectCopy {
  const root = mkdtempSync(join(tmpdir(), "rollcall-project-"));
  for (const part of PARTS) cpSync(join(ROOT, part), join(root, part), { recursive: true });
  return {
    root,
    replace: (file, from, to) => {
      const parts = readFileSync(join(root, file), "utf8").split(from);
      if (parts.length !== 2) throw new Error(`"${from}" stands ${parts.length - 1} times in ${file}`);
      writeFileSync(join(root, file), parts.join(to));
    },
    dispose: () => rmSync(root, { recursive: true, force: true }),
  };
}
