import { isSqlKind, type SqlKind } from "./kinds.js";
import { type PlaceholderUse, placeholdersOf } from "./sqltext.js";

/** One GoogleSQL function as DuckDB SQL. */
export interface Entry {
  readonly name: string;
  /** The first that fits is taken. */
  readonly overloads: readonly Overload[];
}

export interface Overload {
  readonly params: readonly EntryParam[];
  /** DuckDB SQL in which `$name` stands for an argument. */
  readonly body: string;
  readonly uses: ReadonlyMap<string, PlaceholderUse>;
  /**
   * A better body for these arguments (a format known at compile time, say), written with the same `$name`s;
   * null for the general one.
   */
  readonly specialize?: Specialize;
}

export interface EntryParam {
  readonly name: string;
  /** Absent: any. */
  readonly type?: SqlKind;
  /** DuckDB SQL for an argument left out. */
  readonly default?: string;
}

export type Specialize = (args: readonly string[]) => string | null;

export interface SpecialBody {
  readonly body: string;
  readonly specialize: Specialize;
}

/**
 * Declares an entry from signatures and bodies: `{"s STRING, n INT64 = 1": "repeat($s, $n)"}`.
 * Throws at load when a signature does not parse, or when a body mentions what is not a parameter or leaves one out.
 */
export function entry(name: string, bodies: Readonly<Record<string, string | SpecialBody>>): Entry {
  const overloads = Object.entries(bodies).map(([signature, given]) => {
    const params = parseSignature(name, signature);
    const body = typeof given === "string" ? given : given.body;
    const uses = placeholdersOf(body);
    checkUses(name, signature, params, uses);
    return typeof given === "string" ? { params, body, uses } : { params, body, uses, specialize: given.specialize };
  });
  return { name, overloads };
}

/** The same bodies under several names. */
export function entries(names: readonly string[], bodies: (name: string) => Readonly<Record<string, string>>): Entry[] {
  return names.map((name) => entry(name, bodies(name)));
}

const PARAM = /^([a-z_]\w*)(?: ([A-Z0-9]+))?(?: = (.+))?$/;

function parseSignature(name: string, signature: string): readonly EntryParam[] {
  if (signature.trim() === "") return [];
  return signature.split(", ").map((text) => {
    const [, param, type, value] = PARAM.exec(text) ?? [];
    if (param === undefined || (type !== undefined && !isSqlKind(type))) {
      throw new TypeError(`library entry ${name}: "${text}" is not "name [TYPE] [= default]"`);
    }
    return {
      name: param,
      ...(type === undefined ? {} : { type }),
      ...(value === undefined ? {} : { default: value }),
    };
  });
}

function checkUses(
  name: string,
  signature: string,
  params: readonly EntryParam[],
  uses: ReadonlyMap<string, PlaceholderUse>,
): void {
  const known = new Set(params.map((param) => param.name));
  const unknown = [...uses.keys()].filter((used) => !known.has(used));
  const unused = params.filter((param) => !uses.has(param.name)).map((param) => param.name);
  if (unknown.length > 0) {
    throw new TypeError(`library entry ${name}(${signature}): body mentions unknown $${unknown.join(", $")}`);
  }
  if (unused.length > 0) {
    throw new TypeError(`library entry ${name}(${signature}): body never mentions $${unused.join(", $")}`);
  }
}
