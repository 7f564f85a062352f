import { type Accepted, acceptIdentity } from "../../identity/preview/accept.js";
import { previewIdentity } from "../../identity/preview/preview.js";
import { storePreview } from "../../identity/preview/previews.js";
import type { IdentityPreview } from "../../identity/preview/report.js";
import type { MatchModel } from "../../identity/train/model.js";
import type { Engine } from "../../orchestration/engine.js";
import type { Clock } from "../../platform/clock.js";
import type { CompiledStore } from "../../warehouse/duckdb/compiled-store.js";
import { createDuckdbWarehouse } from "../../warehouse/duckdb/warehouse.js";
import type { Warehouse } from "../../warehouse/port.js";
import type { IdentityStanding } from "../../warehouse/run/identity-standing.js";
import { readIdentityVersions } from "../../warehouse/run/identity-versions.js";
import type { Runner } from "../../warehouse/run/run.js";
import type { EngineControl } from "../control.js";
import { modelFileOf, readModelFile } from "../model-file.js";
import { createStepTracker, type StepTracker } from "../step-tracker.js";
import { countAside } from "./training.js";

export interface PreviewControlConfig {
  /** The folder with `dataform.json`. */
  readonly root: string;
}

export interface PreviewControlDeps {
  readonly warehouse: Warehouse;
  readonly engine: Engine;
  /** The warehouse's own, so that what a cycle ran needs no second translation. */
  readonly store: CompiledStore;
  readonly clock: Clock;
  /** Compiles the project as it is now: an engine that is up runs the one it started with. */
  readonly openRunner: () => Runner;
}

type PreviewControl = Pick<
  EngineControl,
  "previewIdentity" | "previewProgress" | "acceptIdentity" | "identityVersions"
>;

/** Previews that are over can be asked after for a while: who shows them wants to see the end. */
const REMEMBERED = 5;

/** Other rules of who is whom: what they would change, and that they may. */
export function createPreviewControl({ root }: PreviewControlConfig, deps: PreviewControlDeps): PreviewControl {
  const { warehouse, engine, store, clock, openRunner } = deps;
  const known = new Map<string, StepTracker>();

  function follow(ticket: string): StepTracker {
    const tracker = createStepTracker(() => clock.now());
    known.set(ticket, tracker);
    for (const oldest of [...known.keys()].slice(0, -REMEMBERED)) known.delete(oldest);
    return tracker;
  }

  async function look(): Promise<{ readonly standing: IdentityStanding; readonly model: MatchModel }> {
    return { standing: await openRunner().identity(), model: readModelFile(modelFileOf(root)) };
  }

  return {
    previewIdentity: async ({ limit, ticket }): Promise<IdentityPreview | null> => {
      const { step } = follow(ticket);
      const { standing, model } = await step("compile the project", () => engine.exclusively(look));
      if (standing.state === "published") return null;
      const preview = await previewIdentity({ root, modelVersion: model.version, limit }, standing, {
        warehouse,
        openScratch: () => createDuckdbWarehouse({ file: ":memory:" }, { store }),
        countValues: (scratch) => countAside(root, { source: warehouse, scratch }, model),
        clock,
        exclusively: (work) => engine.exclusively(work),
        step,
      });
      const { moves: _, ...summary } = preview;
      await engine.exclusively(() => storePreview(warehouse, summary, clock.now() * 1000));
      return preview;
    },
    previewProgress: async ({ ticket }) => known.get(ticket)?.read() ?? null,
    acceptIdentity: (request): Promise<Accepted> =>
      engine.exclusively(async () => {
        const { standing, model } = await look();
        const accepting = { warehouse, modelVersion: model.version, now: clock.now() * 1000 };
        const accepted = await acceptIdentity(standing, request, accepting);
        // An engine that is up and has these rules publishes them by itself.
        if (accepted.status === "accepted") engine.redeliver();
        return accepted;
      }),
    identityVersions: async () => {
      await openRunner().identity();
      return readIdentityVersions(warehouse);
    },
  };
}
