import type { Micros } from "../../platform/clock.js";
import { createSeededRandom } from "../../platform/random.js";
import type { Row } from "../port.js";
import { isoOf, microsOf } from "../project/typed-value.js";

/**
 * The ways in which the rows of one test may reach its models. All must end in the same tables: as the test writes
 * them, at once and twice, as a full refresh, with windows cut finer, and, where the order is free, in other orders.
 *
 * In every way each row is delivered once, and a row's arrival column lies in the window of its delivery: a row that
 * names none gets the window's last instant, so it follows wherever it is put; one that names it stays at that time.
 */
export interface Way {
  readonly name: string;
  readonly deliveries: readonly Delivery[];
  /** Whether the first delivery builds the table, as a first run and a full refresh do; else all of them go on. */
  readonly isBuilt: boolean;
}

export interface Delivery {
  readonly windowFrom: Micros;
  readonly windowTo: Micros;
  /** By table. */
  readonly rows: Readonly<Record<string, readonly Row[]>>;
}

/** A row of an input. */
export interface Item {
  readonly table: string;
  readonly values: Row;
  /** Its arrival, from 0 on; null when it is there from the beginning. */
  readonly arrival: number | null;
  /** The columns that say when it arrived: those by which the models bound their windows. */
  readonly arrivalColumns: readonly string[];
}

export interface WaysInput {
  readonly items: readonly Item[];
  /** The window's end of each arrival, rising. */
  readonly ends: readonly Micros[];
  /** Whether one incremental model is tested: only then is there a full refresh to compare with. */
  readonly isIncremental: boolean;
  /** Whether windows may be cut elsewhere. */
  readonly isSplit: boolean;
  /** Whether rows that follow their arrival may come in another order. */
  readonly isReordered: boolean;
}

const BEGINNING: Micros = 0;
const SECOND: Micros = 1_000_000;
/** Every order of up to three arrivals; of more, the reverse and some drawn by a fixed seed. */
const MOST_ORDERS = 5;
const MOST_PIECES = 6;
const MOST_HALVES = 3;

/** Rows that arrive together, in a part of the window of one arrival. */
interface Piece {
  readonly items: readonly Item[];
  /** Where the window has to begin so that rows that name their time fall into it; null where that is free. */
  readonly from: Micros | null;
}

export function isMovable(item: Item): boolean {
  return item.arrivalColumns.length > 0 && item.arrivalColumns.every((column) => !(column in item.values));
}

export function waysOf(input: WaysInput): Way[] {
  const { ends, items } = input;
  const last = ends.at(-1) ?? BEGINNING;
  const slots = ends.map((end, index) => ({ from: ends[index - 1] ?? BEGINNING, to: end }));
  const arrived = slots.map((_, index) => items.filter((item) => (item.arrival ?? 0) === index));
  const written = arrived.flatMap((own, index) => cut([{ items: own, from: null }], slots[index]));
  const ways: Way[] = [{ name: "arrivals", deliveries: written, isBuilt: true }];
  if (input.isIncremental) {
    const whole = { windowFrom: BEGINNING, windowTo: last, rows: mergeRows(written) };
    ways.push({ name: "one arrival, twice", deliveries: [whole, { ...whole, rows: {} }], isBuilt: false });
    ways.push({ name: "full refresh", deliveries: [whole], isBuilt: true });
  }
  const pieces = slots.map((slot, index) => piecesOf(arrived[index] ?? [], slot));
  if (input.isSplit) ways.push(...splitWays(pieces, slots));
  if (input.isReordered) ways.push(...orderWays(arrived, pieces, slots));
  return distinct(ways);
}

interface Slot {
  readonly from: Micros;
  readonly to: Micros;
}

/** The finest parts of an arrival: first what has no time of its own, then each instant, then each row that follows. */
function piecesOf(items: readonly Item[], slot: Slot): Piece[] {
  const instants = new Map<Micros, Item[]>();
  const lasting: Item[] = [];
  const following: Item[] = [];
  for (const item of items) {
    const at = instantOf(item);
    if (item.arrival !== null && isMovable(item)) following.push(item);
    else if (at !== null && at >= slot.from && at < slot.to) instants.set(at, [...(instants.get(at) ?? []), item]);
    else lasting.push(item);
  }
  const timed = [...instants].sort(([a], [b]) => a - b).map(([from, own]) => ({ items: own, from }));
  const [first, ...others] = [...timed, ...following.map((item) => ({ items: [item], from: null }))];
  return [{ items: [...lasting, ...(first?.items ?? [])], from: null }, ...others];
}

/** When a row says it arrived, first of all; null when it does not. */
export function instantOf({ arrivalColumns, values }: Item): Micros | null {
  const stated = arrivalColumns.flatMap((column) => {
    const value = values[column];
    return value === undefined || value === null ? [] : [microsOf(String(value))];
  });
  return stated.length === 0 ? null : Math.min(...stated);
}

function splitWays(pieces: readonly Piece[][], slots: readonly Slot[]): Way[] {
  const each = pieces.flatMap((own, index) => cut(chunks(own, MOST_PIECES), slots[index]));
  const halves = pieces.flatMap((own, index) => {
    if (own.length < 2) return [];
    const deliveries = pieces.flatMap((other, at) => cut(chunks(other, at === index ? 2 : 1), slots[at]));
    return [{ name: `arrival ${index + 1} in two`, deliveries, isBuilt: true }];
  });
  return [...halves.slice(0, MOST_HALVES), { name: "row by row", deliveries: each, isBuilt: true }];
}

