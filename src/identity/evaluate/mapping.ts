import { z } from "zod";
import { RollcallError } from "../../platform/errors.js";
import { DATE_FORMATS, type DateFormat } from "./dates.js";
import { type PlacedYaml, parsePlacedYaml, type YamlPath } from "./yaml-places.js";

/** What a labelled file may tell of a person besides identifiers: the `field` of a trait observation. */
export const TRAIT_FIELDS = [
  "first_name",
  "last_name",
  "full_name",
  "birth_date",
  "gender",
  "email",
  "phone",
  "address",
  "city",
  "postcode",
  "region",
  "country",
  "institution",
  "programme",
  "national_id",
] as const;
export type TraitField = (typeof TRAIT_FIELDS)[number];

export const MATCHING = ["strict", "balanced", "broad"] as const;
export type Matching = (typeof MATCHING)[number];
/** Events are matched as the product matches them; of records that nobody is written to by, more may be risked. */
const MATCHING_OF = { record: "broad", strongest: "strict" } as const;
/** Of a file without a mapping. */
export const DEFAULT_MATCHING: Matching = MATCHING_OF.record;

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
  /** Joined by a space, empty cells left out. */
  readonly columns: readonly string[];
  readonly dateFormat: DateFormat | null;
}

export interface Mapping<Type extends string> {
  readonly truth: { readonly column: string; readonly pattern: RegExp | null };
  readonly recordId: string | null;
  readonly source: string | null;
  readonly arrival: string | null;
  readonly occurredAt: string | null;
  readonly delimiter: string;
  /** Of phone numbers without a country code: ISO 3166 alpha-2. */
  readonly region: string | null;
  /** Who stands for a record in the graph: the record itself, as a CRM's, or its strongest identifier, as an event's. */
  readonly owner: "record" | "strongest";
  /** How sure descriptions have to be to make one person of two: see `includes/match.js`. */
  readonly matching: Matching;
  readonly identifiers: readonly MappedIdentifier<Type>[];
  readonly traits: readonly MappedTrait[];
  /** Where each column is named, for messages about the file's header. */
  readonly columns: readonly { readonly column: string; readonly place: string }[];
}

const column = z.string().min(1);
const truth = z.union(
  [column, z.strictObject({ column, pattern: z.string().min(1) })],
  "name the truth's column, or give { column, pattern }",
);
const trait = z.union(
  [column, z.array(column).min(1), z.strictObject({ column, format: z.enum(DATE_FORMATS) })],
  `name a column, or a list of columns, or { column, format } with a format of ${DATE_FORMATS.join(", ")}`,
);

function schemaOf(types: readonly [string, ...string[]]) {
  const identifier = z
    .strictObject({
      column,
      type: z.enum(types),
      namespace: z
        .string()
        .regex(/^[^|]+$/, 'a namespace is a text without "|"')
        .optional(),
      namespace_column: column.optional(),
      separator: z.string().min(1).optional(),
    })
    .refine(
      ({ namespace, namespace_column }) => namespace === undefined || namespace_column === undefined,
      "give namespace or namespace_column, not both",
    );
  return z.strictObject({
    truth,
    record_id: column.optional(),
    source: column.optional(),
    arrival: column.optional(),
    occurred_at: column.optional(),
    delimiter: z.string().length(1, "a delimiter is one character").default(","),
    region: z
      .string()
      .regex(/^[A-Z]{2}$/, "two capital letters, as in GB")
      .optional(),
    owner: z.enum(["record", "strongest"]).default("record"),
    matching: z.enum(MATCHING).optional(),
    identifiers: z.array(identifier).default([]),
    traits: z.partialRecord(z.enum(TRAIT_FIELDS), trait).default({}),
  });
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
  const parsed = schemaOf(types).safeParse(yaml.value);
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
  const { truth: written } = data;
  return {
    truth:
      typeof written === "string"
        ? { column: named(written, ["truth"]), pattern: null }
        : {
            column: named(written.column, ["truth", "column"]),
            pattern: patternOf(written.pattern, yaml.place(["truth", "pattern"])),
          },
    recordId: named(data.record_id, ["record_id"]) ?? null,
    source: named(data.source, ["source"]) ?? null,
    arrival: named(data.arrival, ["arrival"]) ?? null,
    occurredAt: named(data.occurred_at, ["occurred_at"]) ?? null,
    delimiter: data.delimiter,
    region: data.region ?? null,
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
      const names = typeof from === "string" ? [from] : "column" in from ? [from.column] : from;
      for (const name of names) named(name, ["traits", field]);
      const dateFormat = typeof from === "object" && "format" in from ? from.format : null;
      return [{ field, columns: names, dateFormat }];
    }),
    columns,
  };
}

/** The mapping of a file whose columns are called as a mapping's keys are: `person_id`, `email`, `first_name`. */
export function mappingOfHeader<const Type extends string>(
  file: string,
  header: readonly string[],
  types: readonly Type[],
): Mapping<Type> {
  const own = (name: string): string | null => (header.includes(name) ? name : null);
  const identifiers = types.filter(own);
  const traits = TRAIT_FIELDS.filter((field) => own(field) && !(types as readonly string[]).includes(field));
  if (identifiers.length + traits.length === 0) {
    const known = [...types, ...TRAIT_FIELDS].filter((name, at, all) => all.indexOf(name) === at);
    throw invalid([
      `${file}:1: no column is called as an identifier or a trait is: say with --mapping which columns are what. ` +
        `Without a mapping these are known: ${DEFAULT_TRUTH} for the truth, ${known.join(", ")}.`,
    ]);
  }
  const columns = [DEFAULT_TRUTH, ...identifiers, ...traits];
  return {
    truth: { column: DEFAULT_TRUTH, pattern: null },
    recordId: own("record_id"),
    source: own("source"),
    arrival: own("arrival"),
    occurredAt: own("occurred_at"),
    delimiter: ",",
    region: null,
    owner: "record",
    matching: DEFAULT_MATCHING,
    identifiers: identifiers.map((type) => ({
      type,
      column: type,
      namespace: null,
      namespaceColumn: null,
      separator: null,
    })),
    traits: traits.map((field) => ({ field, columns: [field], dateFormat: null })),
    columns: columns.map((column) => ({ column, place: `${file}:1` })),
  };
}

const KEYS = [
  "truth",
  "record_id",
  "source",
  "arrival",
  "occurred_at",
  "delimiter",
  "region",
  "owner",
  "matching",
  "identifiers",
  "traits",
];

/** What the truth's column is called in a file without a mapping. */
const DEFAULT_TRUTH = "person_id";

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
    const known = at.length === 0 ? KEYS : at.length === 1 && at[0] === "traits" ? TRAIT_FIELDS : [];
    const list = known.length === 0 ? "" : `. There are ${known.join(", ")}`;
    return `${yaml.place([...at, issue.keys[0] ?? ""])}: no such key: ${keys}${list}`;
  }
  if (issue.code === "invalid_key") return `${yaml.place(at)}: ${issue.issues[0]?.message ?? issue.message}`;
  const path = at.length === 0 ? "" : `${at.join(".")}: `;
  return `${yaml.place(at)}: ${path}${issue.message}`;
}

function invalid(problems: readonly string[]): RollcallError {
  return new RollcallError("INPUT_INVALID", problems.join("\n"), { isRetriable: false });
}
