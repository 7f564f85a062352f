import path from "node:path";
import type { SourcePosition } from "../googlesql/lexer.js";
import { positionAt, splitStatements } from "../googlesql/lexer.js";
import type { CompiledProject } from "../project/action.js";
import type { CompileOutcome } from "../project/compile.js";
import { absentTable, compileCauses, readableMessage, undefinedNameOf } from "../project/compile-causes.js";
import type { CompileProblem } from "../project/graph.js";
import { strangeDataset } from "../project/layers.js";
import { createProjectRealm } from "../project/module-loader.js";
import { didYouMean } from "../project/suggest.js";
import { placeInConfig, placeOfWord } from "./config-place.js";
import { offsetAt } from "./positions.js";
import type { Problem } from "./problem.js";
import type { ProjectFiles } from "./project-files.js";
import { locateInCode } from "./source-map.js";
import { scanScript, scanSqlx } from "./sqlx-scan.js";
import { type Frame, framesOf } from "./stack.js";

export interface CompileFindings {
  readonly problems: readonly Problem[];
  /** Ids of actions whose text is wrong or missing because of them. */
  readonly broken: ReadonlySet<string>;
  /** Names of tables, without their datasets, that files may make that could not be read. */
  readonly lostNames: ReadonlySet<string>;
}

interface Place extends SourcePosition {
  readonly file: string;
}

/** What Dataform says when a name in a config is none of its own. */
const CONFIG_KEYS = [
  ..."type schema dataset database project name tags description columns disabled dependencies assertions bigquery".split(
    " ",
  ),
  ..."uniqueKey protected onSchemaChange hermetic dependOnDependencyAssertions materialized partitionBy clusterBy".split(
    " ",
  ),
  ..."hasOutput labels nonNull rowConditions uniqueKeys requirePartitionFilter partitionExpirationDays".split(" "),
  ..."updatePartitionFilter additionalOptions metadata".split(" "),
];

/** Dataform's own findings with their places in the files, causes without what only follows from them. */
export function compileFindings(outcome: CompileOutcome, files: ProjectFiles): CompileFindings {
  const { project, problems } = outcome;
  const reader = createReader(outcome, files);
  const { causes, lost } = compileCauses(outcome, files.read);
  // What is wrong with a stock test leaves the actions of its file as they were.
  const brokenFiles = new Set(problems.filter(({ test }) => test === null).map(({ fileName }) => fileName));
  const broken = new Set(problems.flatMap(({ actionId }) => actionId ?? []));
  for (const { id, fileName, kind } of project.actions)
    if (kind !== "declaration" && brokenFiles.has(fileName)) broken.add(id);
  for (const { id, parent } of project.actions) if (parent !== null && broken.has(parent)) broken.add(id);
  return {
    problems: [...togetherByCause(causes.map(reader)), ...emptyOperations(project), ...strangeDatasets(project, files)],
    broken,
    lostNames: lost.tables,
  };
}

/** A file that says nothing compiles to operations that do nothing. */
function emptyOperations({ actions }: CompiledProject): Problem[] {
  return actions
    .filter(({ kind, statements }) => kind === "operations" && splitStatements(statements.join(";\n")).length === 0)
    .map(({ id, fileName }) => ({
      code: "compile",
      severity: "error",
      file: fileName,
      line: 1,
      column: 1,
      message: `${id} has no statement: write one, or delete the file`,
    }));
}

/** Runs refuse the project because of them. */
function strangeDatasets({ actions }: CompiledProject, files: ProjectFiles): Problem[] {
  return actions.flatMap((action) => {
    const message = action.isDisabled ? null : strangeDataset(action);
    if (message === null) return [];
    const { fileName, target } = action;
    const place = placeInConfig(files.read(fileName) ?? "", target.dataset);
    return [{ code: "compile", severity: "error", file: fileName, ...place, message }];
  });
}

/** What Dataform found, with who else was in the calls. */
interface Finding {
  readonly problem: Problem;
  readonly note: string;
}

