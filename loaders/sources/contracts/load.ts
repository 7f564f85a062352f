import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { messageOf, RollcallError } from "../../../src/platform/errors.js";
import { IDENTIFIER_TYPES, type IdentifierType } from "../../record.js";
import type { Contract, ContractNode, PersonalKind } from "./contract.js";
import { createValidate } from "./validate.js";

/** Event name to contract. */
export type ContractSet = ReadonlyMap<string, Contract>;

/** The part of JSON Schema that contracts are written in. */
interface Schema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly "x-personal"?: PersonalKind;
  readonly "x-identifier"?: string;
  readonly "x-unnamed"?: "personal";
}

const VERSION_FILE = /^(\d+)-(\d+)-(\d+)\.json$/;
const LOCAL_REF = /^#\/\$defs\/(\w+)$/;

/**
 * Reads `<folder>/<event>/<MODEL-REVISION-ADDITION>.json`, the newest version of each event. Ids are
 * `<source>.<event>/<version>`. Throws CONFIG_INVALID, not retriable, for a contract that cannot be read.
 */
export function loadContracts(source: string, folder: string): ContractSet {
  return new Map(
    readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => [entry.name, loadNewest(source, entry.name, join(folder, entry.name))]),
  );
}

/** The contract of an event that the caller knows to be there. */
export function contractOf(contracts: ContractSet, event: string): Contract {
  const contract = contracts.get(event);
  if (contract === undefined) throw invalid(`There is no contract for "${event}". Add contracts/${event}/1-0-0.json.`);
  return contract;
}

function loadNewest(source: string, event: string, folder: string): Contract {
  const newest = readdirSync(folder)
    .filter((name) => VERSION_FILE.test(name))
    .sort(byVersion)
    .at(-1);
  if (newest === undefined) throw invalid(`${folder} holds no version. Add 1-0-0.json.`);
  const path = join(folder, newest);
  const schema = readSchema(path);
  const root = toNode(schema, schema.$defs ?? {}, path);
  const names = namesOf(root);
  return {
    id: `${source}.${event}/${newest.slice(0, -".json".length)}`,
    root,
    check: createValidate(schema, (name) => names.has(name)),
  };
}

function byVersion(a: string, b: string): number {
  const [left, right] = [a, b].map((name) => (VERSION_FILE.exec(name) ?? []).slice(1, 4).map(Number));
  for (let n = 0; n < 3; n++) {
    const difference = (left?.[n] ?? 0) - (right?.[n] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function readSchema(path: string): Schema {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Schema;
  } catch (error) {
    throw invalid(`The contract ${path} cannot be read: ${messageOf(error)}. Mend the file.`, error);
  }
}

function toNode(schema: Schema, definitions: Readonly<Record<string, Schema>>, path: string): ContractNode {
  const target = schema.$ref === undefined ? schema : resolve(schema.$ref, definitions, path);
  const properties = Object.entries(target.properties ?? {});
  return {
    personal: target["x-personal"] ?? null,
    identifier: toIdentifierType(target["x-identifier"], path),
    types: target.type === undefined ? [] : [target.type].flat(),
    properties: new Map(properties.map(([name, part]) => [name, toNode(part, definitions, path)])),
    items: target.items === undefined ? null : toNode(target.items, definitions, path),
    hidesUnnamed: target["x-unnamed"] === "personal",
  };
}

function resolve(ref: string, definitions: Readonly<Record<string, Schema>>, path: string): Schema {
  const target = definitions[LOCAL_REF.exec(ref)?.[1] ?? ""];
  if (target === undefined) throw invalid(`${path} refers to ${ref}, which is not in its $defs. Add it there.`);
  return target;
}

function toIdentifierType(name: string | undefined, path: string): IdentifierType | null {
  if (name === undefined) return null;
  const type = IDENTIFIER_TYPES.find((known) => known === name);
  if (type === undefined) {
    throw invalid(`${path}: x-identifier "${name}" is unknown. Use one of ${IDENTIFIER_TYPES.join(", ")}.`);
  }
  return type;
}

function namesOf(node: ContractNode): Set<string> {
  const names = new Set(node.properties.keys());
  for (const child of node.properties.values()) for (const name of namesOf(child)) names.add(name);
  for (const name of node.items ? namesOf(node.items) : []) names.add(name);
  return names;
}

function invalid(message: string, cause?: unknown): RollcallError {
  return new RollcallError("CONFIG_INVALID", message, { isRetriable: false, cause });
}
