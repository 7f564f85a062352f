import { type CountedComparison, freezeFrequencies, type TermMacros } from "../../identity/train/frequencies.js";
import type { MatchModel } from "../../identity/train/model.js";
import { readTrainingData, type TrainingMacroSet } from "../../identity/train/read.js";
import { train } from "../../identity/train/train.js";
import type { Engine } from "../../orchestration/engine.js";
import type { Clock } from "../../platform/clock.js";
import { RollcallError } from "../../platform/errors.js";
import type { Warehouse } from "../../warehouse/port.js";
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
    match: realm.load("includes/match.js") as ProjectTraining["match"],
    training: realm.load("includes/training.js") as ProjectTraining["training"],
    terms: realm.load("includes/terms.js") as TermMacros,
  };
}

export interface TrainingDeps {
  readonly warehouse: Warehouse;
  readonly engine: Engine;
  readonly clock: Clock;
}

/** Training reads while cycles run; counting frequencies writes, and takes turns with them. */
export function createTrainingControl(
  { root }: { readonly root: string },
  { warehouse, engine, clock }: TrainingDeps,
): Pick<EngineControl, "trainMatchModel" | "freezeFrequencies"> {
  const isDescribed = async (): Promise<boolean> =>
    (await warehouse.schema({ dataset: "identity", table: "descriptions" })) !== null;

  return {
    trainMatchModel: async () => {
      if (!(await isDescribed())) return { tooLittle: "no cycle has described anybody yet" };
      const data = await readTrainingData(warehouse, loadTrainingMacros(root));
      return train(data, new Date(clock.now()).toISOString());
    },
    freezeFrequencies: async ({ model }) => {
      if (!(await isDescribed())) {
        throw new RollcallError(
          "INPUT_INVALID",
          "No cycle has described anybody yet, so nothing can be counted for the match model. Run  rollcall run  first.",
          { isRetriable: false },
        );
      }
      const { terms, match } = loadTrainingMacros(root);
      return engine.exclusively(() => freezeFrequencies({ warehouse, terms, comparisons: match.COMPARISONS }, model));
    },
  };
}
