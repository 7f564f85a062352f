import type { ColumnSource, Flow, OutputLineage, StatementLineage } from "../googlesql/lineage.js";
import { entriesOf, Passage, plainSources, restrict } from "../googlesql/lineage-given.js";
import { ANY_ROW, type Conditions, conditionsKey } from "../googlesql/lineage-keys.js";
import {
  type Entry,
  merge,
  partAt,
  sortedColumns,
  sortedEntries,
  through,
  type Value,
  within,
} from "../googlesql/lineage-values.js";
import type { Action } from "../project/action.js";

/** One column's part feeds another's, from the rows that `from.where` is about. */
export interface Edge {
  readonly from: ColumnSource;
  readonly to: ColumnSource;
  /** What is proven of the rows it feeds. */
  readonly given: Conditions;
  /** Columns of those rows that are columns of the row it comes from. */
  readonly same: ReadonlyMap<string, string>;
  readonly flow: Flow;
  readonly action: Action;
}

export interface ScriptLineage {
  readonly edges: readonly Edge[];
  readonly decisions: readonly { readonly writes: string | null; readonly columns: readonly ColumnSource[] }[];
  /** Columns of lasting tables that have new values in rows that keep others: "silver.traits.field", in lower case. */
  readonly rewrites: readonly string[];
}

/** Columns of temporary tables and variables, each in terms of lasting tables. By table, then by lower-case name. */
interface Temporaries {
  readonly tables: ReadonlyMap<string, ReadonlyMap<string, Value>>;
  readonly rewrites: ReadonlySet<string>;
}

const NO_ROW: ReadonlyMap<string, string> = new Map();

/** More rounds than a chain of temporary tables that only a loop closes can be long, in any script somebody can still read. */
const MOST_ROUNDS = 50;

/** A temporary table or a variable: only tables that last are named with their dataset. */
function isTemporary(table: string): boolean {
  return !table.includes(".");
}

/**
 * What the statements of one script do to lasting tables. A temporary table holds what any statement writes to it, wherever it stands:
 * a loop may bring the script back.
 */
export function withoutTemporaries(action: Action, statements: readonly StatementLineage[]): ScriptLineage {
  const known = temporariesOf(statements);
  const edges = statements.flatMap(({ writes, outputs, rows }) => {
    if (writes === null || isTemporary(writes)) return [];
    return outputs.flatMap(({ name, sources }) =>
      resolved(known, entriesOf(sources, rows)).map(
        ({ table, column, path, where, flow, into, given = ANY_ROW, origin }) => ({
          from: { table, column, path, ...(where === undefined ? {} : { where }) },
          to: { table: writes, column: name, path: into },
          given,
          same: origin?.keys ?? NO_ROW,
          flow,
          action,
        }),
      ),
    );
  });
  const decisions = statements.map(({ writes, conditions }) => ({
    writes: writes === null || isTemporary(writes) ? null : writes,
    columns: sortedColumns(
      resolved(
        known,
        conditions.map((column) => ({ ...column, flow: "decide", into: [] })),
      ),
    ),
  }));
  return { edges, decisions, rewrites: rewritesOf(statements, (table) => !isTemporary(table)) };
}

/** Where the columns of the script's last statement, a query, come from. */
export function queryOutputs(statements: readonly StatementLineage[]): readonly OutputLineage[] {
  const known = temporariesOf(statements);
  const last = statements.at(-1);
  const outputs = last?.outputs ?? [];
  return outputs.map(({ name, sources }) => ({
    name,
    sources: plainSources(resolved(known, entriesOf(sources, last?.rows)), []),
  }));
}

function rewritesOf(statements: readonly StatementLineage[], isMeant: (table: string) => boolean): readonly string[] {
  return statements.flatMap(({ writes, rewrites = [] }) =>
    writes === null || !isMeant(writes) ? [] : rewrites.map((column) => `${writes}.${column}`.toLowerCase()),
  );
}

function temporariesOf(statements: readonly StatementLineage[]): Temporaries {
  const temporary = statements.filter(({ writes }) => writes !== null && isTemporary(writes));
  const rewrites = new Set(rewritesOf(statements, isTemporary));
  let known: Temporaries = { tables: new Map(), rewrites };
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const next = new Map<string, Map<string, Value>>();
    for (const { writes, outputs, rows } of temporary) {
      const columns = next.get(writes ?? "") ?? new Map<string, Value>();
      next.set(writes ?? "", columns);
      for (const { name, sources } of outputs) {
        // In their order, so that a script without loops is done in one round.
        const found = entriesOf(sources, rows).flatMap((source) =>
          resolve(next.has(source.table) ? { tables: next, rewrites } : known, source, []),
        );
        columns.set(name.toLowerCase(), merge([columns.get(name.toLowerCase()) ?? [], found]));
      }
    }
    const isSettled = textOf(next) === textOf(known.tables);
    known = { tables: next, rewrites };
    if (isSettled) break;
  }
  return known;
}

/** What a round of values came to: each round can only add ways, and take from what is known of rows. */
function textOf(temporaries: Temporaries["tables"]): string {
  const values = [...temporaries].flatMap(([table, columns]) =>
    [...columns].map(([column, value]) => {
      const entries = sortedEntries(value).map(({ flow, where = ANY_ROW, given = ANY_ROW, origin }) =>
        [flow, conditionsKey(where), conditionsKey(given), origin?.id ?? ""].join(" "),
      );
      return `${table}.${column} ${entries.join()}`;
    }),
  );
  return values.sort().join("\n");
}

function resolved(known: Temporaries, value: Value): Value {
  return merge(value.map((source) => resolve(known, source)));
}

/** A source in terms of lasting tables. A variable that nothing is assigned to is a constant. */
function resolve(known: Temporaries, source: Entry, absent: Value = [source]): Value {
  if (!isTemporary(source.table)) return [source];
  const value = known.tables.get(source.table)?.get(source.column.toLowerCase());
  if (value === undefined) return source.table.startsWith("@") ? [] : absent;
  const part = through(source.flow, partAt(ownRows(known, source, value), source.path));
  return source.into.reduceRight((inner, name) => within(name, inner), part);
}

/** Of a temporary table's column what is in the rows that the source is about, as known of the rows it goes to. */
function ownRows(
  { rewrites }: Temporaries,
  { table, where = ANY_ROW, given = ANY_ROW, origin }: Entry,
  value: Value,
): Value {
  const isKept = (column: string): boolean => !rewrites.has(`${table}.${column}`);
  const facts = Object.fromEntries(Object.entries(where).filter(([column]) => isKept(column)));
  const same = [...(origin?.keys ?? NO_ROW)].filter(([, column]) => isKept(column));
  const columns = same.map(([to, from]) => ({ from, to }));
  const passage = new Passage(`${table} ${JSON.stringify(columns)}`, columns);
  return restrict(passage.carry(restrict(value, facts)), given);
}
