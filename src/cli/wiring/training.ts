import { type CountedComparison, freezeFrequencies, type TermMacros } from "../../identity/train/frequencies.js";
import type { MatchModel } from "../../identity/train/model.js";
import { readTrainingData, type TrainingMacroSet } from "../../identity/train/read.js";
import { train } from "../../identity/train/train.js";
import type { Clock } from "../../platform/clock.js";
import { copyTable } from "../../warehouse/copy-table.js";
import type { TableName, Warehouse } from "../../warehouse/port.js";
import { createProjectRealm } from "../../warehouse/project/module-loader.js";
import type { EngineControl } from "../control.js";

export interface ProjectTraining extends TrainingMacroSet {
  readonly match: TrainingMacroSet["match"] & {
    readonly COMPARISONS: readonly CountedComparison[];
    model(): MatchModel;
  };
  readonly terms: TermMacros;
}

/** What a match model is trained by, of the project in that folder. */
export function loadTrainingMacros(root: string): ProjectTraining {
  const realm = createProjectRealm(root);
  return {
    blocking: realm.load("includes/blocking.js") as ProjectTraining["blocking"],
    match: realm.load("includes/match.js") as ProjectTraining["match"],
    training: realm.load("includes/training.js") as ProjectTraining["training"],
    terms: realm.load("includes/terms.js") as TermMacros,
  };
}

export interface TrainingDeps {
  readonly warehouse: Warehouse;
  readonly clock: Clock;
}

const DESCRIPTIONS: TableName = { dataset: "identity", table: "descriptions" };

/** Training reads while cycles run. */
export function createTrainingControl(
  { root }: { readonly root: string },
  { warehouse, clock }: TrainingDeps,
): Pick<EngineControl, "trainMatchModel"> {
  return {
    trainMatchModel: async () => {
      if ((await warehouse.schema(DESCRIPTIONS)) === null) return { tooLittle: "no cycle has described anybody yet" };
      const data = await readTrainingData(warehouse, loadTrainingMacros(root));
      return train(data, new Date(clock.now()).toISOString());
    },
  };
}

/** Whether descriptions are weighed by another model, so that how common values are has to be counted for this one. */
async function isOtherModel(warehouse: Warehouse, { version }: MatchModel): Promise<boolean> {
  if ((await warehouse.schema(DESCRIPTIONS)) === null) return false;
  const { rows } = await warehouse.query("SELECT d.model_version FROM identity.descriptions AS d LIMIT 1");
  return rows.some(({ model_version }) => model_version !== version);
}

/** Counts how common values are, right before everything is built by another model: until then nothing reads it. */
export async function countForModel(root: string, warehouse: Warehouse, model: MatchModel): Promise<void> {
  if (await isOtherModel(warehouse, model)) await freeze(root, warehouse, model);
}

/** The same for a warehouse aside that is to be built by the model: counted among the descriptions of the source, which stays as it is. */
export async function countAside(
  root: string,
  { source, scratch }: { readonly source: Warehouse; readonly scratch: Warehouse },
  model: MatchModel,
): Promise<void> {
  if (!(await isOtherModel(source, model))) return;
  const columns = (await source.schema(DESCRIPTIONS)) ?? [];
  await copyTable({ source, target: scratch }, { ...DESCRIPTIONS, columns });
  await freeze(root, scratch, model);
  await scratch.execute("DROP TABLE identity.descriptions");
}

function freeze(root: string, warehouse: Warehouse, model: MatchModel): Promise<void> {
  const { terms, match } = loadTrainingMacros(root);
  return freezeFrequencies({ warehouse, terms, comparisons: match.COMPARISONS }, model);
}
