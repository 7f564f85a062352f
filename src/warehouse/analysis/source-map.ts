import path from "node:path";
import { positionAt, type SourcePosition } from "../googlesql/lexer.js";
import type { Action, CompiledProject } from "../project/action.js";
import { compileWhatCan } from "../project/compile.js";
import { END_MARK, MARK_LENGTH, type Mark, type MarkLevel, markAt, markSource, withoutMarks } from "./marks.js";
import { createProjectFiles, type ProjectFiles } from "./project-files.js";

/** Where a piece of compiled SQL was written. */
export interface SourcePlace extends SourcePosition {
  /** Path inside the project. */
  readonly file: string;
  /** `${...}` as written, where the piece is of what an expression gives; the place is the expression's then. */
  readonly expression: string | null;
}

/**
 * From compiled SQL back to the files of the project. The project is compiled once more for it, with marks in its texts, when the
 * first place is asked for.
 */
export interface SourceMap {
  /**
   * Where `index` of `make(project)` was written; null for text that Dataform or we put around it, or that a macro changed on its
   * way. `make` picks the text out of a compiled project, or makes it of texts there, and has to do the same with any project of this
   * shape: it is given the marked one. Null stands for "not there".
   */
  locate(make: (project: CompiledProject) => string | null, index: number): SourcePlace | null;
}

export interface SourceMapConfig {
  readonly project: CompiledProject;
  /** Those the project was compiled with. */
  readonly vars: Readonly<Record<string, string>>;
}

const LEVELS: readonly MarkLevel[] = ["sql", "outer"];

interface PlacedMark extends Mark {
  readonly file: string;
}

interface MarkedProject {
  readonly project: CompiledProject;
  readonly marks: readonly PlacedMark[];
}

export function createSourceMap(config: SourceMapConfig): SourceMap {
  const files = createProjectFiles(config.project.root);
  const compiled = new Map<MarkLevel, MarkedProject>();

  const markedProject = (level: MarkLevel): MarkedProject => {
    const known = compiled.get(level) ?? compileMarked(config, level);
    compiled.set(level, known);
    return known;
  };

  return {
    locate(make, index) {
      const text = make(config.project);
      if (text === null) return null;
      for (const level of LEVELS) {
        const { project, marks } = markedProject(level);
        const marked = make(project);
        const found = marked === null ? null : follow(text, marked, index);
        if (found === null) continue;
        const mark = found.mark === null ? undefined : marks[found.mark];
        return mark === undefined ? null : placeOf(files, mark, found.behind);
      }
      return null;
    },
  };
}

function compileMarked({ project, vars }: SourceMapConfig, level: MarkLevel): MarkedProject {
  const marks: PlacedMark[] = [];
  const marked = compileWhatCan({
    root: project.root,
    vars,
    rewrite(absolute, source) {
      const file = path.relative(project.root, absolute);
      if (!/^definitions[\\/].*\.(sqlx|js)$/.test(file)) return source;
      const rewritten = markSource(file, source, level, marks.length);
      if (rewritten === null) return source;
      for (const mark of rewritten.marks) marks.push({ ...mark, file });
      return rewritten.text;
    },
  });
  return { project: withEnds(marked.project), marks };
}

/** What is put behind a text of a file must not seem to be of that file. */
function withEnds(project: CompiledProject): CompiledProject {
  const end = (text: string): string => (text === "" ? text : text + END_MARK);
  // Dataform leaves blank ones out, and would have left these out had they had no marks.
  const ends = (texts: readonly string[]): string[] =>
    texts.filter((text) => withoutMarks(text).trim() !== "").map(end);
  const actions = project.actions.map(
    (action): Action => ({
      ...action,
      sql: end(action.sql),
      incrementalSql: end(action.incrementalSql),
      statements: action.statements.map(end),
      preOps: ends(action.preOps),
      postOps: ends(action.postOps),
      incrementalPreOps: action.incrementalPreOps.map(end),
      incrementalPostOps: action.incrementalPostOps.map(end),
    }),
  );
  return { ...project, actions, byId: new Map(actions.map((action) => [action.id, action])) };
}

interface Found {
  /** Null: before any mark. */
  readonly mark: number | null;
  /** Characters between the mark and the place. */
  readonly behind: number;
}

/**
 * Walks both texts side by side; they may differ in marks and in blanks, which trimming takes in other places. Null when they differ
 * in more, as they do when a macro looked at a marked text.
 */
function follow(text: string, marked: string, index: number): Found | null {
  let mark: number | null = null;
  let behind = 0;
  let found: Found | null = null;
  let at = 0;
  for (let other = 0; other < marked.length; ) {
    const number = markAt(marked, other);
    if (number !== null) {
      mark = number;
      behind = 0;
      other += MARK_LENGTH;
      continue;
    }
    const character = marked[other] as string;
    if (/\s/.test(character)) {
      other += 1;
      behind += 1;
      continue;
    }
    while (at < text.length && /\s/.test(text[at] as string)) at += 1;
    if (text[at] !== character) return null;
    // A blank belongs to what comes after it.
    if (found === null && at >= index) found = { mark, behind };
    at += 1;
    other += 1;
    behind += 1;
  }
  if (text.slice(at).trim() !== "") return null;
  // The end of the text is just behind its last character.
  return found ?? lastOf(marked);
}

function lastOf(marked: string): Found | null {
  const content = marked.replaceAll(END_MARK, "").trimEnd();
  for (let at = content.length - 1; at >= 0; at -= 1) {
    const number = markAt(content, at);
    if (number !== null) return { mark: number, behind: content.length - at - MARK_LENGTH };
  }
  return null;
}

function placeOf(files: ProjectFiles, mark: PlacedMark, behind: number): SourcePlace | null {
  if (mark.kind === "elsewhere") return null;
  const source = files.read(mark.file) ?? "";
  const offset = mark.kind === "text" ? mark.offset + behind : mark.offset;
  const expression = mark.kind === "expression" ? source.slice(mark.offset, mark.end) : null;
  return { file: mark.file, ...positionAt(source, offset, { line: 1, column: 1 }), expression };
}

/** From code that Dataform made of a SQLX file, as stacks speak of it, to the file. */
export function locateInCode(
  file: string,
  source: string,
  compile: (text: string) => string,
  position: SourcePosition,
): SourcePosition | null {
  const marked = markSource(file, source, "code");
  if (marked === null) return null;
  const code = compile(source);
  const markedCode = compile(marked.text);
  if (withoutMarks(markedCode) !== code) return null;
  const lines = code.split("\n");
  const index = lines.slice(0, position.line - 1).reduce((sum, line) => sum + line.length + 1, 0) + position.column - 1;
  const found = follow(code, markedCode, index);
  const mark = found?.mark == null ? undefined : marked.marks[found.mark];
  if (found == null || mark === undefined) return null;
  return positionAt(source, mark.kind === "text" ? mark.offset + found.behind : mark.offset, { line: 1, column: 1 });
}
