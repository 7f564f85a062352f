import { readLabelledFiles } from "../../identity/evaluate/labelled-file.js";
import type { Mapping } from "../../identity/evaluate/mapping.js";
import type { Matching, TraitField } from "../../identity/evaluate/mapping-schema.js";
import { createMetricsCounter, ratio } from "../../identity/evaluate/metrics.js";
import {
  type EvaluationReport,
  type JudgedGroup,
  type LinkMetrics,
  type MatchingReport,
  matchRateOf,
  type RecordOutcome,
  type Stage,
} from "../../identity/evaluate/report.js";
import type { IdentifierType } from "../../identity/normalise/types.js";
import { freezeFrequencies } from "../../identity/train/frequencies.js";
import type { MatchModel } from "../../identity/train/model.js";
import { readTrainingData } from "../../identity/train/read.js";
import { train } from "../../identity/train/train.js";
import { type Micros, systemClock } from "../../platform/clock.js";
import { createFolderStore } from "../../warehouse/duckdb/compiled-store.js";
import { createDuckdbWarehouse } from "../../warehouse/duckdb/warehouse.js";
import type { Row, Warehouse } from "../../warehouse/port.js";
import { blockingChecks, layerProject } from "../../warehouse/project/layers.js";
import { createProjectRealm } from "../../warehouse/project/module-loader.js";
import { createRunner, type Runner } from "../../warehouse/run/run.js";
import { type Settled, settle } from "../../warehouse/run/settle.js";
import {
  CELLS_SQL,
  COMPARED_SQL,
  type GraphMacros,
  judgedSql,
  LINKS_SQL,
  OUTCOMES_SQL,
  observeSql,
  RECORD_COLUMNS,
  RECORDS,
} from "../evaluation-sql.js";
import { createLabelledRows } from "../labelled-rows.js";
import { loadTrainingMacros } from "./training.js";

export interface EvaluationConfig {
  /** Labelled CSVs with the same columns: their records are matched with each other. */
  readonly files: readonly string[];
  readonly mapping: Mapping<IdentifierType>;
  /** The folder with `dataform.json`. */
  readonly root: string;
  /** The match model to measure; absent: one that is trained on the file's own descriptions. */
  readonly model?: MatchModel;
  /** Where compiled statements are kept. */
  readonly cacheFolder: string;
}

export interface EvaluationDeps {
  /** Runs a step, telling somebody how far it is. */
  step<T>(name: string, work: (report: (done: number) => void) => Promise<T>): Promise<T>;
  /** Told of the model that was trained on the file, if one was. */
  onTrained?(model: MatchModel): void;
  /** Given every record in the order of the files, once all are resolved. */
  onOutcomes?(outcomes: AsyncIterable<readonly RecordOutcome[]>): Promise<void>;
}

/** Where the records' time begins: the models are built empty before, and read the records after. */
const FIRST_AT: Micros = Date.UTC(2000, 0, 1) * 1000;
const DAY: Micros = 86_400_000_000;
/** What leads to the identity map, and what its checks read. Gold and activation add nothing to who is whom. */
const SELECTED = ["silver", "quality", "identity"];
/** What a match model is trained on. */
const DESCRIBED = ["silver", "identity.features", "identity.term_frequencies", "identity.descriptions"];
const PENDING_SQL = "SELECT COUNT(*) AS node_count FROM identity.pending_nodes";
/** Nobody reads these ids: another model takes the place of the first at once. */
const AT_ONCE = { identityChanges: "publish" } as const;
const QUIET = { info: () => undefined, warn: () => undefined, error: () => undefined };

/**
 * Puts labelled records through the product's normalisation and identity models, in an empty warehouse in memory, and compares the
 * clusters with the truth. Touches no state but the cache of compiled statements.
 *
 * Throws INPUT_INVALID for what is wrong with the file, and what the warehouse throws.
 */
