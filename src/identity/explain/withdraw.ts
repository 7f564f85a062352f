import type { Micros } from "../../platform/clock.js";
import { RollcallError } from "../../platform/errors.js";
import type { Warehouse } from "../../warehouse/port.js";
import { sql } from "../../warehouse/sql.js";
import {
  DECISION_ID,
  type DecisionRow,
  decisionOf,
  latestDecisions,
  type NodePair,
  pairKey,
  recordDecisions,
} from "./decisions.js";
import { shortNode } from "./subject.js";

export interface WithdrawRequest {
  readonly decisionIds: readonly string[];
  readonly reason: string | null;
  readonly by: string;
}

export interface WithdrawDeps {
  readonly warehouse: Warehouse;
  readonly now: Micros;
}

export interface Withdrawn {
  readonly withdrawn: readonly WithdrawnDecision[];
}

export interface WithdrawnDecision {
  readonly decisionId: string;
  readonly kind: "link" | "unlink";
  readonly nodeA: string;
  readonly nodeB: string;
  /** The row that says so: it is the latest about the two now. */
  readonly withdrawalId: string;
}

/**
 * Takes decisions back: from the next cycle on it is as if nobody had decided about their source identities. An earlier decision
 * about the same two does not come back. All of them are withdrawn, or none.
 *
 * Throws NOT_FOUND for decisions that nobody made, INPUT_INVALID for those that do not count any more.
 */
export async function withdrawDecisions(deps: WithdrawDeps, request: WithdrawRequest): Promise<Withdrawn> {
  const { warehouse, now } = deps;
  const decisions = await madeDecisions(warehouse, request.decisionIds);
  const pairs = decisions.map(({ nodes }) => nodes);
  const before = await latestDecisions(warehouse, pairs);
  const faults = decisions.flatMap((decision) => faultOf(decision, before.get(pairKey(decision.nodes))) ?? []);
  if (faults.length > 0) throw refused("INPUT_INVALID", faults.join(" "));
  const { by, reason } = request;
  const ids = await recordDecisions(warehouse, { kind: "withdraw", by, reason, now, before, pairs });
  return {
    withdrawn: decisions.map(({ decisionId, kind, nodes: [nodeA, nodeB] }, n) => ({
      decisionId,
      kind: kind === "link" ? "link" : "unlink",
      nodeA,
      nodeB,
      withdrawalId: String(ids[n]),
    })),
  };
}

/** Where ids of decisions are to be found. */
const SHOWN = "rollcall identity history <profile> shows them";

/** In the order of the ids, each once. What is no id is not repeated: it may be somebody's address. */
async function madeDecisions(warehouse: Warehouse, ids: readonly string[]): Promise<readonly DecisionRow[]> {
  const wrong = ids.findIndex((id) => !DECISION_ID.test(id));
  if (wrong !== -1) {
    throw refused("INPUT_INVALID", `Id ${wrong + 1} is no decision's id (d_ and 16 characters): ${SHOWN}.`);
  }
  const { rows } = await warehouse.query(MADE_SQL, { ids: { type: "ARRAY<STRING>", value: ids } });
  const made = new Map(rows.map((row) => [String(row.decision_id), decisionOf(row)]));
  const unknown = [...new Set(ids)].filter((id) => !made.has(id));
  if (unknown.length > 0) {
    throw refused("NOT_FOUND", `There is no decision ${unknown.join(", ")}. Ids of decisions: ${SHOWN}.`);
  }
  return [...new Set(ids)].flatMap((id) => made.get(id) ?? []);
}

/** Why a decision cannot be withdrawn, and which one counts; null when it can. */
function faultOf({ decisionId, kind, nodes }: DecisionRow, latest: DecisionRow | undefined): string | null {
  if (latest === undefined || latest.decisionId === decisionId) {
    return kind === "withdraw" ? `${decisionId} is itself a withdrawal: to decide anew, ${decideAnew(nodes)}.` : null;
  }
  const about = `source identities ${nodes.map(shortNode).join(" and ")}`;
  if (latest.kind === "withdraw") {
    return `${decisionId} does not count any more: what was decided about ${about} is withdrawn already.`;
  }
  return (
    `${decisionId} does not count any more: about ${about} the later ${latest.kind} ${latest.decisionId} does. ` +
    `To withdraw that: rollcall identity withdraw ${latest.decisionId}.`
  );
}

function decideAnew([a, b]: NodePair): string {
  return `rollcall identity link or unlink ${shortNode(a)} ${shortNode(b)}`;
}

function refused(code: "INPUT_INVALID" | "NOT_FOUND", message: string): RollcallError {
  return new RollcallError(code, message, { isRetriable: false });
}

const MADE_SQL = sql`
  SELECT d.decision_id, d.kind, d.node_a, d.node_b, d.decided_at
  FROM identity.decisions AS d
  WHERE d.decision_id IN UNNEST(@ids)`;
