import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { messageOf, RollcallError } from "../platform/errors.js";

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

/** Makes the folder if it is missing; only its owner may enter it. */
export function openHome(path: string): Home {
  const root = resolve(path);
  const home: Home = {
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
    mkdirSync(root, { recursive: true, mode: 0o700 });
    mkdirSync(home.temporary, { recursive: true, mode: 0o700 });
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
