import type { SourcePosition } from "../googlesql/lexer.js";
import type { Action } from "../project/action.js";
import type { AnalysisFailure } from "./analyse.js";
import { placeInConfig } from "./config-place.js";
import { offsetAt, wordAt } from "./positions.js";
import type { ProjectFiles } from "./project-files.js";
import type { SourceMap } from "./source-map.js";
import { framesOf } from "./stack.js";

export interface Place extends SourcePosition {
  readonly file: string;
  /** `${...}` as written, where the place is in what it gives. */
  readonly expression: string | null;
}

export interface PlaceDeps {
  readonly root: string;
  readonly map: SourceMap;
  readonly files: ProjectFiles;
  /** The stack of the call that made an action in JavaScript, by action id. */
  readonly calls: ReadonlyMap<string, string>;
}

/** How far from a text of a file what is said of it may be. */
const FURTHEST = 600;

/**
 * Where to repair a statement that does not analyse: the very character where the text is of a file, `${...}` where an expression gave
 * it, the word of the config where Dataform made it of that, the call where JavaScript made the action.
 */
export function placeOfFailure(
  failure: AnalysisFailure,
  fileName: string,
  action: Action | null,
  deps: PlaceDeps,
): Place {
  const { line, column } = failure.error.details;
  const index = offsetAt(failure.script, { line: Number(line), column: Number(column) });
  const exact =
    deps.map.locate(failure.make, index) ??
    textBefore(failure, index, deps.map) ??
    textBehind(failure, index, deps.map);
  if (exact !== null) return exact;
  const made = (action === null ? undefined : deps.calls.get(action.id)) ?? "";
  const call = framesOf(made, deps.root).find(({ file }) => file.startsWith("definitions/"));
  if (call !== undefined) return { ...call, expression: null };
  const source = deps.files.read(fileName) ?? "";
  const after = action?.parent == null ? null : "assertions";
  return { file: fileName, ...placeInConfig(source, wordAt(failure.script, index), after), expression: null };
}

/** What has no form is told of its statement where nothing says more: that begins with words of ours. */
function textBehind(failure: AnalysisFailure, index: number, map: SourceMap): Place | null {
  if (failure.error.code !== "SQL_UNSUPPORTED") return null;
  for (let at = index; at < Math.min(failure.script.length, index + FURTHEST); at += 1) {
    if (/\s/.test(failure.script[at] ?? " ")) continue;
    const place = map.locate(failure.make, at);
    if (place !== null) return place;
  }
  return null;
}

/** What a text lacks is noticed in what is put behind it. */
function textBefore(failure: AnalysisFailure, index: number, map: SourceMap): Place | null {
  if (!failure.error.message.includes("Syntax error")) return null;
  for (let at = index - 1; at >= Math.max(0, index - FURTHEST); at -= 1) {
    if (/\s/.test(failure.script[at] ?? " ")) continue;
    const place = map.locate(failure.make, at);
    if (place !== null) return place;
  }
  return null;
}
