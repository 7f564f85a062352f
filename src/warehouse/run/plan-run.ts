import type { Micros } from "../../platform/clock.js";
import type { Warehouse } from "../port.js";
import type { CompiledProject } from "../project/action.js";
import type { Inputs } from "../project/inputs.js";
import { acceptChecks, type Layer } from "../project/layers.js";
import { isNarrowed, selectModels } from "../project/select.js";
import { planBackfill } from "./backfill.js";
import {
  HELD,
  hasChanged,
  heldLayer,
  type IdentityStanding,
  identityLayers,
  isOther,
  jitterChecks,
  NOT_IN_A_SELECTION,
  refuseMixing,
} from "./identity-standing.js";
import { type LayerPlan, type ModelState, type PlanInput, planLayer, withBuildChecks } from "./plan.js";
import { planSelectedLayer, reachedBefore } from "./plan-selected.js";
import type { RunKind } from "./results.js";
import type { BackfillOptions, CycleOptions } from "./run-options.js";
import { readLastArrival } from "./state.js";

export interface RunPlannerDeps {
  readonly project: CompiledProject;
  readonly layers: readonly Layer[];
  readonly inputs: Inputs;
  readonly warehouse: Warehouse;
  /** Tables and views that exist, by id. */
  readonly existing: () => Promise<ReadonlySet<string>>;
  /** Whether other rules of identity wait to be accepted. */
  readonly guards: boolean;
}

/** What is recorded when a run is planned. */
export interface Recorded {
  readonly state: ReadonlyMap<string, ModelState>;
  readonly standing: IdentityStanding;
}

/** A run, decided before anything runs. */
export interface PlannedWork {
  readonly kind: RunKind;
  readonly windowTo: Micros;
  readonly state: ReadonlyMap<string, ModelState>;
  readonly plans: readonly LayerPlan[];
  /** Why no model of a cycle is left out, in words; null: what nothing could change is. */
  readonly runsAll: string | null;
  readonly standing: IdentityStanding;
  /** Publishes accepted rules of identity. */
  readonly isPromotion: boolean;
}

export interface RunPlanner {
  /** Throws IDENTITY_HELD for a full build that would publish rules of identity that nobody accepted. */
  plan(kind: "cycle" | "full", options: CycleOptions, recorded: Recorded): Promise<PlannedWork>;
  /** The same for a backfill. */
  planBackfill(options: BackfillOptions, recorded: Recorded): PlannedWork;
}

const FORCED = "every model runs: identities wait to be settled, or something changed that is no arrival";

export function createRunPlanner(deps: RunPlannerDeps): RunPlanner {
  const { project, inputs, warehouse, guards } = deps;
  const models = deps.layers.flatMap((layer) => layer.models);

  async function plan(kind: "cycle" | "full", options: CycleOptions, recorded: Recorded): Promise<PlannedWork> {
    const { windowTo, isForced = false } = options;
    const { state, standing } = recorded;
    const chosen = isNarrowed(options) ? selectModels(project, models, options) : null;
    const isPromotion = guards && standing.state === "accepted" && chosen === null;
    const isHolding = guards && isOther(standing) && !isPromotion;
    if (isHolding && kind === "full") refuseMixing(standing, deps.layers, (id) => chosen?.has(id) ?? true);
    const [lastArrival, existing] = await Promise.all([readLastArrival(warehouse, windowTo), deps.existing()]);
    const hasArrivals = (since: Micros): boolean => isForced || (lastArrival !== null && lastArrival >= since);
    const accept = [...(options.accept ?? []), ...(isPromotion ? jitterChecks(deps.layers) : [])];
    const layers = acceptChecks(deps.layers, accept);
    const concerned = identityLayers(layers);
    const isHeld = (layer: Layer): boolean => isHolding && concerned.includes(layer) && isWanted(layer, kind, chosen);
    const common = { state, existing, windowTo, hasArrivals };
    const runsAll = chosen !== null ? "selected" : isForced ? FORCED : null;
    const planned = { kind, windowTo, state, runsAll, standing, isPromotion };
    const holding = (layer: Layer): LayerPlan =>
      heldLayer(layer, standing.state === "held" ? HELD : NOT_IN_A_SELECTION);
    if (kind === "cycle" && chosen !== null) {
      const reached = reachedBefore(state);
      const plans = layers.map((layer) =>
        isHeld(layer)
          ? holding(layer)
          : withBuildChecks(
              planSelectedLayer({ ...common, layer, rebuild: new Set(), chosen, inputs }, reached),
              layer,
            ),
      );
      return { ...planned, plans };
    }
    const rebuild = kind === "full" ? (chosen ?? new Set(project.byId.keys())) : new Set<string>();
    // Rules that changed before there was a whole build leave nothing that could be gone on with.
    const startsAnew = guards && chosen === null && standing.state === "unpublished" && hasChanged(standing);
    const anew = (layer: Layer): Pick<PlanInput, "rebuild" | "buildReason"> => {
      const isMade = kind === "cycle" && standing.isBuilt && layer === concerned[0];
      if (!concerned.includes(layer) || isMade || !(isPromotion || startsAnew)) return { rebuild };
      const all = new Set(layer.models.map(({ id }) => id));
      return { rebuild: all, buildReason: isPromotion ? "promotion" : "first_build" };
    };
    const isAudited = kind === "full" || isPromotion;
    const plans = layers.map((layer) => {
      if (isHeld(layer)) return holding(layer);
      const plan = planLayer({ ...common, layer, ...anew(layer) });
      return isAudited ? plan : withBuildChecks(plan, layer);
    });
    return { ...planned, plans };
  }

  function planPast(options: BackfillOptions, { state, standing }: Recorded): PlannedWork {
    const layers = acceptChecks(deps.layers, options.accept ?? []);
    const chosen = selectModels(project, models, options);
    if (guards && isOther(standing)) refuseMixing(standing, deps.layers, (id) => chosen.has(id));
    const plans = planBackfill(layers, state, chosen, options.window);
    const { to: windowTo } = options.window;
    return { kind: "backfill", windowTo, state, plans, runsAll: "selected", standing, isPromotion: false };
  }

  return { plan, planBackfill: planPast };
}

/** Whether a run would touch the layer: a cycle of a selection only what it names, a full refresh of one the rest, too. */
function isWanted(layer: Layer, kind: "cycle" | "full", chosen: ReadonlySet<string> | null): boolean {
  return chosen === null || kind === "full" || layer.models.some(({ id }) => chosen.has(id));
}
