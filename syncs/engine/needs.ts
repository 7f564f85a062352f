import type { ObjectSpec } from "./target.js";

/** The columns of its table that a sync goes by, whatever it delivers, each with what it is to it. */
export function columnsOfSync(object: ObjectSpec): Readonly<Record<string, string>> {
  const steering =
    object.mode === "append" ? { ingested_at: "what is new" } : { row_hash: "what changed", is_removed: "what goes" };
  const successor =
    object.mode === "state" && object.successor !== undefined ? { [object.successor]: "the successor" } : {};
  return { ...steering, ...successor, [object.key]: "the key" };
}