/** One mistake in an include is found by all who call it. */
function togetherByCause(findings: readonly Finding[]): Problem[] {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const key = JSON.stringify(finding.problem);
    groups.set(key, [...(groups.get(key) ?? []), finding]);
  }
  return [...groups.values()].flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    const notes = new Set(others.map(({ note }) => note).filter((note) => note !== first.note));
    const rest = notes.size === 0 ? "" : `, and from ${notes.size} other ${notes.size === 1 ? "place" : "places"}`;
    const note = first.note === "" ? "" : ` (${first.note}${rest})`;
    return [{ ...first.problem, message: `${first.problem.message}${note}` }];
  });
}

/** Reads one finding of Dataform: what it means and where it is. */
function createReader(outcome: CompileOutcome, files: ProjectFiles): (problem: CompileProblem) => Finding {
  const { project } = outcome;
  const core = createProjectRealm(project.root).core;
  const known = project.actions.filter(({ kind }) => kind !== "assertion").map(({ id }) => id);

  const placeOfFrame = (frame: Frame): Place => {
    if (!frame.file.endsWith(".sqlx")) return frame;
    const source = files.read(frame.file) ?? "";
    const compile = (text: string): string => core.compiler(text, path.join(project.root, frame.file));
    return { file: frame.file, ...(locateInCode(frame.file, source, compile, frame) ?? { line: 1, column: 1 }) };
  };

  const fallback = (problem: CompileProblem): Place => {
    const quoted = /"([^"{]+)"/.exec(problem.message)?.[1] ?? null;
    return { file: problem.fileName, ...placeInConfig(files.read(problem.fileName) ?? "", quoted) };
  };

  /** A name is pointed at itself, in whichever file of the calls says it. */
  const placeOfName = (name: string, frames: readonly Place[]): Place | null => {
    const last = name.split(".").at(-1) ?? name;
    for (const frame of frames) {
      const source = files.read(frame.file) ?? "";
      const from = offsetAt(source, frame);
      const at = source.slice(from, from + 400).search(new RegExp(`["'\`]${last.replace(/[^\w]/g, "\\$&")}["'\`]`));
      if (at !== -1) return { file: frame.file, ...positionAt(source, from + at, { line: 1, column: 1 }) };
    }
    return null;
  };

  return (problem) => {
    const found = ({ file, line, column }: Place, message: string, note = ""): Finding => ({
      problem: { code: "compile", severity: "error", file, line, column, message },
      note,
    });
    const open = openingOf(problem, files);
    if (open !== null) return found(open.place, open.message);
    // A stock test runs the query of its model, whose file is no place to repair the test in.
    const isPlace = ({ file }: Frame): boolean =>
      problem.test === null || file === problem.fileName || !file.startsWith("definitions/");
    const frames = framesOf(problem.stack, project.root).filter(isPlace);
    const places = frames.map(placeOfFrame);
    const absent = absentTable(problem.message);
    if (absent !== null) {
      const { name, message } = absent;
      const place = placeOfName(name, places) ?? inDependencies(problem, name, files) ?? places[0] ?? fallback(problem);
      return found(place, known.includes(name) ? message : `${message}${didYouMean(name, known)}`);
    }
    const key = /^Unexpected property "(\w+)"/.exec(problem.message)?.[1];
    if (key !== undefined) {
      const isOne = CONFIG_KEYS.includes(key);
      const reason = isOne
        ? `the config's ${key} is not what it has to be`
        : `the config has no ${key}${didYouMean(key, CONFIG_KEYS)}`;
      return found(fallback(problem), isOne ? `${reason}: ${firstLine(problem.message)}` : reason);
    }
    const undefinedName = undefinedNameOf(problem.message);
    const itself = undefinedName === null ? null : placeOfCode(undefinedName, places[0], files);
    const semicolon = SEMICOLON.test(problem.message) ? placeOfLastSemicolon(problem.fileName, files) : null;
    if (semicolon !== null) return found(semicolon, firstLine(problem.message));
    const { place, note } = mainPlace(problem, itself === null ? places : [itself, ...places.slice(1)]);
    return found(place ?? fallback(problem), firstLine(readableMessage(problem.message)), note);
  };
}

