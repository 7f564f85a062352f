import { RollcallError } from "../../platform/errors.js";
import type { Params, Warehouse } from "../../warehouse/port.js";
import { sql } from "../../warehouse/sql.js";
import { IDENTIFIER_STRENGTH } from "../normalise/types.js";
import type { CaseFile } from "./casefile.js";
import { type ExplainDeps, inCopy } from "./explain.js";
import { findSubject, hmacsOf } from "./find.js";
import { readCase } from "./observe.js";
import { parseSubject } from "./subject.js";

export interface WhatIfRequest {
  readonly who: string;
  /** `<node>:<type:value or handle>`: as if the node had never carried it. */
  readonly dropEdges: readonly string[];
  /** A type of identifier, `device` or `probabilistic`: as if it linked nobody. */
  readonly disableRules: readonly string[];
}

/** Who would be whom in the component of the one asked about. */
export interface WhatIf {
  readonly profileId: string;
  readonly componentId: string;
  /** Profiles that would be other than they are, then those that stay, each part by age. */
  readonly profiles: readonly WouldBe[];
  readonly moved: readonly Move[];
  /** Ids of today that would lead to another profile. */
  readonly gone: readonly string[];
}

export interface WouldBe {
  readonly profileId: string;
  /** `same`: the same source identities. `changed`: others. `new`: no profile has this id today. */
  readonly state: "same" | "changed" | "new";
  readonly nodes: readonly WouldBeNode[];
}

export interface WouldBeNode {
  readonly nodeId: string;
  readonly source: string;
  readonly ownerType: string;
}

export interface Move extends WouldBeNode {
  readonly from: string | null;
  readonly to: string;
}

export const SPECIAL_RULES = ["device", "probabilistic"] as const;

/**
 * Resolves the component again on a copy without those edges and rules, and compares. Nothing is written to the warehouse.
 * Only this component is looked at: what identifiers elsewhere mean stays as it is, and who would join from outside is not
 * seen. Throws NOT_FOUND for somebody or an edge unknown, INPUT_INVALID for what is no edge or rule.
 */
export async function whatIf(deps: ExplainDeps, request: WhatIfRequest): Promise<WhatIf> {
  const { who, dropEdges, disableRules } = request;
  if (dropEdges.length + disableRules.length === 0) {
    throw invalid("Say what would be otherwise: --drop-edge <node>:<identifier> or --disable-rule <rule>");
  }
  const removals = [
    ...dropEdges.map((text) => edgeRemoval(deps, text)),
    ...disableRules.map((rule) => ruleRemoval(deps, rule)),
  ];
  const found = await findSubject(deps, who);
  if (found.kind === "several") throw invalid(`${found.title} is carried by several profiles: give a profile id`);
  if (found.kind === "not_known") {
    throw new RollcallError("NOT_FOUND", `${found.title}: nobody is known by it.`, { isRetriable: false });
  }
  const { profileId, componentId } = found;
  const prepare = async (scratch: Warehouse): Promise<void> => {
    for (const removal of removals) await remove(scratch, removal);
  };
  return inCopy(
    deps,
    [componentId],
    async (scratch) => ({ profileId, componentId, ...compareProfiles(await readCase(scratch)) }),
    prepare,
  );
}

/** What is published against what would be. */
export function compareProfiles({ nodes }: Pick<CaseFile, "nodes">): Pick<WhatIf, "profiles" | "moved" | "gone"> {
  const today = groups(nodes, ({ publishedId }) => publishedId);
  const then = groups(nodes, ({ profileId }) => profileId);
  const profiles = [...then].map(([profileId, members]): WouldBe => {
    const before = today.get(profileId);
    const isSame = before?.length === members.length && before.every((node) => members.includes(node));
    const state = before === undefined ? "new" : isSame ? "same" : "changed";
    return { profileId, state, nodes: members.map(nodeOf) };
  });
  return {
    profiles: [
      ...profiles.filter(({ state }) => state !== "same"),
      ...profiles.filter(({ state }) => state === "same"),
    ],
    moved: nodes
      .filter(({ publishedId, profileId }) => publishedId !== profileId)
      .map((node) => ({ ...nodeOf(node), from: node.publishedId, to: node.profileId })),
    gone: [...today.keys()].filter((id) => !then.has(id)),
  };
}

type Nodes = CaseFile["nodes"];

