import { RollcallError } from "../../platform/errors.js";
import type { Params, Row, Warehouse } from "../../warehouse/port.js";
import { sql } from "../../warehouse/sql.js";
import { handleOf, parseSubject, type Subject, titleOf } from "./subject.js";

export interface FindDeps {
  readonly warehouse: Pick<Warehouse, "query">;
  /** Every hmac that the value may have: one per namespace. */
  readonly lookup: (type: string, value: string) => readonly string[];
}

/** Source identities of one profile. */
export interface Found {
  readonly kind: "found";
  readonly title: string;
  /** The profile's birth node, the node itself, or who carries the identifier; never empty. */
  readonly nodes: readonly string[];
  readonly profileId: string;
  readonly componentId: string;
}

/** The carriers of an identifier that belongs to several profiles. */
export interface Several {
  readonly kind: "several";
  readonly title: string;
  readonly choices: readonly Found[];
}

export interface NotKnown {
  readonly kind: "not_known";
  readonly title: string;
  /** `mentioned`: only others' messages name it, so it is nobody's own. `waiting`: no cycle has resolved it yet. */
  readonly why: "nobody" | "mentioned" | "waiting";
}

/** Throws INPUT_INVALID for what names nobody that could be, and where a beginning fits several. */
export async function findSubject({ warehouse, lookup }: FindDeps, text: string): Promise<Found | Several | NotKnown> {
  const subject = parseSubject(text);
  const title = titleOf(subject);
  const rows = async (query: string, params: Params): Promise<readonly Row[]> =>
    (await warehouse.query(query, params)).rows;
  switch (subject.kind) {
    case "profile":
      return oneOf(title, await rows(BIRTH_SQL, { id: { type: "STRING", value: subject.id } }));
    case "node": {
      const found = await rows(NODE_SQL, { prefix: { type: "STRING", value: subject.prefix } });
      if (found.length > 1) throw refused(`several source identities begin with ${subject.prefix}: give more of it`);
      return oneOf(title, found);
    }
    case "handle": {
      const found = await rows(HANDLE_SQL, { prefix: { type: "STRING", value: subject.prefix } });
      if (found.length > 1) throw refused(`several identifiers begin with i_${subject.prefix}: give more of it`);
      return carriers(
        title,
        found.map(({ hmac }) => String(hmac)),
      );
    }
    case "identifier":
      return carriers(title, hmacsOf(subject, lookup));
  }

  async function carriers(name: string, hmacs: readonly string[]): Promise<Found | Several | NotKnown> {
    const params: Params = { hmacs: { type: "ARRAY<STRING>", value: hmacs } };
    const found = await rows(CARRIERS_SQL, params);
    const handles = [...new Set(found.map(({ hmac }) => handleOf(String(hmac))))];
    if (found.length > 0) return oneOf(`${name} (${handles.join(", ")})`, found);
    const mentioned = hmacs.length > 0 && (await rows(MENTIONED_SQL, params)).length > 0;
    return { kind: "not_known", title: name, why: mentioned ? "mentioned" : "nobody" };
  }
}

/** Throws INPUT_INVALID, without the value, for a type that is none and for a value that is none of its type. */
export function hmacsOf(
  { type, value }: Extract<Subject, { kind: "identifier" }>,
  lookup: FindDeps["lookup"],
): readonly string[] {
  const hmacs = lookup(type, value);
  if (hmacs.length === 0)
    throw refused(`the text after "${type}:" is no ${type}, or "${type}" is no kind of identifier`);
  return hmacs;
}

function oneOf(title: string, rows: readonly Row[]): Found | Several | NotKnown {
  if (rows.length === 0) return { kind: "not_known", title, why: "nobody" };
  const resolved = rows.filter(({ profile_id: id }) => typeof id === "string");
  if (resolved.length === 0) return { kind: "not_known", title, why: "waiting" };
  const byProfile = new Map<string, Found>();
  for (const row of resolved) {
    const [profileId, componentId, node] = [row.profile_id, row.component_id, row.node_id].map(String) as [
      string,
      string,
      string,
    ];
    const known = byProfile.get(profileId)?.nodes ?? [];
    byProfile.set(profileId, { kind: "found", title, profileId, componentId, nodes: [...known, node] });
  }
  const [first, ...others] = [...byProfile.values()];
  if (first === undefined || others.length > 0) return { kind: "several", title, choices: [...byProfile.values()] };
  return first;
}

function refused(message: string): RollcallError {
  return new RollcallError("INPUT_INVALID", `${message}.`, { isRetriable: false });
}

const BIRTH_SQL = sql`
  SELECT b.node_id, m.profile_id, m.component_id
  FROM (
    SELECT n.node_id FROM identity.nodes AS n WHERE n.birth_id = @id
    UNION DISTINCT
    SELECT i.node_id FROM identity.inherited_births AS i WHERE i.birth_id = @id
  ) AS b
  LEFT JOIN identity.identity_map AS m ON m.node_id = b.node_id`;
const NODE_SQL = sql`
  SELECT n.node_id, m.profile_id, m.component_id
  FROM identity.nodes AS n
  LEFT JOIN identity.identity_map AS m ON m.node_id = n.node_id
  WHERE STARTS_WITH(n.node_id, @prefix)
  LIMIT 2`;
const HANDLE_SQL = sql`SELECT i.hmac FROM identity.identifiers AS i WHERE STARTS_WITH(i.hmac, @prefix) LIMIT 2`;
const CARRIERS_SQL = sql`
  SELECT e.node_id, e.hmac, m.profile_id, m.component_id
  FROM identity.edges AS e
  LEFT JOIN identity.identity_map AS m ON m.node_id = e.node_id
  WHERE e.hmac IN UNNEST(@hmacs)
  ORDER BY e.node_id, e.hmac`;
const MENTIONED_SQL = sql`
  SELECT o.hmac FROM silver.identifier_observations AS o WHERE o.hmac IN UNNEST(@hmacs) LIMIT 1`;
