import { RollcallError } from "../../../platform/errors.js";
import { arrays } from "./arrays.js";
import { casts } from "./casts.js";
import { crypto } from "./crypto.js";
import { datearithmetic } from "./datearithmetic.js";
import { dateparts } from "./dateparts.js";
import { dates } from "./dates.js";
import type { Entry, Overload } from "./entry.js";
import { hashes } from "./hashes.js";
import { intervals } from "./intervals.js";
import { json } from "./json.js";
import type { SqlKind } from "./kinds.js";
import { net } from "./net.js";
import { numbers } from "./numbers.js";
import { regexp } from "./regexp.js";
import { isAtomic, isLiteral, isVolatile, placeholdersOf, substitute } from "./sqltext.js";
import { strings } from "./strings.js";

const LIBRARY: ReadonlyMap<string, Entry> = indexByName([
  ...strings,
  ...regexp,
  ...json,
  ...casts,
  ...dates,
  ...datearithmetic,
  ...dateparts,
  ...intervals,
  ...arrays,
  ...numbers,
  ...hashes,
  ...net,
  ...crypto,
]);

/** Kinds an argument may have beside the declared one, because DuckDB converts it without loss of meaning. */
const ALSO_TAKES: Partial<Record<SqlKind, readonly SqlKind[]>> = {
  DOUBLE: ["INT64", "NUMERIC"],
  NUMERIC: ["INT64"],
};

/** Beyond this many characters an argument used several times is computed once by name instead of repeated. */
const LONGEST_REPEATED = 120;
/** The same for an argument without dear functions: what holds a name costs more than computing it four times. */
const LONGEST_CHEAP = 400;
const DEAR = /regexp|json|->>|sha|md5|list_|strf|strp|split|nfc|trim|\bu_/;

/** The name of the lambda that holds arguments computed once. */
const BOUND = "bound_args";

export function hasMacro(name: string): boolean {
  return LIBRARY.has(name);
}

/** Every entry, for documentation and tests. */
export function libraryNames(): readonly string[] {
  return [...LIBRARY.keys()];
}

/**
 * One GoogleSQL function as DuckDB SQL, in parentheses. `args` are DuckDB SQL, `kinds` their GoogleSQL types where
 * known. An argument the body needs several times is evaluated once when it is volatile, long, or used in a lambda.
 *
 * Throws SQL_UNSUPPORTED when there is no such entry or no overload for these kinds.
 */
export function expand(name: string, args: readonly string[], kinds: readonly (SqlKind | undefined)[]): string {
  const found = LIBRARY.get(name);
  if (found === undefined) {
    throw new RollcallError("SQL_UNSUPPORTED", `the embedded warehouse has no function ${name.toUpperCase()}`, {
      isRetriable: false,
      details: { function: name },
    });
  }
  const overload = chooseOverload(found, args.length, kinds);
  const special = overload.specialize?.(args) ?? null;
  const body = special ?? overload.body;
  const uses = special === null ? overload.uses : placeholdersOf(special);
  return fill(overload, body, uses, args);
}

function chooseOverload(found: Entry, count: number, kinds: readonly (SqlKind | undefined)[]): Overload {
  const candidates = found.overloads.filter(({ params }) => takesCount(params, count));
  const matches = (isTaken: (declared: SqlKind, given: SqlKind) => boolean) =>
    candidates.find(({ params }) =>
      params.slice(0, count).every(({ type }, index) => {
        const given = kinds[index];
        return type === undefined || given === undefined || isTaken(type, given);
      }),
    );
  const chosen =
    matches((declared, given) => declared === given) ??
    matches((declared, given) => declared === given || (ALSO_TAKES[declared]?.includes(given) ?? false));
  if (chosen === undefined) {
    const given = Array.from({ length: count }, (_, index) => kinds[index] ?? "?").join(", ");
    throw new RollcallError(
      "SQL_UNSUPPORTED",
      `the embedded warehouse has no ${found.name.toUpperCase()}(${given}); cast the arguments, or write it another way`,
      { isRetriable: false, details: { function: found.name, kinds: given } },
    );
  }
  return chosen;
}

function takesCount(params: Overload["params"], count: number): boolean {
  return count <= params.length && params.slice(count).every((param) => param.default !== undefined);
}

function fill(overload: Overload, body: string, uses: Overload["uses"], args: readonly string[]): string {
  const given = overload.params.map((param, index) => ({
    name: param.name,
    sql: args[index] ?? param.default ?? "NULL",
  }));
  const mustBind = given.some(({ name, sql }) => {
    const use = uses.get(name);
    if (use === undefined || isAtomic(sql) || isLiteral(sql)) return false;
    const longest = DEAR.test(sql) ? LONGEST_REPEATED : LONGEST_CHEAP;
    return use.isInLambda || (use.count > 1 && (sql.length * use.count > longest || isVolatile(sql)));
  });
  if (!mustBind) {
    return `(${substitute(body, new Map(given.map(({ name, sql }) => [name, isAtomic(sql) ? sql : `(${sql})`])))})`;
  }
  // A one-element list and a lambda compute each argument once, where a subquery would have to be correlated.
  const bound = given.filter(({ name, sql }) => uses.has(name) && !isLiteral(sql));
  const values = new Map(given.map(({ name, sql }) => [name, isLiteral(sql) ? `(${sql})` : `${BOUND}.${name}`]));
  const fields = bound.map(({ name, sql }) => `'${name}': ${sql}`).join(", ");
  return `(list_transform([{${fields}}], lambda ${BOUND}: (${substitute(body, values)}))[1])`;
}

function indexByName(all: readonly Entry[]): ReadonlyMap<string, Entry> {
  const index = new Map<string, Entry>();
  for (const one of all) {
    if (index.has(one.name)) throw new TypeError(`library entry ${one.name} is declared twice`);
    index.set(one.name, one);
  }
  return index;
}
