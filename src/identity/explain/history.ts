import { RollcallError } from "../../platform/errors.js";
import type { Row } from "../../warehouse/port.js";
import { sql } from "../../warehouse/sql.js";
import { type FindDeps, findSubject } from "./find.js";

/** What happened to a profile and to the ids that were merged into it, oldest first. */
export interface IdentityHistory {
  readonly profileId: string;
  readonly title: string;
  /** Ids that lead to the profile now, its own first. */
  readonly ids: readonly string[];
  readonly entries: readonly HistoryEntry[];
}

export interface HistoryEntry {
  /** When it was published or decided; of a run that is forgotten, the end of its window. */
  readonly at: string;
  /** create, grow, merge, split, cut, uncut, erase, link, unlink, withdraw. */
  readonly kind: string;
  /** Of a merge the id that went away, of a split the one that something left. Of a decision the first of two nodes. */
  readonly subject: string;
  readonly other: string | null;
  /** Of a decision, and so is what follows. */
  readonly decisionId: string | null;
  /** Of a withdrawal: the decision that it took back. */
  readonly withdrawn: string | null;
  readonly by: string | null;
  readonly reason: string | null;
}

/** Throws NOT_FOUND for somebody unknown, INPUT_INVALID for an identifier of several profiles. */
export async function identityHistory(deps: FindDeps, who: string): Promise<IdentityHistory> {
  const found = await findSubject(deps, who);
  if (found.kind === "not_known") {
    throw new RollcallError("NOT_FOUND", `${found.title}: nobody is known by it. After landing events: rollcall run`, {
      isRetriable: false,
    });
  }
  if (found.kind === "several") {
    const ids = found.choices.map(({ profileId }) => profileId).join(", ");
    throw new RollcallError("INPUT_INVALID", `${found.title} is carried by several profiles: ${ids}. Ask about one.`, {
      isRetriable: false,
    });
  }
  const { profileId, title } = found;
  const params = { id: { type: "STRING", value: profileId } };
  const merged = (await deps.warehouse.query(IDS_SQL, params)).rows.map((row) => String(row.profile_id));
  const ids = [profileId, ...merged];
  const [events, decisions] = await Promise.all([
    deps.warehouse.query(EVENTS_SQL, { ids: { type: "ARRAY<STRING>", value: ids } }),
    deps.warehouse.query(DECISIONS_SQL, params),
  ]);
  const entries = [...events.rows, ...decisions.rows].map(entryOf);
  return { profileId, title, ids, entries: entries.sort(oldestFirst) };
}

function entryOf(row: Row): HistoryEntry {
  const textOf = (value: unknown): string | null => (typeof value === "string" ? value : null);
  return {
    at: String(row.happened_at),
    kind: String(row.kind),
    subject: String(row.subject),
    other: textOf(row.other),
    decisionId: textOf(row.decision_id),
    withdrawn: textOf(row.withdrawn),
    by: textOf(row.decided_by),
    reason: textOf(row.reason),
  };
}

/** What happened in one cycle has one time: there, whoever came into being did so first. */
const ORDER = ["unlink", "link", "withdraw", "create", "grow", "merge", "split", "cut", "uncut", "erase"];

function oldestFirst(x: HistoryEntry, y: HistoryEntry): number {
  if (x.at !== y.at) return x.at < y.at ? -1 : 1;
  return ORDER.indexOf(x.kind) - ORDER.indexOf(y.kind) || (x.subject < y.subject ? -1 : 1);
}

const IDS_SQL = sql`
  SELECT a.profile_id FROM identity.aliases AS a WHERE a.merged_into = @id ORDER BY a.merged_at, a.profile_id`;
/** An event's own time is the end of its cycle's window, which is about arrivals: when it was published, the run knows. */
const EVENTS_SQL = sql`
  SELECT IFNULL(MIN(r.ended_at), g.happened_at) AS happened_at, g.kind, g.profile_id AS subject, g.other_id AS other
  FROM identity.graph_events AS g
  LEFT JOIN ops.runs AS r
    ON r.status = "succeeded" AND g.happened_at >= r.window_from AND g.happened_at < r.window_to
  WHERE g.profile_id IN UNNEST(@ids) OR g.other_id IN UNNEST(@ids)
  GROUP BY g.event_key, g.happened_at, g.kind, g.profile_id, g.other_id`;
const DECISIONS_SQL = sql`
  SELECT
    d.decided_at AS happened_at, d.kind, SUBSTR(d.node_a, 1, 12) AS subject, SUBSTR(d.node_b, 1, 12) AS other,
    d.decision_id,
    IF(d.kind = "withdraw", LAG(d.decision_id) OVER (
      PARTITION BY LEAST(d.node_a, d.node_b), GREATEST(d.node_a, d.node_b) ORDER BY d.decided_at, d.decision_id
    ), NULL) AS withdrawn,
    d.decided_by, d.reason
  FROM identity.decisions AS d
  WHERE d.node_a IN (SELECT m.node_id FROM identity.identity_map AS m WHERE m.profile_id = @id)
    OR d.node_b IN (SELECT m.node_id FROM identity.identity_map AS m WHERE m.profile_id = @id)`;