function groups(nodes: Nodes, idOf: (node: Nodes[number]) => string | null): ReadonlyMap<string, Nodes[number][]> {
  const byId = new Map<string, Nodes[number][]>();
  for (const node of nodes) {
    const id = idOf(node);
    if (id !== null) byId.set(id, [...(byId.get(id) ?? []), node]);
  }
  return byId;
}

function nodeOf({ nodeId, source, ownerType }: Nodes[number]): WouldBeNode {
  return { nodeId, source, ownerType };
}

interface Removal {
  /** Throws NOT_FOUND when nothing matches; absent: nothing to remove is no mistake. */
  readonly find?: { readonly query: string; readonly missing: string };
  readonly statements: readonly string[];
  readonly params: Params;
}

async function remove(scratch: Warehouse, { find, statements, params }: Removal): Promise<void> {
  if (find !== undefined) {
    const { rows } = await scratch.query(find.query, params);
    if (rows.length === 0) throw new RollcallError("NOT_FOUND", find.missing, { isRetriable: false });
  }
  for (const statement of statements) await scratch.execute(statement, params);
}

function edgeRemoval(deps: ExplainDeps, text: string): Removal {
  const colon = text.indexOf(":");
  const [node, name] = [text.slice(0, colon), text.slice(colon + 1)];
  if (colon < 1 || parseSubject(node).kind !== "node") {
    throw invalid(
      "--drop-edge is <node>:<identifier>, as in 3f2a9c01d4e5:email:ada@example.org or 3f2a9c01d4e5:i_x7Tq0aBcDe",
    );
  }
  const identifier = parseSubject(name);
  if (identifier.kind !== "identifier" && identifier.kind !== "handle") {
    throw invalid("after the node, --drop-edge names an identifier: type:value, or its handle i_...");
  }
  const hmacs = identifier.kind === "handle" ? [identifier.prefix] : hmacsOf(identifier, deps.lookup);
  return {
    find: { query: EDGE_SQL, missing: `No source identity ${node} of this component carries that identifier.` },
    statements: [DROP_EDGE_SQL, DROP_DEVICE_LINK_SQL],
    params: { node: { type: "STRING", value: node }, hmacs: { type: "ARRAY<STRING>", value: hmacs } },
  };
}

function ruleRemoval({ rules }: ExplainDeps, rule: string): Removal {
  if (rule === "device") return { statements: [DISABLE_DEVICES_SQL], params: {} };
  if (rule === "probabilistic") return { statements: [DISABLE_DESCRIPTIONS_SQL], params: {} };
  const types = IDENTIFIER_STRENGTH.filter((type) => !rules.deviceTypes.has(type));
  if (!(types as readonly string[]).includes(rule)) {
    throw invalid(`There is no rule "${rule}". Rules: ${[...types, ...SPECIAL_RULES].join(", ")}`);
  }
  return {
    statements: [DISABLE_TYPE_SQL],
    params: { type: { type: "STRING", value: rule } },
  };
}

const EDGE_SQL = sql`
  -- @hmacs ARRAY<STRING>
  SELECT e.node_id FROM identity.edges AS e
  WHERE STARTS_WITH(e.node_id, @node) AND EXISTS (SELECT 1 FROM UNNEST(@hmacs) AS h WHERE STARTS_WITH(e.hmac, h))`;
const DROP_EDGE_SQL = sql`
  -- @hmacs ARRAY<STRING>
  DELETE FROM identity.edges AS e
  WHERE STARTS_WITH(e.node_id, @node) AND EXISTS (SELECT 1 FROM UNNEST(@hmacs) AS h WHERE STARTS_WITH(e.hmac, h))`;
const DROP_DEVICE_LINK_SQL = sql`
  -- @hmacs ARRAY<STRING>
  DELETE FROM identity.device_links AS e
  WHERE (STARTS_WITH(e.node_id, @node) OR STARTS_WITH(IFNULL(e.other_node_id, ""), @node))
    AND EXISTS (SELECT 1 FROM UNNEST(@hmacs) AS h WHERE STARTS_WITH(e.hmac, h))`;
const DISABLE_TYPE_SQL = sql`DELETE FROM identity.edges AS e WHERE e.type = @type`;
const DISABLE_DEVICES_SQL = sql`DELETE FROM identity.device_links AS d WHERE TRUE`;
const DISABLE_DESCRIPTIONS_SQL = sql`DELETE FROM identity.description_pairs AS p WHERE TRUE`;

function invalid(message: string): RollcallError {
  return new RollcallError("INPUT_INVALID", `${message}.`, { isRetriable: false });
}
