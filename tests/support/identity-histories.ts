import { createHash } from "node:crypto";
import type { Trait } from "../../src/identity/normalise/features.js";
import type { IdentifierType } from "../../src/identity/normalise/types.js";
import type { Micros } from "../../src/platform/clock.js";
import { createSeededRandom } from "../../src/platform/random.js";
import { BEGINNING, type Decision, type Happening, type Observation } from "./identity-world.js";

/**
 * Random histories of a handful of people who share mailboxes, phones and names. Many go side by side in one warehouse, so that one
 * cycle is a step of them all; they have no identifier in common, and few have names in common.
 */
export interface HistoriesConfig {
  readonly histories: number;
  readonly steps: number;
  readonly seed: number;
  /** How often somebody new comes, and not somebody known; 0 to 1. Absent: every other time. */
  readonly newcomers?: number;
  /** Whether people also sign in on devices they share, and somebody is there who does not. */
  readonly hasDevices?: boolean;
}

/** Each step's happenings, one of every history, in order of time. */
export type Steps = readonly (readonly Happening[])[];

const STEP: Micros = 3_600_000_000;
/** Where a cycle after this many steps reads up to. */
export const endOf = (step: number): Micros => BEGINNING + (step + 2) * STEP;

/** How many values a history has of each type. Sources that own nodes by it. */
const POOL: readonly (readonly [IdentifierType, number, readonly string[]])[] = [
  ["email", 3, ["email", "website", "salesforce"]],
  ["phone", 2, ["whatsapp", "salesforce"]],
  ["user_id", 3, ["website", "mobile"]],
  ["student_number", 2, ["mobile"]],
  ["salesforce_contact_id", 2, ["salesforce"]],
  ["salesforce_lead_id", 1, ["salesforce"]],
];
const DEVICE = "anonymous_id";
/** Named more than once: half of what is seen there is nobody's who signed in. */
const DEVICES: typeof POOL = [1, 2, 3].map(() => [DEVICE, 2, ["website"]]);
/** What happens on devices, happens within so many days. */
const DEVICE_DAYS = 60;
const DAY: Micros = 86_400_000_000;
const GIVEN = ["Ann", "Anna", "Priya", "Robert", "Bob"];
const FAMILY = [
  "Okafor",
  "Iyer",
  "Nakamura",
  "Lindqvist",
  "Haddad",
  "Mbeki",
  "Castillo",
  "Petrov",
  "Zhou",
  "Whitfield",
];
/** Of one history; a slip of the hand makes the second of the first. */
const birthsOf = (n: number): string[] => [`${1960 + (n % 47)}-04-05`, `${1960 + (n % 47)}-05-04`, "1999-12-31"];

/** Of what happens with somebody known, this share is said of them; the rest an operator decides. */
const SAID = 0.7;
/** Of decisions, this share withdraws the last one that stands, if any does. */
const WITHDRAWN = 0.1;

export function randomHistories({
  histories,
  steps,
  seed,
  newcomers = 0.5,
  hasDevices = false,
}: HistoriesConfig): Steps {
  const writers = Array.from({ length: histories }, (_, n) =>
    createHistory({ n, newcomers, hasDevices }, createSeededRandom(seed * 10_007 + n)),
  );
  return Array.from({ length: steps }, (_, step) =>
    // A microsecond apart: who came first must be certain.
    writers.map((write, n) => write(endOf(step - 1) + n)),
  );
}

type Random = () => number;

function pick<T>(random: Random, from: readonly T[]): T {
  const found = from[Math.floor(random() * from.length)];
  if (found === undefined) throw new Error("nothing to pick from");
  return found;
}

interface HistoryConfig extends Required<Pick<HistoriesConfig, "newcomers" | "hasDevices">> {
  /** Which of the histories: no identifier of it occurs in another. */
  readonly n: number;
}

/** What happens next in one history, at the given time. */
function createHistory({ n, newcomers, hasDevices }: HistoryConfig, random: Random): (at: Micros) => Happening {
  const pool = hasDevices ? [...POOL, ...DEVICES] : POOL;
  const nodes: Observation[] = [];
  const standing: Decision[] = [];
  const families = [0, 3].map((place) => FAMILY[(n + place) % FAMILY.length] ?? "");
  const identifier = (): Observation["identifiers"][number] & { readonly sources: readonly string[] } => {
    const [type, size, sources] = pick(random, pool);
    return { type, value: `${n}-${Math.floor(random() * size)}`, sources };
  };
  const others = (most: number): Observation["identifiers"] =>
    Array.from({ length: Math.floor(random() * (most + 1)) }, () => {
      const { type, value } = identifier();
      return { type, value };
    });
  const traits = (): Trait[] => {
    if (random() < 0.4) return [];
    const told: Trait[] = [{ field: "first_name", value: pick(random, GIVEN) }];
    if (random() < 0.8) told.push({ field: "last_name", value: pick(random, families) });
    if (random() < 0.5) told.push({ field: "birth_date", value: pick(random, birthsOf(n)) });
    return told;
  };
  /** On some day; what a device owns, nothing else names. */
  const observed = (observation: Observation): Observation => {
    if (!hasDevices) return observation;
    const { identifiers, at } = observation;
    const occurredAt = at - Math.floor(random() * DEVICE_DAYS) * DAY;
    if (identifiers[0]?.type !== DEVICE) return { ...observation, occurredAt };
    return { ...observation, occurredAt, identifiers: identifiers.filter(({ type }) => type === DEVICE), traits: [] };
  };
  const seenFirst = (at: Micros): Observation => {
    const { type, value, sources } = identifier();
    const node = createHash("sha256").update(`${n} ${nodes.length}`).digest("hex").slice(0, 32);
    const observation = {
      at,
      node,
      source: pick(random, sources),
      identifiers: distinct([{ type, value }, ...others(2)]),
      traits: traits(),
    };
    nodes.push(observation);
    return observed(observation);
  };
  return (at) => {
    const what = random();
    if (nodes.length < 2 || what < newcomers) return seenFirst(at);
    const known = pick(random, nodes);
    if (what < newcomers + (1 - newcomers) * SAID) {
      const owner = known.identifiers.slice(0, 1);
      return observed({ ...known, at, identifiers: distinct([...owner, ...others(1)]), traits: traits() });
    }
    const other = pick(
      random,
      nodes.filter(({ node }) => node !== known.node),
    );
    const decided = random();
    const isTakenBack = Math.abs(decided - 0.5) > (1 - WITHDRAWN) / 2;
    const last = isTakenBack ? standing.pop() : undefined;
    if (last !== undefined) return { ...last, at, kind: "withdraw" };
    const decision: Decision = { at, kind: decided < 0.5 ? "link" : "unlink", nodes: [known.node, other.node] };
    // Of two about the same nodes the later counts.
    const earlier = standing.findIndex(({ nodes: [a, b] }) => decision.nodes.includes(a) && decision.nodes.includes(b));
    if (earlier !== -1) standing.splice(earlier, 1);
    standing.push(decision);
    return decision;
  };
}

function distinct(identifiers: Observation["identifiers"]): Observation["identifiers"] {
  return [...new Map(identifiers.map((each) => [`${each.type} ${each.value}`, each])).values()];
}
