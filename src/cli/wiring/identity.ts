import { decideIdentity } from "../../identity/explain/decide.js";
import { type ExplainDeps, explainIdentity } from "../../identity/explain/explain.js";
import { identityHistory } from "../../identity/explain/history.js";
import { decideReview, listReviews } from "../../identity/explain/review.js";
import type { IdentityRules } from "../../identity/explain/rules.js";
import { whatIf } from "../../identity/explain/what-if.js";
import { withdrawDecisions } from "../../identity/explain/withdraw.js";
import type { Engine } from "../../orchestration/engine.js";
import type { Clock } from "../../platform/clock.js";
import type { CompiledStore } from "../../warehouse/duckdb/compiled-store.js";
import { createDuckdbWarehouse } from "../../warehouse/duckdb/warehouse.js";
import type { Warehouse } from "../../warehouse/port.js";
import type { EngineControl } from "../control.js";
import { readIdentityRules } from "./identity-rules.js";

export interface IdentityConfig {
  /** The folder with `dataform.json`. */
  readonly root: string;
}

export interface IdentityDeps {
  readonly warehouse: Warehouse;
  readonly engine: Engine;
  /** The warehouse's own, so that what a cycle ran needs no second translation. */
  readonly store: CompiledStore;
  readonly clock: Clock;
  readonly lookup: (type: string, value: string) => readonly string[];
}

type IdentityControl = Pick<
  EngineControl,
  | "explainIdentity"
  | "whatIfIdentity"
  | "identityHistory"
  | "decideIdentity"
  | "withdrawDecisions"
  | "reviewList"
  | "decideReview"
>;

/** A component is small; the engine's own work comes first. */
const SCRATCH = { file: ":memory:", memoryLimit: "256MB", threads: 1 };

/** Who is whom and why, and what operators decide about it. Only decisions write, and they take turns with cycles. */
export function createIdentityControl(config: IdentityConfig, deps: IdentityDeps): IdentityControl {
  const { warehouse, engine, store, clock, lookup } = deps;
  let known: IdentityRules | null = null;

  const explaining = (): ExplainDeps => {
    known ??= readIdentityRules(config.root);
    return { warehouse, lookup, rules: known, openScratch: () => createDuckdbWarehouse(SCRATCH, { store }) };
  };

  const decide = <T>(
    work: (deps: { warehouse: Warehouse; lookup: typeof lookup; now: number }) => Promise<T>,
  ): Promise<T> =>
    engine.exclusively(async () => {
      const decided = await work({ warehouse, lookup, now: clock.now() * 1000 });
      // An engine that is up takes it up by itself.
      engine.redeliver();
      return decided;
    });

  return {
    explainIdentity: (request) => explainIdentity(explaining(), request),
    whatIfIdentity: (request) => whatIf(explaining(), request),
    identityHistory: ({ who }) => identityHistory({ warehouse, lookup }, who),
    decideIdentity: (request) => decide((given) => decideIdentity(given, request)),
    withdrawDecisions: (request) => decide((given) => withdrawDecisions(given, request)),
    reviewList: ({ limit }) => listReviews(warehouse, limit),
    decideReview: (request) => decide((given) => decideReview(given, request)),
  };
}
