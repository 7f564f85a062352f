import { parseScript } from "./blocks.js";
import type { ScriptNode } from "./script-nodes.js";

export type ScriptParser = typeof parseScript;

/** More than the texts of a cycle and of a full build. Tests and ad-hoc queries pass through. */
const KEPT = 64;

/**
 * `parseScript` that remembers the texts it was given last: a cycle's scripts are the same every time, and cutting them
 * into words costs as much as a tenth of the cycle. What does not parse is not remembered.
 */
export function createScriptParser(): ScriptParser {
  const known = new Map<string, readonly ScriptNode[]>();
  return (sql, origin) => {
    const nodes = known.get(sql) ?? parseScript(sql, origin);
    known.delete(sql);
    known.set(sql, nodes);
    if (known.size > KEPT) known.delete(known.keys().next().value ?? "");
    return nodes;
  };
}
