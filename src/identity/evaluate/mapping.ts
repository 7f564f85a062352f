import { dirname, resolve } from "node:path";
import type { z } from "zod";
import { RollcallError } from "../../platform/errors.js";
import { dateOf, dateReader } from "./dates.js";
import {
  MAPPING_KEYS,
  type Matching,
  mappingSchema,
  TRAIT_FIELDS,
  type TraitField,
  type WrittenTrait,
  type WrittenTruth,
} from "./mapping-schema.js";
import { type PlacedYaml, parsePlacedYaml, type YamlPath } from "./yaml-places.js";

/** Events are matched as the product matches them; of records that nobody is written to by, more may be risked. */
const MATCHING_OF = { record: "broad", strongest: "strict" } as const;
/** Events are of people who live; records may be of anybody, a parish register's too. Null: as the product has it. */
const BORN_SINCE_OF = { record: 1000, strongest: null } as const;
/** What R, SQL, pandas, spreadsheets and people write where they have nothing, exactly so. */
const DEFAULT_EMPTY: readonly string[] = "NA N/A n/a #N/A NULL null \\N NaN nan None none ? - -- .".split(" ");

export interface MappedIdentifier<Type extends string> {
  readonly type: Type;
  readonly column: string;
  /** Null: that of the type. */
  readonly namespace: string | null;
  /** The column with the namespace; null: it is the same in every row. */
  readonly namespaceColumn: string | null;
  /** Between several values in one cell; null: a cell is one value. */
  readonly separator: string | null;
}

export interface MappedTrait {
  readonly field: TraitField;
  readonly columns: readonly string[];
  /** What the cells of those columns say together; empty where they say nothing. */
  readonly read: (cells: readonly string[]) => string;
}

/** Who is who: by a column, whole or the group of a pattern, or by a second file that links records by their ids. */
export type Truth =
  | { readonly by: "column"; readonly column: string; readonly pattern: RegExp | null }
  | { readonly by: "links"; readonly file: string; readonly left: string; readonly right: string };

export interface Mapping<Type extends string> {
  readonly truth: Truth;
  readonly recordId: string | null;
  readonly source: string | null;
  readonly arrival: string | null;
  readonly occurredAt: string | null;
  /** Null: that of comma, semicolon, tab and bar which the header has most of. */
  readonly delimiter: string | null;
  /** As the WHATWG's Encoding Standard names it. */
  readonly encoding: string;
  /** Cells that say nothing. */
  readonly empty: ReadonlySet<string>;
  /** Of phone numbers without a country code: ISO 3166 alpha-2. */
  readonly region: string | null;
  /** The first year that birth dates are believed of; null: that of people who live today. */
  readonly bornSince: number | null;
  /** Who stands for a record in the graph: the record itself, as a CRM's, or its strongest identifier, as an event's. */
  readonly owner: "record" | "strongest";
  /** How sure descriptions have to be to make one person of two: see `includes/match.js`. */
  readonly matching: Matching;
  readonly identifiers: readonly MappedIdentifier<Type>[];
  readonly traits: readonly MappedTrait[];
  /** Where each column is named, for messages about the file's header. */
  readonly columns: readonly { readonly column: string; readonly place: string }[];
}

/**
 * Reads a mapping file: which column of a labelled CSV is the truth, which are identifiers and of what type, which are traits.
 * `types` are the kinds of identifier there are. Throws INPUT_INVALID with file and line for every problem at once.
 */
