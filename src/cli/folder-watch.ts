import { existsSync, type FSWatcher, readdirSync, watch } from "node:fs";
import { join } from "node:path";

export interface FolderWatch {
  close(): void;
}

export interface WatchedFolders {
  /** With all folders inside of them; one that is not there yet is waited for where a flat one is around it. */
  readonly deep: readonly string[];
  /** Without the folders inside of them. */
  readonly flat: readonly string[];
}

/**
 * Tells, once they have been quiet for `settleMs`, that something changed in these folders, new ones inside of deep ones included. Folders are watched and not files: an editor that writes a file anew and renames it is seen each time.
 */
export function watchFolders(folders: WatchedFolders, settleMs: number, onChange: () => void): FolderWatch {
  const watchers = new Map<string, FSWatcher>();
  let timer: NodeJS.Timeout | undefined;
  const changed = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      follow();
      onChange();
    }, settleMs);
  };
  const follow = (): void => {
    const present = new Set([...folders.flat, ...folders.deep.flatMap(withInner)]);
    for (const [folder, watcher] of watchers) {
      if (present.has(folder)) continue;
      watcher.close();
      watchers.delete(folder);
    }
    for (const folder of present) {
      if (watchers.has(folder)) continue;
      // A folder may go between being listed and being watched; its parent tells of that.
      const watcher = watch(folder, changed).on("error", () => watchers.delete(folder));
      watchers.set(folder, watcher);
    }
  };
  follow();
  return {
    close() {
      clearTimeout(timer);
      for (const watcher of watchers.values()) watcher.close();
    },
  };
}

function withInner(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const inner = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name));
  return [folder, ...inner];
}
