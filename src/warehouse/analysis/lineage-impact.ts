import type { TableCatalog } from "../duckdb/catalog.js";
import type { ColumnSource, Flow } from "../googlesql/lineage.js";
import type { GoogleType } from "../googlesql/types.js";
import type { Fixture, Fixtures } from "../model-tests/fixture.js";
import type { ModelTest } from "../model-tests/test-file.js";
import type { Action } from "../project/action.js";
import { columnKey, type LineageGraph, partKey, partText } from "./lineage.js";
import { type Reached, reach } from "./lineage-walk.js";

/** A table that a sync reads, and which of its columns the sync itself goes by. */
export interface DeliveredTable {
  /** "profiles.identifiers": target and object. */
  readonly name: string;
  /** "activation.act_profiles__identifiers". */
  readonly table: string;
  /** Columns the sync cannot do without, each with what it is to it: its key, say. */
  readonly needs: Readonly<Record<string, string>>;
}

export interface ImpactInput {
  readonly graph: LineageGraph;
  /** The tables of `graph`, with their types. */
  readonly catalog: TableCatalog;
  readonly part: ColumnSource;
  readonly tests: readonly ModelTest[];
  readonly deliveries: readonly DeliveredTable[];
}

export interface ImpactedFile {
  readonly id: string;
  readonly file: string;
  /** Columns made of it; empty where it only decides which rows there are. */
  readonly columns: readonly ImpactedColumn[];
}

export interface ImpactedColumn {
  readonly column: string;
  readonly flow: Flow;
}

export interface Impact {
  readonly part: string;
  /** Whether it is a member inside of JSON: what reads one that is gone gets NULL and does not fail. */
  readonly isInJson: boolean;
  /** Files that make the column: whoever drops or changes it begins here. */
  readonly madeIn: readonly string[];
  /** Models whose SQL names it. */
  readonly readers: readonly ImpactedFile[];
  /** Columns of further models, over any number of steps; what only decides is left out. */
  readonly further: readonly ImpactedFile[];
  readonly assertions: readonly ImpactedFile[];
  /** "definitions/gold/profiles.test.yaml:12", with the test's name. */
  readonly tests: readonly { readonly place: string; readonly name: string }[];
  readonly deliveries: readonly ImpactedDelivery[];
}

export interface ImpactedDelivery {
  readonly name: string;
  readonly table: string;
  readonly columns: readonly ImpactedColumn[];
  /** What the sync goes by that is hit: it would not deliver at all. */
  readonly needs: readonly string[];
}

/** Whom it concerns when a column goes away or gets other values. */
export function impactOf({ graph, catalog, part, tests, deliveries }: ImpactInput): Impact {
  const readers = directReaders(graph, part);
  const carried = reach(graph, part, "down", { flows: ["copy", "derive", "digest"] });
  const further = carried.filter(({ via }) => via.length > 1);
  const own = graph.tables.get(part.table)?.action?.fileName;
  const writers = graph.sourcesOf({ ...part, path: [] }).map(({ action }) => action.fileName);
  return {
    part: partText(part),
    isInJson: isInJson(catalog, part),
    madeIn: [...new Set([...writers, ...(own === undefined ? [] : [own])])],
    readers: readers.filter(({ kind }) => kind !== "assertion").map(({ id, file, columns }) => ({ id, file, columns })),
    further: byFile(further.map((one) => ({ action: one.via.at(-1)?.action, reached: one }))),
    assertions: readers
      .filter(({ kind }) => kind === "assertion")
      .map(({ id, file, columns }) => ({ id, file, columns })),
    tests: tests.filter((test) => namesPart(test, part)).map(({ place, name }) => ({ place, name })),
    deliveries: deliveries.flatMap((delivery) => deliveryImpact(delivery, part, carried)),
  };
}

/** Whether nothing at all reads the column. */
export function isHarmless({ readers, assertions, tests, deliveries }: Impact): boolean {
  return readers.length + assertions.length + tests.length + deliveries.length === 0;
}

interface Reader extends ImpactedFile {
  readonly kind: Action["kind"];
}

