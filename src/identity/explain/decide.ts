import type { Micros } from "../../platform/clock.js";
import { RollcallError } from "../../platform/errors.js";
import type { Warehouse } from "../../warehouse/port.js";
import { latestDecisions, type NodePair, pairKey, recordDecisions } from "./decisions.js";
import { type FindDeps, type Found, findSubject, type Several } from "./find.js";

export interface DecideRequest {
  readonly kind: "link" | "unlink";
  readonly a: string;
  readonly b: string;
  readonly reason: string | null;
  readonly by: string;
}

export interface DecideDeps extends FindDeps {
  readonly warehouse: Warehouse;
  readonly now: Micros;
}

export interface Decided {
  readonly kind: "link" | "unlink";
  /** One for each two source identities that the decision is about. */
  readonly decisionIds: readonly string[];
  /** Pairs about which the same was decided before. */
  readonly alreadyDecided: number;
  readonly profiles: readonly [string, string];
}

/** An unlink of two identifiers is one of all who carry them; beyond this many pairs somebody should look twice. */
const MOST_PAIRS = 200;

/**
 * Records what an operator decided: that two are one person, or that they are not. The next cycle obeys it, until somebody
 * decides otherwise or withdraws it. Whoever carries an identifier is meant by it: one of them for a link, each of them for an unlink.
 *
 * Throws NOT_FOUND for somebody unknown, INPUT_INVALID where a decision could not be obeyed.
 */
export async function decideIdentity(deps: DecideDeps, request: DecideRequest): Promise<Decided> {
  const [a, b] = [await known(deps, request.a), await known(deps, request.b)];
  const pairs = request.kind === "link" ? [[first(a), first(b)] as const] : allPairs(nodesOf(a), nodesOf(b));
  if (request.kind === "link" && (a.kind === "several" || b.kind === "several")) {
    throw refused(
      "it is carried by several profiles already, so it does not tell which one is meant: give a profile id",
    );
  }
  const both = pairs.find(([x, y]) => x === y)?.[0];
  if (both !== undefined) {
    throw refused(
      `source identity ${both} is both: one record says so, and a decision cannot take a record apart. ` +
        "Correct it where it was made, or decide about two others",
    );
  }
  if (pairs.length > MOST_PAIRS) {
    throw refused(
      `${pairs.length} pairs of source identities carry the two: give node ids (rollcall identity explain shows them)`,
    );
  }
  const { warehouse, now } = deps;
  const before = await latestDecisions(warehouse, pairs);
  const added = pairs.filter((pair) => before.get(pairKey(pair))?.kind !== request.kind);
  const { kind, by, reason } = request;
  return {
    kind,
    decisionIds: await recordDecisions(warehouse, { kind, by, reason, now, before, pairs: added }),
    alreadyDecided: pairs.length - added.length,
    profiles: [profileOf(a), profileOf(b)],
  };
}

async function known(deps: DecideDeps, text: string): Promise<Found | Several> {
  const found = await findSubject(deps, text);
  if (found.kind !== "not_known") return found;
  throw new RollcallError("NOT_FOUND", `${found.title}: nobody is known by it, so nothing can be decided.`, {
    isRetriable: false,
  });
}

const nodesOf = (side: Found | Several): readonly string[] =>
  side.kind === "found" ? side.nodes : side.choices.flatMap(({ nodes }) => nodes);
const first = (side: Found | Several): string => nodesOf(side)[0] as string;
const profileOf = (side: Found | Several): string =>
  side.kind === "found" ? side.profileId : side.choices.map(({ profileId }) => profileId).join(", ");

function allPairs(left: readonly string[], right: readonly string[]): readonly NodePair[] {
  return left.flatMap((x) => right.map((y) => [x, y] as const));
}

function refused(message: string): RollcallError {
  return new RollcallError("INPUT_INVALID", `${message}.`, { isRetriable: false });
}
