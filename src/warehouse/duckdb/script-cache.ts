import { formatType } from "../googlesql/types.js";
import type { TableCatalog } from "./catalog.js";
import type { FunctionCatalog } from "./function-catalog.js";
import type { TranslatedScript } from "./program.js";
import type { TranslateRequest } from "./translate.js";

/**
 * Whole scripts that were translated against the very same catalog. A cycle runs the same few large texts again and again, and
 * looking at each of their statements costs more than running the small ones. One that runs as part of another is not kept: it
 * may name what that one has made.
 */
export interface ScriptCache {
  get(request: TranslateRequest): TranslatedScript | null;
  set(request: TranslateRequest, script: TranslatedScript): void;
}

/** Catalogs are never changed in place, so that the object stands for what it says. */
type Known = Pick<TranslateRequest, "catalog" | "functions">;

export function createScriptCache(size: number): ScriptCache {
  let known: Known = { catalog: new Map() as TableCatalog, functions: new Map() as FunctionCatalog };
  const scripts = new Map<string, TranslatedScript>();

  const keyOf = ({ sql, params, origin = "" }: TranslateRequest): string => {
    const types = Object.entries(params).map(([name, type]) => `${name} ${formatType(type)}`);
    return [origin, ...types.sort(), sql].join("\n");
  };

  const renew = ({ catalog, functions }: TranslateRequest): void => {
    if (known.catalog === catalog && known.functions === functions) return;
    known = { catalog, ...(functions === undefined ? {} : { functions }) };
    scripts.clear();
  };

  return {
    get(request) {
      if (request.scope !== undefined) return null;
      renew(request);
      return scripts.get(keyOf(request)) ?? null;
    },
    set(request, script) {
      if (request.scope !== undefined) return;
      renew(request);
      scripts.set(keyOf(request), script);
      if (scripts.size > size) scripts.delete(scripts.keys().next().value ?? "");
    },
  };
}
