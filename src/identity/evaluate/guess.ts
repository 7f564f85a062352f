import { stringify } from "yaml";
import { RollcallError } from "../../platform/errors.js";
import { type ColumnRole, type DatePart, recogniseColumns } from "./column-names.js";
import { csvRows } from "./csv-rows.js";
import { guessEncoding } from "./encoding.js";
import { TRAIT_FIELDS, type TraitField } from "./mapping-schema.js";

/** What Febrl writes: the number is the person. */
const NUMBERED = { pattern: "^rec-(\\d+)-", like: /^rec-\d+-(?:org|dup)/ };

/**
 * The mapping, as YAML, of a file whose columns are called as people, or a mapping's keys, call such columns. `types` are the kinds
 * of identifier there are. Throws INPUT_INVALID where no column is recognised or none tells who is who; then with the mapping as far
 * as it could be guessed.
 */
export async function guessMapping(file: string, types: readonly string[]): Promise<string> {
  const encoding = await guessEncoding(file);
  const [header, first] = await firstRows(file, encoding);
  if (header === undefined) {
    throw invalid(`${file}: holds no records: a header and one row per record are expected`);
  }
  const roles = recogniseColumns(header);
  const one = (role: ColumnRole): string | undefined => roles.get(role)?.[0];
  const identifiers = types.flatMap((type) => {
    const column = header.includes(type) ? type : type === "email" || type === "phone" ? one(type) : undefined;
    return column === undefined ? [] : [{ column, type }];
  });
  const traits: Partial<Record<TraitField, unknown>> = {};
  for (const field of TRAIT_FIELDS) {
    const columns = roles.get(field) ?? [];
    // An identifier's value is told as a trait anyway.
    if (columns.length > 0 && !types.includes(field)) traits[field] = columns.length === 1 ? columns[0] : columns;
  }
  const birthDate = traits.birth_date ?? birthDateOf({ year: one("year"), month: one("month"), day: one("day") });
  if (birthDate !== undefined) traits.birth_date = birthDate;
  if (identifiers.length + Object.keys(traits).length === 0) {
    throw invalid(
      `${file}:1: no column is called as an identifier or a trait is: say with --mapping which columns are what. ` +
        `These are recognised, among others: person_id for the truth, ${[...new Set([...types, ...TRAIT_FIELDS])].join(", ")}.`,
    );
  }
  const recordId = one("record_id");
  const truth = one("truth") ?? numberedTruth(header, first ?? [], recordId);
  const mapping = {
    truth: truth ?? "?",
    // Of any other name it may as well be the person's.
    record_id: header.includes("record_id") ? "record_id" : undefined,
    source: one("source"),
    arrival: one("arrival"),
    occurred_at: one("occurred_at"),
    encoding: encoding === "utf-8" ? undefined : encoding,
    ...(identifiers.length === 0 ? {} : { identifiers }),
    traits,
  };
  const yaml = stringify(mapping, { keepUndefined: false, flowCollectionPadding: true });
  if (truth === undefined) {
    throw invalid(
      `${file}:1: no column tells who is who: it would be called person_id, cluster ... Its columns are: ${header.join(", ")}.\n` +
        `Say with --mapping which one does. As far as the others can be guessed the mapping is:\n\n${yaml}`,
    );
  }
  return yaml;
}

/** Of three columns, or of the only one there is: a year alone, or a "birthday" that is no part of anything. */
function birthDateOf(parts: Readonly<Record<DatePart, string | undefined>>): unknown {
  const told = Object.values(parts).filter((column) => column !== undefined);
  if (told.length === 3) return parts;
  return told.length === 1 && parts.month === undefined ? told[0] : undefined;
}

async function firstRows(file: string, encoding: string): Promise<readonly (readonly string[])[]> {
  const rows: (readonly string[])[] = [];
  for await (const { cells } of csvRows(file, { delimiter: null, encoding })) {
    rows.push(cells);
    if (rows.length === 2) break;
  }
  return rows;
}

function numberedTruth(header: readonly string[], first: readonly string[], recordId: string | undefined) {
  if (recordId === undefined || !NUMBERED.like.test(first[header.indexOf(recordId)] ?? "")) return undefined;
  return { column: recordId, pattern: NUMBERED.pattern };
}

function invalid(message: string): RollcallError {
  return new RollcallError("INPUT_INVALID", message, { isRetriable: false });
}
