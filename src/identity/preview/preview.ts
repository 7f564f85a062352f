import type { Clock, Micros } from "../../platform/clock.js";
import { RollcallError } from "../../platform/errors.js";
import type { Warehouse } from "../../warehouse/port.js";
import { blockingChecks, layerProject } from "../../warehouse/project/layers.js";
import { type IdentityStanding, identityLayers, jitterChecks } from "../../warehouse/run/identity-standing.js";
import { createRunner, type Runner } from "../../warehouse/run/run.js";
import { settle } from "../../warehouse/run/settle.js";
import { readModelStates } from "../../warehouse/run/state.js";
import { sql } from "../../warehouse/sql.js";
import { compareMaps, KEEP_SQL, listMoves, readFailed, readMetrics } from "./compare.js";
import type { IdentityPreview } from "./report.js";
import { seedScratch } from "./seed.js";

export interface PreviewConfig {
  /** The folder with `dataform.json`. */
  readonly root: string;
  /** What the project's match model calls itself. */
  readonly modelVersion: string | null;
  /** How many moves to list. */
  readonly limit: number;
}

export interface PreviewDeps {
  /** What is published. Only read. */
  readonly warehouse: Warehouse;
  /** An empty warehouse, as fast as may be; closed here. */
  readonly openScratch: () => Promise<Warehouse>;
  /** Counts in the scratch warehouse what a new match model goes by. */
  readonly countValues: (scratch: Warehouse) => Promise<void>;
  readonly clock: Clock;
  /** Runs while nothing else writes the warehouse: what is copied must be of one moment. */
  readonly exclusively: <T>(work: () => Promise<T>) => Promise<T>;
  /** Runs a step, telling somebody how far it is. */
  readonly step: <T>(name: string, work: (report: (done: number) => void) => Promise<T>) => Promise<T>;
}

/** How far beyond what was read the windows of settling may reach: a cycle after the first takes a microsecond. */
const SETTLING: Micros = 1_000_000;
const PENDING_SQL = sql`SELECT COUNT(*) AS node_count FROM identity.pending_nodes`;
const QUIET = { info: () => undefined, warn: () => undefined, error: () => undefined };

/**
 * Resolves everybody by the project's rules in a warehouse aside, and compares that with what is published. Published tables stay as
 * they are. Source identities that arrived while identity was held are resolved, too: whom they join counts as a change.
 *
 * Throws INPUT_INVALID while nothing is published, and what building the models throws: then a run would throw it, too.
 */
export async function previewIdentity(
  config: PreviewConfig,
  standing: IdentityStanding,
  deps: PreviewDeps,
): Promise<IdentityPreview> {
  const { fingerprint, state, published, changes } = standing;
  if (fingerprint === null || state === "unpublished") throw nothingPublished();
  const { warehouse, step } = deps;
  const scratch = await deps.openScratch();
  try {
    const { runner, from } = await deps.exclusively(async () => {
      const before = await step("read what is published", () => readMetrics(warehouse));
      return { runner: await seed(config, scratch, deps), from: before };
    });
    await scratch.execute(KEEP_SQL);
    const jitter = await step("resolve everybody by the new rules", (report) =>
      build(runner.made, scratch, runner.readUpTo, report),
    );
    return await step("compare", async () => ({
      fingerprint: { published: published?.fingerprint ?? null, project: fingerprint },
      modelVersion: { published: published?.modelVersion ?? null, project: config.modelVersion },
      changes,
      ...(await compareMaps(scratch)),
      metrics: { before: from, after: await readMetrics(scratch) },
      failingChecks: (await readFailed(scratch)).filter(({ check }) => !jitter.includes(check)),
      moves: await listMoves(scratch, config.limit),
    }));
  } finally {
    await scratch.close();
  }
}

interface Seeded {
  readonly made: Runner;
  readonly readUpTo: Micros;
}

async function seed({ root }: PreviewConfig, scratch: Warehouse, deps: PreviewDeps): Promise<Seeded> {
  const { warehouse: source, clock, step } = deps;
  const made = createRunner({ root, identityChanges: "publish" }, { warehouse: scratch, clock, logger: QUIET });
  const { layers } = layerProject(made.project);
  const [layer] = identityLayers(layers);
  if (layer === undefined) throw nothingPublished();
  const before = layers.slice(0, layers.indexOf(layer));
  const states = await readModelStates(source);
  const readUpTo = Math.max(
    0,
    ...before.flatMap(({ models }) => models.map(({ id }) => states.get(id)?.windowTo ?? 0)),
  );
  await step("copy what identity is made from", (report) =>
    seedScratch({ source, scratch, report }, { project: made.project, before, layer, readUpTo: readUpTo + SETTLING }),
  );
  await step("count how common values are", () => deps.countValues(scratch));
  return { made, readUpTo };
}

/** Builds the layer of identity, checks and all, and settles it. Gives the checks that an accepted change passes over. */
async function build(
  runner: Runner,
  scratch: Warehouse,
  readUpTo: Micros,
  report: (done: number) => void,
): Promise<readonly string[]> {
  const { layers } = layerProject(runner.project);
  const [layer] = identityLayers(layers);
  const select = (layer?.models ?? []).map(({ id }) => id);
  const accept = blockingChecks(layers).map(({ action }) => action.id);
  let cycle = 0;
  await settle(
    async () => {
      await runner.runCycle({ windowTo: readUpTo + cycle, select, accept, isForced: true });
      cycle += 1;
      report(cycle);
    },
    async () => Number((await scratch.query(PENDING_SQL)).rows[0]?.node_count),
  );
  return jitterChecks(layers);
}

function nothingPublished(): RollcallError {
  return new RollcallError(
    "INPUT_INVALID",
    "No run has published who is whom yet: there is nothing to compare with. rollcall run",
    {
      isRetriable: false,
    },
  );
}