export function parseMapping<const Type extends string>(
  file: string,
  text: string,
  types: readonly [Type, ...Type[]],
): Mapping<Type> {
  const yaml = parsePlacedYaml(file, text);
  const parsed = mappingSchema(types).safeParse(yaml.value);
  if (!parsed.success) throw invalid(parsed.error.issues.map((issue) => problemOf(issue, yaml)));
  const { data } = parsed;
  if (data.identifiers.length === 0 && Object.keys(data.traits).length === 0) {
    throw invalid([`${file}: maps no identifier and no trait: then there is nothing to match records by`]);
  }
  const columns: { column: string; place: string }[] = [];
  const named = <Name extends string | undefined>(name: Name, path: YamlPath): Name => {
    if (name !== undefined) columns.push({ column: name, place: yaml.place(path) });
    return name;
  };
  const truth = truthOf(file, data.truth, yaml);
  if (truth.by === "column") named(truth.column, typeof data.truth === "string" ? ["truth"] : ["truth", "column"]);
  if (truth.by === "links" && data.record_id === undefined) {
    throw invalid([
      `${yaml.place(["truth"])}: links name records by their ids: say with record_id which column has them`,
    ]);
  }
  return {
    truth,
    recordId: named(data.record_id, ["record_id"]) ?? null,
    source: named(data.source, ["source"]) ?? null,
    arrival: named(data.arrival, ["arrival"]) ?? null,
    occurredAt: named(data.occurred_at, ["occurred_at"]) ?? null,
    delimiter: data.delimiter ?? null,
    encoding: data.encoding ?? "utf-8",
    empty: new Set(data.empty ?? DEFAULT_EMPTY),
    region: data.region ?? null,
    bornSince: data.born_since ?? BORN_SINCE_OF[data.owner],
    owner: data.owner,
    matching: data.matching ?? MATCHING_OF[data.owner],
    identifiers: data.identifiers.map((each, index) => ({
      // The schema takes only these.
      type: each.type as Type,
      column: named(each.column, ["identifiers", index, "column"]),
      namespace: each.namespace ?? null,
      namespaceColumn: named(each.namespace_column, ["identifiers", index, "namespace_column"]) ?? null,
      separator: each.separator ?? null,
    })),
    traits: TRAIT_FIELDS.flatMap((field) => {
      const from = data.traits[field];
      if (from === undefined) return [];
      const trait = traitOf(field, from);
      for (const name of trait.columns) named(name, ["traits", field]);
      return [trait];
    }),
    columns,
  };
}

function traitOf(field: TraitField, from: WrittenTrait): MappedTrait {
  if (typeof from === "string") return joined(field, [from]);
  if (Array.isArray(from)) return joined(field, from);
  if ("column" in from) {
    const read = from.format === undefined ? null : dateReader(from.format);
    return { field, columns: [from.column], read: ([cell = ""]) => (read === null ? cell : read(cell)) };
  }
  return birthDateOfParts(from);
}

/** Cells joined by a blank, empty ones left out. */
function joined(field: TraitField, columns: readonly string[]): MappedTrait {
  return { field, columns, read: (cells) => cells.filter((cell) => cell !== "").join(" ") };
}

function birthDateOfParts(from: { year: string; month: string; day: string }): MappedTrait {
  return {
    field: "birth_date",
    columns: [from.year, from.month, from.day],
    read: ([year = "", month = "", day = ""]) => dateOf({ year, month, day }),
  };
}

function truthOf(file: string, written: WrittenTruth, yaml: PlacedYaml): Truth {
  if (typeof written === "string") return { by: "column", column: written, pattern: null };
  if ("links" in written) {
    const { links, left, right } = written;
    return { by: "links", file: resolve(dirname(file), links), left, right };
  }
  const pattern = patternOf(written.pattern, yaml.place(["truth", "pattern"]));
  return { by: "column", column: written.column, pattern };
}

function patternOf(text: string, place: string): RegExp {
  let pattern: RegExp;
  try {
    pattern = new RegExp(text, "u");
  } catch {
    throw invalid([`${place}: pattern is no regular expression`]);
  }
  // Matched against nothing or itself, the list of groups is as long as there are groups.
  const groups = (new RegExp(`${text}|`, "u").exec("")?.length ?? 1) - 1;
  if (groups !== 1)
    throw invalid([`${place}: pattern has one group in parentheses, the person's id; this has ${groups}`]);
  return pattern;
}

/** A wrong key stands at its own line. */
function problemOf(issue: z.core.$ZodIssue, yaml: PlacedYaml): string {
  const at = issue.path.filter((part) => typeof part !== "symbol");
  if (issue.code === "unrecognized_keys") {
    const keys = issue.keys.map((key) => `"${key}"`).join(", ");
    const known = at.length === 0 ? MAPPING_KEYS : at.length === 1 && at[0] === "traits" ? TRAIT_FIELDS : [];
    const list = known.length === 0 ? "" : `. There are ${known.join(", ")}`;
    return `${yaml.place([...at, issue.keys[0] ?? ""])}: no such key: ${keys}${list}`;
  }
  const path = at.length === 0 ? "" : `${at.join(".")}: `;
  return `${yaml.place(at)}: ${path}${issue.message}`;
}

function invalid(problems: readonly string[]): RollcallError {
  return new RollcallError("INPUT_INVALID", problems.join("\n"), { isRetriable: false });
}
