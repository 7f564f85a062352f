import { describe, expect, test } from "vitest";
import type { TableCatalog } from "./catalog.js";
import type { FunctionCatalog } from "./function-catalog.js";
import { FunctionScope } from "./functions.js";
import type { TranslatedScript } from "./program.js";
import { createScriptCache } from "./script-cache.js";
import type { TranslateRequest } from "./translate.js";

const script = (): TranslatedScript => ({ statements: [], handlers: [] });
const catalog: TableCatalog = new Map();
const functions: FunctionCatalog = new Map();
const request: TranslateRequest = {
  sql: "SELECT @n",
  params: { n: { kind: "INT64" } },
  catalog,
  functions,
  origin: "gold layer",
};

describe("a script is found again", () => {
  const cases: readonly (readonly [string, TranslateRequest, boolean])[] = [
    ["when nothing differs", { ...request, params: { n: { kind: "INT64" } } }, true],
    ["not with another text", { ...request, sql: "SELECT @n + 1" }, false],
    ["not with a parameter of another type", { ...request, params: { n: { kind: "STRING" } } }, false],
    ["not for another file, whose name errors tell", { ...request, origin: "silver layer" }, false],
    ["not after tables changed", { ...request, catalog: new Map() }, false],
    ["not after functions changed", { ...request, functions: new Map() }, false],
    ["not as part of a script that may have made functions", { ...request, scope: new FunctionScope() }, false],
  ];
  test.each(cases)("%s", (_, asked, isFound) => {
    const cache = createScriptCache(5);
    const translated = script();
    cache.set(request, translated);
    expect(cache.get(asked)).toBe(isFound ? translated : null);
  });

  test("not when it ran as part of another", () => {
    const cache = createScriptCache(5);
    cache.set({ ...request, scope: new FunctionScope() }, script());
    expect(cache.get(request)).toBeNull();
  });

  test("not when what it was translated against is no longer so, though that came back", () => {
    const cache = createScriptCache(5);
    cache.set(request, script());
    cache.set({ ...request, catalog: new Map() }, script());
    expect(cache.get(request)).toBeNull();
  });

  test("as long as it is not the oldest of too many", () => {
    const cache = createScriptCache(2);
    const texts = ["SELECT 1", "SELECT 2", "SELECT 3"];
    for (const sql of texts) cache.set({ ...request, sql }, script());
    expect(texts.map((sql) => cache.get({ ...request, sql }) !== null)).toEqual([false, true, true]);
  });
});
