import { z } from "zod";
import { dateReader } from "./dates.js";

/** What a labelled file may tell of a person besides identifiers: the `field` of a trait observation. */
export const TRAIT_FIELDS = [
  "first_name",
  "middle_name",
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
  "birth_place",
  "occupation",
] as const;
export type TraitField = (typeof TRAIT_FIELDS)[number];

export const MATCHING = ["strict", "balanced", "broad"] as const;
export type Matching = (typeof MATCHING)[number];

const column = z.string().min(1);
const truth = z.union(
  [
    column,
    z.strictObject({ column, pattern: z.string().min(1) }),
    z.strictObject({ links: z.string().min(1), left: column, right: column }),
  ],
  "name the truth's column, or give { column, pattern } or { links, left, right }",
);
const format = z
  .string()
  .refine((text) => dateReader(text) !== null, "a format is YYYY or YY, MM and DD in their order, as in DD.MM.YYYY")
  .optional();
const trait = z.union([column, z.array(column).min(1)], "name a column, or a list of columns");
const birthDate = z.union(
  [column, z.strictObject({ column, format }), z.strictObject({ year: column, month: column, day: column })],
  "name a column, or give { column, format } with a format like YYYY-MM-DD, DD.MM.YY or YYYYMMDD, or { year, month, day }",
);
const traits = z.strictObject({
  ...(Object.fromEntries(TRAIT_FIELDS.map((field) => [field, trait.optional()])) as Record<
    TraitField,
    z.ZodOptional<typeof trait>
  >),
  birth_date: birthDate.optional(),
});
/** What a mapping says of one trait. */
export type WrittenTrait = z.infer<typeof trait> | z.infer<typeof birthDate>;
export type WrittenTruth = z.infer<typeof truth>;

/** YAML reads NULL, 0 and false where they are not quoted. */
const emptyCell = z
  .union([z.string(), z.number(), z.boolean(), z.null()], "quote it: '...'")
  .transform((cell) => (cell === null ? ["NULL", "null", "Null"] : [String(cell)]));

/** How a mapping file is written; `types` are the kinds of identifier there are. */
export function mappingSchema(types: readonly [string, ...string[]]) {
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
    delimiter: z.string().length(1, "a delimiter is one character").optional(),
    encoding: z
      .string()
      .refine(isEncoding, "no encoding that is known: utf-8, utf-16le, windows-1252, iso-8859-2 ...")
      .optional(),
    empty: z
      .array(emptyCell)
      .transform((cells) => cells.flat())
      .optional(),
    region: z
      .string()
      .regex(/^[A-Z]{2}$/, "two capital letters, as in GB")
      .optional(),
    born_since: z.number().int().min(1000, "a year of four digits").max(2099, "a year of four digits").optional(),
    owner: z.enum(["record", "strongest"]).default("record"),
    matching: z.enum(MATCHING).optional(),
    identifiers: z.array(identifier).default([]),
    traits: traits.default({}),
  });
}

/** What may stand at the top of a mapping. */
export const MAPPING_KEYS: readonly string[] = Object.keys(mappingSchema(["id"]).shape);

function isEncoding(label: string): boolean {
  try {
    return new TextDecoder(label).encoding !== "";
  } catch {
    return false;
  }
}
