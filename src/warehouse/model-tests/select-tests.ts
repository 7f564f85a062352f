import { RollcallError } from "../../platform/errors.js";
import { nearestNames } from "../project/suggest.js";
import type { ListedTest } from "./test-suite.js";

/**
 * Tests by pattern, in the order of the list; all without one. A pattern is, the first that fits: a test's whole name;
 * a model or table it is about (`gold.profiles`, `profiles`), or their dataset; a file or folder
 * (`definitions/gold/profiles.test.yaml`, with `:12` the test of that line); or a part of a name. `*` stands for any text.
 *
 * Throws INPUT_INVALID for a pattern that matches nothing, with what may have been meant.
 */
export function selectTests(tests: readonly ListedTest[], patterns: readonly string[]): ListedTest[] {
  if (patterns.length === 0) return [...tests];
  const selected = new Set(patterns.flatMap((pattern) => matching(tests, pattern)));
  return tests.filter((test) => selected.has(test));
}

type Match = (test: ListedTest) => boolean;

function matching(tests: readonly ListedTest[], pattern: string): ListedTest[] {
  for (const match of [byName(pattern), bySubject(pattern), byFile(tests, pattern), byPartOfName(pattern)]) {
    const found = tests.filter(match);
    if (found.length > 0) return found;
  }
  throw new RollcallError("INPUT_INVALID", `no test matches "${pattern}"${suggestion(tests, pattern)}`, {
    isRetriable: false,
  });
}

function byName(pattern: string): Match {
  const matches = globOf(pattern);
  return ({ name }) => matches(name);
}

function bySubject(pattern: string): Match {
  const matches = globOf(pattern);
  return ({ models, tables }) =>
    [...models, ...tables].some((id) => [id, ...id.split(".")].some((subject) => matches(subject)));
}

function byFile(tests: readonly ListedTest[], pattern: string): Match {
  const [, path = pattern, line] = /^(.*?)(?::(\d+))?$/.exec(pattern) ?? [];
  const wanted = path.replace(/^\.\//, "").replace(/\/$/, "");
  const matches = globOf(wanted);
  const isFile = (file: string): boolean =>
    matches(file) || file.endsWith(`/${wanted}`) || file.startsWith(`${wanted}/`) || wanted.endsWith(`/${file}`);
  if (line === undefined) return ({ file }) => isFile(file);
  const before = tests.filter((test) => isFile(test.file) && test.line <= Number(line));
  return (test) => test === before.at(-1);
}

function byPartOfName(pattern: string): Match {
  return ({ name }) => name.toLowerCase().includes(pattern.toLowerCase());
}

/** `*` matches any text; capitals do not count. */
function globOf(pattern: string): (text: string) => boolean {
  const parts = pattern.split("*").map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const expression = new RegExp(`^${parts.join(".*")}$`, "i");
  return (text) => expression.test(text);
}

function suggestion(tests: readonly ListedTest[], pattern: string): string {
  const known = new Set(tests.flatMap(({ name, models, tables, file }) => [name, ...models, ...tables, file]));
  const near = nearestNames(pattern, [...known]);
  const hint = "rollcall test --list shows all";
  if (near.length === 0) return `; ${hint}`;
  return `. Did you mean ${near.map((name) => JSON.stringify(name)).join(" or ")}? ${hint}`;
}