/** JavaScript tells of a name that is not defined at the call before it: the name itself comes at that place or behind it. */
function placeOfCode(name: string, told: Place | undefined, files: ProjectFiles): Place | null {
  if (told === undefined || !told.file.endsWith(".sqlx")) return null;
  const source = files.read(told.file) ?? "";
  const pattern = new RegExp(`(?<![\\w$."'\`])${name.replace(/\$/g, "\\$")}(?![\\w$])`, "g");
  const spans = scanSqlx(source).pieces.filter(({ kind }) => kind === "expression" || kind === "code");
  const found = spans
    .flatMap(({ start, end }) => [...source.slice(start, end).matchAll(pattern)].map(({ index }) => start + index))
    .sort((a, b) => a - b);
  const at = found.find((offset) => offset >= offsetAt(source, told)) ?? found[0];
  return at === undefined ? null : { file: told.file, ...positionAt(source, at, { line: 1, column: 1 }) };
}

const SEMICOLON = /^Semi-colons are not allowed/;

/** The one that ends the query: those that end a block of statements are allowed. */
function placeOfLastSemicolon(file: string, files: ProjectFiles): Place | null {
  if (!file.endsWith(".sqlx")) return null;
  const source = files.read(file) ?? "";
  const ends = scanSqlx(source).pieces.flatMap((piece) => {
    if (piece.kind !== "sql" || source[piece.end] === "}") return [];
    const text = source.slice(piece.start, piece.end).trimEnd();
    return text.endsWith(";") ? [piece.start + text.length - 1] : [];
  });
  const at = ends.at(-1);
  return at === undefined ? null : { file, ...positionAt(source, at, { line: 1, column: 1 }) };
}

function firstLine(message: string): string {
  return message.split("\n")[0] ?? message;
}

/** Whoever throws on purpose speaks to the caller; a mistake in JavaScript is repaired where it is. */
function mainPlace(problem: CompileProblem, places: readonly Place[]): { place: Place | undefined; note: string } {
  const inner = places[0];
  const caller = places.find(({ file }) => file.startsWith("definitions/"));
  if (inner === undefined || caller === undefined || inner.file === caller.file) return { place: inner, note: "" };
  const isMistake = /^(?:\S+\s+)?(?:Type|Reference|Range|Syntax)Error\b/m.test(problem.stack);
  const [place, other] = isMistake ? [inner, caller] : [caller, inner];
  const word = isMistake ? "called at" : "said by";
  return { place, note: `${word} ${other.file}:${other.line}:${other.column}` };
}

function inDependencies(problem: CompileProblem, name: string, files: ProjectFiles): Place | null {
  const place = placeOfWord(files.read(problem.fileName) ?? "", name.split(".").at(-1) ?? name);
  return place === null ? null : { file: problem.fileName, ...place };
}

/** A file that JavaScript cannot read because something in it is never closed: where that opens. */
function openingOf(problem: CompileProblem, files: ProjectFiles): { place: Place; message: string } | null {
  if (!/SyntaxError|SQL syntax tree nodes/.test(`${problem.stack}${problem.message}`)) return null;
  const file = problem.fileName;
  const source = files.read(file);
  if (source === null || !/\.(sqlx|js)$/.test(file)) return null;
  const scan = file.endsWith(".sqlx") ? scanSqlx(source) : scanScript(source);
  const opening = scan.overlong ?? scan.unclosed;
  if (opening === null) return null;
  const closer = opening.what.endsWith("{") ? "}" : opening.what;
  return {
    place: { file, ...positionAt(source, opening.offset, { line: 1, column: 1 }) },
    message: `${opening.what} is never closed: a ${closer} is missing`,
  };
}
