import type { Params, Row, Warehouse } from "../../warehouse/port.js";
import { sql } from "../../warehouse/sql.js";
import type {
  ExplainedAverage,
  ExplainedEvidence,
  ExplainedIdentifier,
  ExplainedNode,
  ExplainedPair,
  ExplainedReason,
  ExplainedStep,
} from "./answer.js";
import type { CaseFile } from "./casefile.js";
import { type Comparison, comparePairs } from "./compare.js";
import type { Step } from "./link.js";
import type { IdentityRules } from "./rules.js";
import { handleOf } from "./subject.js";
import type { Reason } from "./verdict.js";

/** Stands for what a person may be known by. */
export const MASKED = "[personal]";

export interface DetailsDeps {
  readonly warehouse: Pick<Warehouse, "query">;
  readonly scratch: Warehouse;
  readonly file: CaseFile;
  readonly rules: IdentityRules;
}

/** Fills in what a verdict only points at. Masked values are not even read. */
export interface Details {
  node(nodeId: string): ExplainedNode;
  steps(path: readonly Step[]): Promise<readonly ExplainedStep[]>;
  reasons(reasons: readonly Reason[]): Promise<readonly ExplainedReason[]>;
  pair(comparison: Comparison): ExplainedPair;
  mergedInto(profileId: string): Promise<readonly { readonly profileId: string; readonly mergedAt: string }[]>;
}

