import { createHash } from "node:crypto";
import type { Micros } from "../../platform/clock.js";
import { RollcallError } from "../../platform/errors.js";
import type { Params, Warehouse } from "../../warehouse/port.js";
import { sql } from "../../warehouse/sql.js";
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
 * decides otherwise. Whoever carries an identifier is meant by it: one of them for a link, each of them for an unlink.
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
  const latest = await latestKinds(warehouse, pairs);
  const added = pairs.filter(([x, y]) => latest.get(keyOf(x, y)) !== request.kind);
  const rows = added.map(([nodeA, nodeB]) => ({
    decision_id: decisionId(request.kind, nodeA, nodeB, now),
    node_a: nodeA,
    node_b: nodeB,
  }));
  if (rows.length > 0) await warehouse.execute(DECIDE_SQL, decideParams(request, rows, now));
  return {
    kind: request.kind,
    decisionIds: rows.map(({ decision_id: id }) => id),
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
const keyOf = (x: string, y: string): string => [x, y].sort().join(" ");

function allPairs(left: readonly string[], right: readonly string[]): readonly (readonly [string, string])[] {
  return left.flatMap((x) => right.map((y) => [x, y] as const));
}

function decisionId(kind: string, x: string, y: string, now: Micros): string {
  const digest = createHash("sha256")
    .update(`${kind}|${keyOf(x, y)}|${now}`)
    .digest("hex");
  return `d_${digest.slice(0, 16)}`;
}

async function latestKinds(
  warehouse: Warehouse,
  pairs: readonly (readonly [string, string])[],
): Promise<ReadonlyMap<string, string>> {
  const nodes = [...new Set(pairs.flat())];
  const { rows } = await warehouse.query(LATEST_SQL, { nodes: { type: "ARRAY<STRING>", value: nodes } });
  return new Map(rows.map((row) => [keyOf(String(row.node_a), String(row.node_b)), String(row.kind)]));
}

function decideParams(
  { kind, by, reason }: DecideRequest,
  rows: readonly { readonly decision_id: string; readonly node_a: string; readonly node_b: string }[],
  now: Micros,
): Params {
  return {
    kind: { type: "STRING", value: kind },
    by: { type: "STRING", value: by },
    reason: { type: "STRING", value: reason },
    at: { type: "TIMESTAMP", value: now },
    pairs: { type: "ARRAY<STRUCT<decision_id STRING, node_a STRING, node_b STRING>>", value: rows },
  };
}

function refused(message: string): RollcallError {
  return new RollcallError("INPUT_INVALID", `${message}.`, { isRetriable: false });
}

const LATEST_SQL = sql`
  SELECT d.node_a, d.node_b, d.kind
  FROM identity.decisions AS d
  WHERE d.node_a IN UNNEST(@nodes) AND d.node_b IN UNNEST(@nodes)
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY LEAST(d.node_a, d.node_b), GREATEST(d.node_a, d.node_b) ORDER BY d.decided_at DESC, d.decision_id DESC
  ) = 1`;

/** Both nodes wait to be settled, which is what makes a cycle run although nothing landed. */
const DECIDE_SQL = sql`
  BEGIN TRANSACTION;
  -- @pairs ARRAY<STRUCT<decision_id STRING, node_a STRING, node_b STRING>>
  -- @kind STRING
  -- @at TIMESTAMP
  -- @by STRING
  -- @reason STRING
  INSERT INTO identity.decisions (decision_id, kind, node_a, node_b, decided_at, decided_by, reason)
  SELECT p.decision_id, @kind, p.node_a, p.node_b, @at, @by, @reason FROM UNNEST(@pairs) AS p;
  -- @pairs ARRAY<STRUCT<decision_id STRING, node_a STRING, node_b STRING>>
  INSERT INTO identity.pending_nodes (node_id)
  SELECT p.node_a FROM UNNEST(@pairs) AS p UNION DISTINCT SELECT p.node_b FROM UNNEST(@pairs) AS p;
  COMMIT TRANSACTION`;