export async function evaluateIdentity(
  config: EvaluationConfig,
  { step, onTrained, onOutcomes }: EvaluationDeps,
): Promise<EvaluationReport> {
  const stages: Stage[] = [];
  const timed: EvaluationDeps["step"] = async (name, work) => {
    const startedAt = performance.now();
    const result = await step(name, work);
    stages.push({ name, ms: performance.now() - startedAt });
    return result;
  };
  const store = createFolderStore({ folder: config.cacheFolder });
  const warehouse = await createDuckdbWarehouse({ file: ":memory:" }, { store });
  try {
    await warehouse.ensureTables([{ ...RECORDS, columns: RECORD_COLUMNS }]);
    const { refused, files } = await timed("read, normalise, land", (report) => landRecords(config, warehouse, report));
    const { runner, accept } = await timed("build the models", () => buildModels(config, warehouse));
    const graph = createProjectRealm(runner.project.root).load("includes/graph.js") as GraphMacros;
    await timed("observe", () =>
      warehouse.execute(observeSql(graph), { first_at: { type: "TIMESTAMP", value: FIRST_AT } }),
    );
    const chosen = await timed("train the match model", () => chooseModel(config, { warehouse, runner, accept }));
    if (chosen.trained !== null) onTrained?.(chosen.trained);
    const settled = await timed("resolve identities", () => resolve(chosen.runner, accept, warehouse));
    const measured = await timed("measure", () => measure(warehouse, graph, chosen));
    if (onOutcomes !== undefined) await onOutcomes(outcomesOf(warehouse, files));
    const totalMs = stages.reduce((total, { ms }) => total + ms, 0);
    return {
      file: config.files.join(", "),
      owner: config.mapping.owner,
      ...measured,
      unusable: [...refused].sort(([a], [b]) => a.localeCompare(b)).map(([type, valueCount]) => ({ type, valueCount })),
      stages,
      totalMs,
      recordsPerSecond: (measured.clusters.recordCount / totalMs) * 1000,
      ...settled,
    };
  } finally {
    await warehouse.close();
  }
}

interface LabelledFile {
  readonly path: string;
  readonly linesBefore: number;
}

interface Landed {
  /** How many values were no identifiers of their type, and no traits that anybody is compared by. */
  readonly refused: ReadonlyMap<IdentifierType | TraitField, number>;
  readonly files: readonly LabelledFile[];
}

async function landRecords(
  { files: paths, mapping }: EvaluationConfig,
  warehouse: Warehouse,
  report: (done: number) => void,
): Promise<Landed> {
  const files: LabelledFile[] = [];
  const refused = new Map<IdentifierType | TraitField, number>();
  const toRow = createLabelledRows(mapping, (type) => refused.set(type, (refused.get(type) ?? 0) + 1));
  let landed = 0;
  const onFile = (path: string, linesBefore: number) => files.push({ path, linesBefore });
  for await (const records of readLabelledFiles({ paths, mapping, onFile })) {
    const last = landed + records.length - 1;
    await warehouse.land({
      batchId: `labelled-${landed}`,
      topic: "labelled",
      partition: 0,
      firstOffset: landed,
      lastOffset: last,
      ingestedAt: FIRST_AT,
      tables: { [RECORDS.table]: records.map(toRow) },
    });
    landed = last + 1;
    report(landed);
  }
  return { refused, files };
}

async function* outcomesOf(
  warehouse: Warehouse,
  files: readonly LabelledFile[],
): AsyncGenerator<readonly RecordOutcome[]> {
  for await (const rows of warehouse.stream(OUTCOMES_SQL)) {
    yield rows.map((row) => {
      const at = Number(row.line);
      const file = files.findLast(({ linesBefore }) => linesBefore < at);
      return {
        file: file?.path ?? "",
        line: at - (file?.linesBefore ?? 0),
        person: String(row.person),
        profileId: row.profile_id === null ? null : String(row.profile_id),
        peopleInProfile: Number(row.people_in_profile),
        profilesOfPerson: Number(row.profiles_of_person),
      };
    });
  }
}

function varsOf({ mapping }: EvaluationConfig): Readonly<Record<string, string>> {
  return { matching: mapping.matching };
}

/** All models that take part, without a row in them, as a first run makes them. */
async function buildModels(
  config: EvaluationConfig,
  warehouse: Warehouse,
): Promise<{ readonly runner: Runner; readonly accept: readonly string[] }> {
  const { root } = config;
  const runner = createRunner(
    { root, vars: varsOf(config), ...AT_ONCE },
    { warehouse, clock: systemClock, logger: QUIET },
  );
  await runner.runCycle({ windowTo: FIRST_AT, select: SELECTED });
  // They hold back data that suddenly match badly; here that is the question and not an accident.
  const accept = blockingChecks(layerProject(runner.project).layers).map(({ action }) => action.id);
  return { runner, accept };
}