export function createDetails(
  { warehouse, scratch, file, rules }: DetailsDeps,
  { unmask }: { readonly unmask: boolean },
): Details {
  const edgeOf = new Map(file.edges.map((edge) => [edge.hmac, edge]));
  const nodeOf = new Map(file.nodes.map((node) => [node.nodeId, node]));
  const values = new Map<string, string>();

  const rowsOf = async (query: string, params: Params): Promise<readonly Row[]> =>
    (await warehouse.query(query, params)).rows;

  async function readValues(hmacs: readonly string[]): Promise<void> {
    if (!unmask || hmacs.length === 0) return;
    const rows = await rowsOf(VALUES_SQL, { hmacs: { type: "ARRAY<STRING>", value: hmacs } });
    for (const row of rows) values.set(String(row.hmac), String(row.value));
  }

  function identifier(hmac: string): ExplainedIdentifier {
    const edge = edgeOf.get(hmac);
    return {
      type: edge?.type ?? "identifier",
      namespace: edge?.namespace ?? "",
      handle: handleOf(hmac),
      value: values.get(hmac) ?? MASKED,
    };
  }

  function node(nodeId: string): ExplainedNode {
    const known = nodeOf.get(nodeId);
    if (known === undefined) throw new Error(`the case file does not hold node ${nodeId}`);
    const { source, ownerType, firstSeenAt } = known;
    return { nodeId, source, ownerType, firstSeenAt };
  }

  function pair({ weight, isVetoed, modelVersion, prior, fields }: Comparison): ExplainedPair {
    const shown = (told: Readonly<Record<string, string | null>>): Readonly<Record<string, string | null>> =>
      Object.fromEntries(
        Object.entries(told).map(([field, value]) => [field, value === null || unmask ? value : MASKED]),
      );
    return {
      weight,
      isVetoed,
      modelVersion,
      prior,
      comparisons: fields.map(({ left, right, ...rest }) => ({ ...rest, a: shown(left), b: shown(right) })),
    };
  }

  async function evidenceOf({ from, to, evidence }: Step): Promise<ExplainedEvidence> {
    switch (evidence.kind) {
      case "identifier": {
        const said = file.edges.filter(
          ({ hmac, nodeId }) => hmac === evidence.hmac && (nodeId === from || nodeId === to),
        );
        return {
          kind: "identifier",
          identifier: identifier(evidence.hmac),
          eventIds: said.map(({ eventId }) => eventId),
        };
      }
      case "device": {
        const days = await rowsOf(DAYS_SQL, {
          hmac: { type: "STRING", value: evidence.hmac },
          nodes: { type: "ARRAY<STRING>", value: [from, to] },
        });
        return {
          kind: "device",
          identifier: identifier(evidence.hmac),
          days: days.map(({ day }) => String(day)),
        };
      }
      case "decision": {
        const decision = file.decisions.find(({ decisionId }) => decisionId === evidence.decisionId);
        if (decision === undefined) throw new Error(`the case file does not hold decision ${evidence.decisionId}`);
        return { kind: "decision", decision };
      }
      case "description": {
        // As the step goes: what a says comes first.
        const isTurned = nodeOf.get(from)?.descriptionId !== evidence.left;
        const [left, right] = isTurned ? [evidence.right, evidence.left] : [evidence.left, evidence.right];
        const [comparison] = await comparePairs(scratch, rules, [{ left, right }]);
        if (comparison === undefined) throw new Error(`descriptions ${left} and ${right} cannot be compared`);
        return { kind: "description", pair: pair(comparison), average: averageBetween(from, to) };
      }
    }
  }

  /** Between the parts that identifiers alone make. */
  function averageBetween(from: string, to: string): ExplainedAverage {
    const [left, right] = [from, to].map((id) => descriptionsOfParty(nodeOf.get(id)?.party)) as [
      Set<string>,
      Set<string>,
    ];
    const weights = file.scores.flatMap((score) => {
      const ways = [
        left.has(score.left) && right.has(score.right),
        score.left !== score.right && left.has(score.right) && right.has(score.left),
      ];
      return ways.filter(Boolean).map(() => score.weight);
    });
    const average = weights.reduce((sum, weight) => sum + weight, 0) / Math.max(1, weights.length);
    return { average, pairCount: weights.length, threshold: rules.join };
  }

  function descriptionsOfParty(party: string | undefined): ReadonlySet<string> {
    return new Set(file.nodes.flatMap((each) => (each.party === party ? (each.descriptionId ?? []) : [])));
  }

  return {
    node,
    pair,

    async steps(path) {
      await readValues(path.flatMap(({ evidence }) => ("hmac" in evidence ? evidence.hmac : [])));
      const explained: ExplainedStep[] = [];
      for (const step of path) {
        const { from, to, strength } = step;
        explained.push({ from: node(from), to: node(to), strength, evidence: await evidenceOf(step) });
      }
      return explained;
    },

    async reasons(reasons) {
      await readValues(
        reasons.flatMap((reason) =>
          reason.kind === "shared" ? reason.hmac : reason.kind === "exclusive" ? reason.values : [],
        ),
      );
      return reasons.map((reason): ExplainedReason => {
        switch (reason.kind) {
          case "exclusive":
            return { ...reason, values: [identifier(reason.values[0]), identifier(reason.values[1])] };
          case "average": {
            const { average, pairCount, threshold, isInReview } = reason;
            return { kind: "average", average, pairCount, threshold, missing: threshold - average, isInReview };
          }
          case "shared":
            return { kind: "shared", identifier: identifier(reason.hmac), why: reason.why };
          default:
            return reason;
        }
      });
    },

    async mergedInto(profileId) {
      const rows = await rowsOf(MERGED_SQL, { id: { type: "STRING", value: profileId } });
      return rows.map((row) => ({ profileId: String(row.profile_id), mergedAt: String(row.merged_at) }));
    },
  };
}

const VALUES_SQL = sql`
  SELECT o.hmac, MIN(o.value) AS value
  FROM silver.identifier_observations AS o
  WHERE o.hmac IN UNNEST(@hmacs)
  GROUP BY o.hmac`;
const DAYS_SQL = sql`
  SELECT DISTINCT d.day
  FROM identity.device_days AS d
  WHERE d.hmac = @hmac AND d.node_id IN UNNEST(@nodes)
  ORDER BY d.day`;
const MERGED_SQL = sql`
  SELECT a.profile_id, a.merged_at
  FROM identity.aliases AS a
  WHERE a.merged_into = @id
  ORDER BY a.merged_at, a.profile_id`;
