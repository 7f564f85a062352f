import { isoToMicros, type Micros } from "../../platform/clock.js";
import type { Mapping } from "./mapping.js";
import type { TraitField } from "./mapping-schema.js";

/** One row of a labelled file, by its mapping. Nothing in it is canonical yet. */
export interface LabelledRecord<Type extends string> {
  /** Where the row ends; of several files, counted through all of them. */
  readonly line: number;
  readonly person: string;
  readonly source: string;
  /** Earlier is smaller; the line where the file tells no order. */
  readonly arrival: number;
  /** By the sender; null where the file tells no time. */
  readonly occurredAt: Micros | null;
  readonly identifiers: readonly {
    readonly type: Type;
    readonly namespace: string | null;
    readonly raw: string;
  }[];
  readonly traits: readonly { readonly field: TraitField; readonly value: string }[];
}

/** The record, or what is wrong with the row. */
export type RowReader<Type extends string> = (cells: readonly string[], line: number) => LabelledRecord<Type> | string;

export interface RowReaderConfig<Type extends string> {
  readonly file: string;
  readonly header: readonly string[];
  readonly mapping: Mapping<Type>;
  /** Of rows whose mapping names no source. */
  readonly defaultSource: string;
  /** Lines of the files before. */
  readonly linesBefore: number;
  /** Where the truth is by links. */
  readonly personOf: ((recordId: string) => string) | null;
}

export function createRowReader<Type extends string>(config: RowReaderConfig<Type>): RowReader<Type> {
  const { file, header, mapping, personOf } = config;
  const index = (column: string): number => header.indexOf(column);
  const optional = (column: string | null): ((cells: readonly string[]) => string | null) => {
    if (column === null) return () => null;
    const at = index(column);
    return (cells) => cells[at] || null;
  };
  const truth = mapping.truth.by === "column" ? { ...mapping.truth, at: index(mapping.truth.column) } : null;
  const recordId = optional(mapping.recordId);
  const source = optional(mapping.source);
  const arrival = optional(mapping.arrival);
  const occurredAt = optional(mapping.occurredAt);
  const identifiers = mapping.identifiers.map((each) => ({
    ...each,
    at: index(each.column),
    namespaceOf: optional(each.namespaceColumn),
  }));
  const traits = mapping.traits.map(({ field, read, columns }) => ({ field, read, at: columns.map(index) }));
  const seen = new Map<string, number>();
  let arrivalKind: "number" | "time" | null = null;

  return (written, line) => {
    const refuse = (what: string): string => `${file}:${line}: ${what}`;
    const cells = written.map((cell) => (mapping.empty.has(cell) ? "" : cell));
    const told = truth === null ? null : personIn(cells[truth.at] ?? "", truth.pattern);
    if (truth !== null && told === null) {
      return refuse(
        truth.pattern === null
          ? `"${truth.column}" is empty: every record needs its true person`
          : `"${truth.column}" does not match the pattern of the truth`,
      );
    }
    const id = recordId(cells);
    if (mapping.recordId !== null && id === null) return refuse(`"${mapping.recordId}" is empty`);
    if (id !== null) {
      const before = seen.get(id);
      if (before !== undefined) return refuse(`has the same "${mapping.recordId}" as line ${before}`);
      seen.set(id, line);
    }
    // A truth by links has the ids of records.
    const person = told ?? personOf?.(id ?? "") ?? "";
    const arrived = readArrival(arrival(cells));
    if (mapping.arrival !== null) {
      const kind = arrived?.kind ?? null;
      if (kind === null || (arrivalKind !== null && arrivalKind !== kind)) {
        return refuse(`"${mapping.arrival}" is a whole number in every row, or an ISO 8601 time in every row`);
      }
      arrivalKind = kind;
    }
    const occurred = readTime(occurredAt(cells));
    if (mapping.occurredAt !== null && occurred === null) {
      return refuse(`"${mapping.occurredAt}" is an ISO 8601 time in every row`);
    }
    const found: { type: Type; namespace: string | null; raw: string }[] = [];
    for (const { type, at, separator, namespace, namespaceColumn, namespaceOf } of identifiers) {
      const cell = cells[at] ?? "";
      if (cell === "") continue;
      const own = namespaceColumn === null ? namespace : namespaceOf(cells);
      if (namespaceColumn !== null && (own === null || own.includes("|"))) {
        return refuse(`"${namespaceColumn}" is a namespace: not empty, and without "|"`);
      }
      const values = separator === null ? [cell] : cell.split(separator);
      for (const value of values) if (value.trim() !== "") found.push({ type, namespace: own, raw: value.trim() });
    }
    return {
      line: config.linesBefore + line,
      person,
      source: source(cells) ?? config.defaultSource,
      arrival: arrived?.at ?? config.linesBefore + line,
      occurredAt: occurred ?? (arrived?.kind === "time" ? arrived.at : null),
      identifiers: found,
      traits: traits.flatMap(({ field, at, read }) => {
        const value = read(at.map((each) => cells[each] ?? ""));
        return value === "" ? [] : [{ field, value }];
      }),
    };
  };
}

function personIn(cell: string, pattern: RegExp | null): string | null {
  return (pattern === null ? cell : pattern.exec(cell)?.[1]) || null;
}

function readArrival(text: string | null): { readonly kind: "number" | "time"; readonly at: number } | null {
  if (text === null) return null;
  if (/^-?\d{1,15}$/.test(text)) return { kind: "number", at: Number(text) };
  const at = readTime(text);
  return at === null ? null : { kind: "time", at };
}

/** A day without a time begins it. */
function readTime(text: string | null): Micros | null {
  return text === null ? null : isoToMicros(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00` : text);
}
