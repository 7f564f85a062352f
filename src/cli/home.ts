import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { messageOf, RollcallError } from "../platform/errors.js";
import { makeFolder } from "../platform/folders.js";

/** Where everything stateful of an embedded Rollcall lies. */
export interface Home {
  readonly root: string;
  readonly log: string;
  readonly documents: string;
  readonly warehouse: string;
  readonly objects: string;
  readonly keys: string;
  readonly secrets: string;
  /** The engine's: where it is asked. */
  readonly socket: string;
  /** The edge's: served while one is up. */
  readonly edgeSocket: string;
  readonly runs: string;
  /** Compiled statements: a cache, safe to delete. */
  readonly compiled: string;
  readonly temporary: string;
}

/** Unix socket paths are cut at about this length by the kernel (108 bytes on Linux, 104 on macOS). */
const LONGEST_SOCKET_PATH = 100;

/** Where everything lies in a home, made or not. */
export function homeAt(path: string): Home {
  const root = resolve(path);
  return {
    root,
    log: join(root, "log.sqlite"),
    documents: join(root, "documents.sqlite"),
    warehouse: join(root, "warehouse.duckdb"),
    objects: join(root, "objects"),
    keys: join(root, "keys.json"),
    secrets: join(root, "secrets.json"),
    socket: join(root, "engine.sock"),
    edgeSocket: join(root, "edge.sock"),
    runs: join(root, "runs"),
    compiled: join(root, "compiled"),
    temporary: join(root, "tmp"),
  };
}

/** Whether state lies there; the caches of commands that need none are not of it. */
function isHome(path: string): boolean {
  const { secrets, keys, log, documents, warehouse } = homeAt(path);
  return [secrets, keys, log, documents, warehouse].some((file) => existsSync(file));
}

/** For commands that only read: a mistyped folder must not become an empty warehouse. Throws CONFIG_INVALID where no home is. */
export function refuseMissingHome(path: string): void {
  if (isHome(path)) return;
  const { root } = homeAt(path);
  const demo = demoFolder(root);
  const found = existsSync(root) ? "nothing of one lies in the folder" : "there is no such folder";
  const next = isHome(demo)
    ? `A demo is there: --home ${demo}.`
    : "Check --home and ROLLCALL_HOME; rollcall run, land and up make a home, and rollcall demo makes one with a student body.";
  throw new RollcallError("CONFIG_INVALID", `There is no Rollcall home at ${root}: ${found}. ${next}`, {
    isRetriable: false,
  });
}

/** Where `rollcall demo --home <root>` keeps its own home. */
export function demoFolder(root: string): string {
  return join(root, "demo");
}

/** Makes the folder if it is missing; only its owner may enter it. */
export function openHome(path: string): Home {
  const home = homeAt(path);
  const { root } = home;
  if (Buffer.byteLength(home.socket) > LONGEST_SOCKET_PATH) {
    throw new RollcallError(
      "CONFIG_INVALID",
      `The path ${home.socket} is too long for a socket. Choose a shorter --home.`,
      {
        isRetriable: false,
      },
    );
  }
  try {
    makeFolder(root, 0o700);
    makeFolder(home.temporary, 0o700);
  } catch (cause) {
    throw unusableFolder(root, cause);
  }
  return home;
}

/** What making a state folder ran into: a file of that name, somebody else's folder. */
export function unusableFolder(root: string, cause: unknown): RollcallError {
  return new RollcallError("CONFIG_INVALID", `The state folder ${root} cannot be made: ${messageOf(cause)}.`, {
    isRetriable: false,
    cause,
  });
}