interface ChosenModel {
  /** Of the project with that model. */
  readonly runner: Runner;
  readonly origin: MatchingReport["origin"];
  readonly strictness: Matching;
  readonly modelVersion: string;
  readonly trained: MatchModel | null;
}

/** Describes the records, learns from their descriptions who is alike, without their labels, and puts the model in place. */
async function chooseModel(
  config: EvaluationConfig,
  { warehouse, runner, accept }: { warehouse: Warehouse; runner: Runner; accept: readonly string[] },
): Promise<ChosenModel> {
  await runner.runCycle({ windowTo: FIRST_AT + DAY, select: DESCRIBED, accept, isForced: true });
  const macros = loadTrainingMacros(runner.project.root);
  const trained =
    config.model === undefined
      ? train(await readTrainingData(warehouse, macros), new Date(FIRST_AT / 1000).toISOString())
      : { model: config.model };
  const learnt = "model" in trained ? trained.model : null;
  const model = learnt ?? macros.match.model();
  await freezeFrequencies({ warehouse, terms: macros.terms, comparisons: macros.match.COMPARISONS }, model);
  const vars = { ...varsOf(config), ...(learnt === null ? {} : { match_model: JSON.stringify(learnt) }) };
  const origin = config.model !== undefined ? "given" : learnt === null ? "project" : "trained";
  return {
    runner: createRunner({ root: config.root, vars, ...AT_ONCE }, { warehouse, clock: systemClock, logger: QUIET }),
    origin,
    strictness: config.mapping.matching,
    modelVersion: model.version,
    trained: origin === "trained" ? learnt : null,
  };
}

/** What one cycle leaves over, the next takes up, as in a product that is up. */
function resolve(runner: Runner, accept: readonly string[], warehouse: Warehouse): Promise<Settled> {
  let windowTo = FIRST_AT + DAY;
  return settle(
    () => runner.runCycle({ windowTo: ++windowTo, select: SELECTED, accept, isForced: true }),
    async () => Number((await warehouse.query(PENDING_SQL)).rows[0]?.node_count),
  );
}

async function measure(
  warehouse: Warehouse,
  graph: GraphMacros,
  { origin, strictness, modelVersion }: ChosenModel,
): Promise<Pick<EvaluationReport, "clusters" | "matchRate" | "links" | "matching">> {
  const counter = createMetricsCounter();
  for await (const rows of warehouse.stream(CELLS_SQL)) {
    for (const { cluster, person, record_count } of rows) {
      counter.add({ cluster: String(cluster), person: String(person), recordCount: Number(record_count) });
    }
  }
  const clusters = counter.read();
  const judged = (await warehouse.query(judgedSql(graph))).rows.map(
    (row): JudgedGroup => ({
      reason: row.reason === null ? null : String(row.reason),
      isMatched: row.is_matched === true,
      hasTwin: row.has_twin === true,
      recordCount: Number(row.record_count),
    }),
  );
  const links = (await warehouse.query(LINKS_SQL)).rows.map(linkOf);
  const compared = (await warehouse.query(COMPARED_SQL)).rows[0];
  const matching = {
    origin,
    modelVersion,
    strictness,
    pairCount: Number(compared?.pair_count),
    metCount: Number(compared?.met_count),
    keptCount: Number(compared?.kept_count),
    skippedKeyCount: Number(compared?.skipped_key_count),
  };
  return { clusters, matchRate: matchRateOf(judged, clusters.clusterCount), links, matching };
}

function linkOf(row: Row): LinkMetrics {
  const linkedPairs = Number(row.linked_pairs);
  const rightPairs = Number(row.right_pairs);
  return {
    type: String(row.type),
    namespace: String(row.namespace),
    activeCount: Number(row.active_count),
    genericCount: Number(row.generic_count),
    blockedCount: Number(row.blocked_count),
    linkedPairs,
    rightPairs,
    precision: ratio(rightPairs, linkedPairs),
    apartPairs: Number(row.apart_pairs),
    apartRightPairs: Number(row.apart_right_pairs),
  };
}