function directReaders(graph: LineageGraph, part: ColumnSource): readonly Reader[] {
  const found = new Map<string, { action: Action; columns: Map<string, Flow> }>();
  const at = (action: Action) => {
    const known = found.get(action.id) ?? { action, columns: new Map<string, Flow>() };
    found.set(action.id, known);
    return known;
  };
  for (const { action, columns } of graph.decisions) if (columns.some((column) => overlaps(column, part))) at(action);
  for (const { part: target, flow, action } of graph.targetsOf(part))
    if (columnKey(target) !== columnKey(part)) at(action).columns.set(columnText(target, action), flow);
  return [...found.values()].map(({ action, columns }) => ({
    id: action.id,
    file: action.fileName,
    kind: action.kind,
    columns: [...columns].map(([column, flow]) => ({ column, flow })),
  }));
}

function overlaps(a: ColumnSource, b: ColumnSource): boolean {
  const [short, long] = [partKey(a), partKey(b)].sort((x, y) => x.length - y.length) as [string, string];
  return long === short || long.startsWith(`${short}.`);
}

/** Without the table's name where it is the model's own. */
function columnText(part: ColumnSource, action: Action): string {
  const text = partText(part);
  const own = `${action.id.toLowerCase()}.`;
  return text.startsWith(own) ? text.slice(own.length) : text;
}

function byFile(found: readonly { action: Action | undefined; reached: Reached }[]): readonly ImpactedFile[] {
  const files = new Map<string, { id: string; file: string; columns: ImpactedColumn[] }>();
  for (const { action, reached } of found) {
    if (action === undefined) continue;
    const known = files.get(action.id) ?? { id: action.id, file: action.fileName, columns: [] };
    known.columns.push({ column: columnText(reached.part, action), flow: reached.flow });
    files.set(action.id, known);
  }
  return [...files.values()];
}

function deliveryImpact(
  delivery: DeliveredTable,
  part: ColumnSource,
  carried: readonly Reached[],
): readonly ImpactedDelivery[] {
  const { name, table, needs } = delivery;
  const own = part.table === table ? [{ part, flow: "copy" as const }] : [];
  const hit = [...own, ...carried].filter((one) => one.part.table === table);
  if (hit.length === 0) return [];
  const columns = hit.map(({ part: { column, path }, flow }) => ({
    column: [column, ...path].join(".").replaceAll(".[]", "[]"),
    flow,
  }));
  const shown = hit.filter(({ flow }) => flow !== "digest");
  const needed = Object.entries(needs).filter(([column]) => shown.some((one) => one.part.column === column));
  return [{ name, table, columns, needs: needed.map(([column, use]) => `${column} (${use})`) }];
}

function isInJson(catalog: TableCatalog, { table, column, path }: ColumnSource): boolean {
  const columns = catalog.get(table.toLowerCase())?.columns ?? [];
  let type: GoogleType | undefined = columns.find(({ name }) => name.toLowerCase() === column.toLowerCase())?.type;
  for (const step of path) {
    if (type?.kind === "JSON") return true;
    if (type?.kind === "ARRAY" && step === "[]") type = type.element;
    else if (type?.kind === "STRUCT")
      type = type.fields.find(({ name }) => name.toLowerCase() === step.toLowerCase())?.type;
    else return false;
  }
  return false;
}

/** Whether a test gives or expects the part, or compares its column; of a query, whether its text has the last word of it. */
function namesPart(test: ModelTest, { table, column, path }: ColumnSource): boolean {
  const fixtures: Fixtures[] = [test.given, test.expect, ...test.arrivals.map(({ given }) => given)];
  return (
    (path.length === 0 && test.columns[table]?.includes(column) === true) ||
    fixtures.some((tables) => {
      const fixture = tables[table];
      return fixture !== undefined && fixtureNames(fixture, [column, ...path]);
    })
  );
}

function fixtureNames(fixture: Fixture, path: readonly string[]): boolean {
  if (fixture.kind === "rows") return fixture.rows.some(({ values }) => hasMember(values, path));
  const word = path.findLast((step) => step !== "[]") ?? "";
  return new RegExp(`(?<!\\w)${word.replace(/[^\w]/g, "\\$&")}(?!\\w)`, "i").test(fixture.sql);
}

function hasMember(value: unknown, path: readonly string[]): boolean {
  const [step, ...rest] = path;
  if (step === undefined) return true;
  if (step === "[]") return Array.isArray(value) && value.some((element) => hasMember(element, rest));
  if (typeof value !== "object" || value === null || Array.isArray(value) || !Object.hasOwn(value, step)) return false;
  return hasMember((value as Readonly<Record<string, unknown>>)[step], rest);
}