/** Only what follows its arrival changes its place; what is there from the beginning stays there. */
function orderWays(arrived: readonly (readonly Item[])[], pieces: readonly Piece[][], slots: readonly Slot[]): Way[] {
  const lasting = (arrived[0] ?? []).filter((item) => item.arrival === null);
  const contents = arrived.map((items) => items.filter((item) => item.arrival !== null));
  const deliver = (parts: readonly (readonly Item[])[][]): Delivery[] =>
    parts.flatMap((own, index) =>
      cut(
        own.map((items, at) => ({ items: index === 0 && at === 0 ? [...lasting, ...items] : items, from: null })),
        slots[index],
      ),
    );
  const orders = ordersOf(contents.length).map((order) => ({
    name: `arrivals in the order ${order.map((index) => index + 1).join(", ")}`,
    deliveries: deliver(order.map((index) => [contents[index] ?? []])),
    isBuilt: true,
  }));
  const swapped = contents.flatMap((own, index) => {
    if (own.length < 2) return [];
    const middle = Math.ceil(own.length / 2);
    const parts = contents.map((items, at) => (at === index ? [items.slice(middle), items.slice(0, middle)] : [items]));
    return [{ name: `arrival ${index + 1} in two, the second half first`, deliveries: deliver(parts), isBuilt: true }];
  });
  const rows = pieces.flat().flatMap(({ items }) => items.filter((item) => item.arrival !== null));
  const backwards = chunks(
    rows.reverse().map((item) => ({ items: [item], from: null })),
    MOST_PIECES,
  );
  const before = slots.length > 1 ? contents.map((): (readonly Item[])[] => [[]]) : [];
  // All in the last window: the ones before it bring nothing.
  const parts = [...before.slice(0, -1), rows.length === 0 ? [[]] : backwards.map(({ items }) => items)];
  return [
    ...orders,
    ...swapped.slice(0, MOST_HALVES),
    { name: "row by row, backwards", deliveries: deliver(parts), isBuilt: true },
  ];
}

/** Orders of n arrivals, the written one left out. */
export function ordersOf(count: number): number[][] {
  const written = Array.from({ length: count }, (_, index) => index);
  if (count <= 3) return permutations(written).slice(1);
  const random = createSeededRandom(count);
  const orders = new Map<string, number[]>();
  const add = (order: number[]): void => {
    if (order.join() !== written.join()) orders.set(order.join(), order);
  };
  add(written.toReversed());
  while (orders.size < MOST_ORDERS) add(shuffled(written, random));
  return [...orders.values()];
}

/** In lexical order, so the first is the list as it is. */
function permutations(list: readonly number[]): number[][] {
  if (list.length === 0) return [[]];
  return list.flatMap((head, index) => permutations(list.toSpliced(index, 1)).map((rest) => [head, ...rest]));
}

function shuffled(list: readonly number[], random: () => number): number[] {
  const rest = [...list];
  return list.flatMap(() => rest.splice(Math.floor(random() * rest.length), 1));
}

/** At most so many runs of neighbours, as even as can be. */
function chunks(pieces: readonly Piece[], most: number): Piece[] {
  const size = Math.max(1, Math.ceil(pieces.length / most));
  const starts = Array.from({ length: Math.ceil(pieces.length / size) }, (_, index) => index * size);
  return starts.map((start) => {
    const own = pieces.slice(start, start + size);
    return { items: own.flatMap(({ items }) => items), from: own[0]?.from ?? null };
  });
}

/**
 * One delivery for each piece, their windows together the slot's. A piece with a time of its own begins there; the
 * others share what is left at the end, a second each, or less where there is no room.
 */
function cut(pieces: readonly Piece[], slot: Slot | undefined): Delivery[] {
  if (slot === undefined) return [];
  const timed = pieces.filter(({ from }) => from !== null);
  const stated = pieces.flatMap(({ items }) => items).flatMap((item) => instantOf(item) ?? []);
  const latest = Math.max(slot.from, ...stated.filter((at) => at < slot.to));
  const free = pieces.length - 1 - timed.length;
  const step = Math.min(SECOND, Math.floor((slot.to - latest) / (free + 1)));
  if (step < 1)
    return [
      deliveryOf(
        pieces.flatMap(({ items }) => items),
        slot,
      ),
    ];
  const begins = pieces.map(({ from }, index) =>
    index === 0 ? slot.from : (from ?? slot.to - step * (pieces.length - index)),
  );
  return pieces.map(({ items }, index) =>
    deliveryOf(items, { from: begins[index] ?? slot.from, to: begins[index + 1] ?? slot.to }),
  );
}

function deliveryOf(items: readonly Item[], { from, to }: Slot): Delivery {
  const rows: Record<string, Row[]> = {};
  const stamp = isoOf(to - 1);
  for (const { table, values, arrivalColumns } of items) {
    const stamps = Object.fromEntries(arrivalColumns.map((column) => [column, stamp]));
    rows[table] = [...(rows[table] ?? []), { ...stamps, ...values }];
  }
  return { windowFrom: from, windowTo: to, rows };
}

function mergeRows(deliveries: readonly Delivery[]): Record<string, Row[]> {
  const rows: Record<string, Row[]> = {};
  for (const delivery of deliveries) {
    for (const [table, own] of Object.entries(delivery.rows)) rows[table] = [...(rows[table] ?? []), ...own];
  }
  return rows;
}

/** Ways that deliver the same are one: the first. */
function distinct(ways: readonly Way[]): Way[] {
  const seen = new Map<string, Way>();
  for (const way of ways) {
    const key = JSON.stringify([way.deliveries, way.isBuilt], (_, value: unknown) =>
      typeof value === "bigint" ? value.toString() : value,
    );
    if (!seen.has(key)) seen.set(key, way);
  }
  return [...seen.values()];
}
