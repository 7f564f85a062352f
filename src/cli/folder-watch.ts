import { type FSWatcher, readdirSync, statSync, watch } from "node:fs";
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
 * Tells, once they have been quiet for `settleMs`, that something changed in these folders, new ones inside of deep ones included.
 * Folders are watched and not files: an editor that writes a file anew and renames it is seen each time.
 */
export function watchFolders(folders: WatchedFolders, settleMs: number, onChange: () => void): FolderWatch {
  const watchers = new Map<string, { readonly identity: string; readonly watcher: FSWatcher }>();
  let timer: NodeJS.Timeout | undefined;
  const changed = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      follow();
      onChange();
    }, settleMs);
  };
  /** Null where the folder went between being listed and being watched; its parent tells of that. */
  const watchOne = (folder: string): FSWatcher | null => {
    try {
      return watch(folder, changed).on("error", () => watchers.delete(folder));
    } catch (error) {
      if (isGone(error)) return null;
      throw error;
    }
  };
  const follow = (): void => {
    const present = identities([...folders.flat, ...folders.deep.flatMap(withInner)]);
    for (const [folder, { identity, watcher }] of watchers) {
      // One that was removed and made again at once has its name and none of its watcher.
      if (present.get(folder) === identity) continue;
      watcher.close();
      watchers.delete(folder);
    }
    for (const [folder, identity] of present) {
      if (watchers.has(folder)) continue;
      const watcher = watchOne(folder);
      if (watcher !== null) watchers.set(folder, { identity, watcher });
    }
  };
  follow();
  return {
    close() {
      clearTimeout(timer);
      for (const { watcher } of watchers.values()) watcher.close();
    },
  };
}

/** What tells each folder that is there from another of its name. */
function identities(folders: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    folders.flatMap((folder) => {
      const found = statSync(folder, { bigint: true, throwIfNoEntry: false });
      return found === undefined ? [] : [[folder, `${found.ino} ${found.birthtimeNs}`] as const];
    }),
  );
}

function withInner(folder: string): string[] {
  try {
    const inner = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name));
    return [folder, ...inner];
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
