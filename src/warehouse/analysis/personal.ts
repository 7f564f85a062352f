import type { ColumnSource, Flow, SourceFlow } from "../googlesql/lineage.js";
import type { GoogleType } from "../googlesql/types.js";
import type { CompiledProject } from "../project/action.js";
import type { ProjectAnalysis } from "./analyse.js";
import { columnKey, type LineageGraph, lineageGraph, partKey, type Step } from "./lineage.js";

/**
 * Which columns hold personal values. Two ways lead there:
 *
 * - **Declared**: the column carries the tag `personal`, in a model's config or in the bronze list. Of a declared struct, and of an
 *   array of structs, each member counts by its own name: one that the project describes as a column of its own and nowhere as
 *   personal (`hmac`, `type`) is not personal. Of declared JSON all of it is.
 * - **By flow**: a value is copied from a personal one (renamed, cast, inside a struct or an array, out of JSON, one of a COALESCE)
 *   or derived from it (upper case, a concatenation, the year of a birth date). What only decides (a comparison, IS NULL, a COUNT,
 *   the key of a join) shows no value and carries nothing, and neither does a digest: MD5, SHA, FARM_FINGERPRINT, a length.
 *
 * A column tagged `not_personal` was looked at by a person: nothing flows into it or on from it.
 */
export interface PersonalColumn {
  readonly table: string;
  readonly column: string;
  readonly isDeclared: boolean;
  /** Which parts of the column, as paths: [[]] is all of it, [["[]", "value"]] a member of each element. */
  readonly parts: readonly (readonly string[])[];
  /** The way from a declared column, strongest first; empty where the column is declared itself. */
  readonly via: readonly Step[];
  /** The declared column the way begins at. */
  readonly origin: ColumnSource;
}

export interface PersonalDeclarations {
  /** Keys of columns, "silver.events.email", in lower case. */
  readonly personal: ReadonlySet<string>;
  readonly notPersonal: ReadonlySet<string>;
  /** Names that some column of the project has and that no column tagged `personal` has, in lower case. */
  readonly harmlessNames: ReadonlySet<string>;
}

const PERSONAL_TAG = "personal";
const NOT_PERSONAL_TAG = "not_personal";

/** Flows that carry a personal value. */
const CARRYING: ReadonlySet<Flow> = new Set(["copy", "derive"]);

/** What the tags of the project's columns say. */
export function declaredPersonal(project: CompiledProject): PersonalDeclarations {
  const notes = project.actions.flatMap(({ id, columns }) =>
    columns.map(({ path, tags }) => ({ key: `${id}.${path.join(".")}`.toLowerCase(), name: path.at(-1) ?? "", tags })),
  );
  const tagged = (tag: string) => notes.filter(({ tags }) => tags.includes(tag));
  const personalNames = new Set(tagged(PERSONAL_TAG).map(({ name }) => name.toLowerCase()));
  return {
    personal: new Set(tagged(PERSONAL_TAG).map(({ key }) => key)),
    notPersonal: new Set(tagged(NOT_PERSONAL_TAG).map(({ key }) => key)),
    harmlessNames: new Set(notes.map(({ name }) => name.toLowerCase()).filter((name) => !personalNames.has(name))),
  };
}

/** Personal columns by key, "silver.events.email" in lower case: declared ones first, then by flow, nearest first. */
export function personalColumns(
  analysis: ProjectAnalysis,
  declared: PersonalDeclarations = declaredPersonal(analysis.project),
  graph: LineageGraph = lineageGraph(analysis),
): ReadonlyMap<string, PersonalColumn> {
  const found = new Map<string, PersonalColumn>();
  const seen = new Set<string>();
  const waiting: { part: ColumnSource; origin: ColumnSource; via: readonly Step[] }[] = [];
  for (const part of declaredParts(analysis, declared)) waiting.push({ part, origin: { ...part, path: [] }, via: [] });
  for (let at = 0; at < waiting.length; at += 1) {
    const { part, origin, via } = waiting[at] as (typeof waiting)[number];
    const key = columnKey(part);
    if (seen.has(partKey(part)) || declared.notPersonal.has(key)) continue;
    seen.add(partKey(part));
    const known = found.get(key);
    if (known === undefined) {
      const isDeclared = declared.personal.has(key);
      found.set(key, { table: part.table, column: part.column, isDeclared, parts: [part.path], via, origin });
    } else if (!known.parts.some((path) => path.join("\n") === part.path.join("\n"))) {
      // The same part comes again for other rows of the table.
      found.set(key, { ...known, parts: [...known.parts, part.path] });
    }
    for (const step of graph.targetsOf(part))
      if (CARRYING.has(step.flow)) waiting.push({ part: step.part, origin, via: [...via, step] });
  }
  return found;
}

function declaredParts({ catalog }: ProjectAnalysis, declared: PersonalDeclarations): readonly ColumnSource[] {
  return [...catalog].flatMap(([table, { columns }]) =>
    columns
      .filter(({ name }) => declared.personal.has(`${table}.${name}`.toLowerCase()))
      .flatMap(({ name, type }) =>
        personalParts(type, declared.harmlessNames).map((path) => ({ table, column: name, path })),
      ),
  );
}

function personalParts(type: GoogleType, harmless: ReadonlySet<string>): readonly (readonly string[])[] {
  if (type.kind === "ARRAY") return personalParts(type.element, harmless).map((path) => ["[]", ...path]);
  if (type.kind !== "STRUCT") return [[]];
  return type.fields
    .filter(({ name }) => !harmless.has(name.toLowerCase()))
    .flatMap((field) => personalParts(field.type, harmless).map((path) => [field.name, ...path]));
}

/**
 * Which parts of an output hold personal values, given where it comes from: what to hide of a query's column. Empty when none does.
 */
export function personalPartsOf(
  sources: readonly SourceFlow[],
  personal: ReadonlyMap<string, PersonalColumn>,
): readonly (readonly string[])[] {
  const parts = sources.flatMap((source) => {
    if (!CARRYING.has(source.flow)) return [];
    const found = personal.get(columnKey(source))?.parts ?? [];
    return found.flatMap((part) => {
      const shared = Math.min(part.length, source.path.length);
      if (part.slice(0, shared).join("\n") !== source.path.slice(0, shared).join("\n")) return [];
      const rest = source.flow === "copy" ? part.slice(source.path.length) : [];
      return [[...source.into, ...rest]];
    });
  });
  return [...new Map(parts.map((part) => [part.join("\n"), part])).values()];
}
