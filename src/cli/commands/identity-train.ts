import { join, resolve } from "node:path";
import type { MatchModel } from "../../identity/train/model.js";
import { RollcallError } from "../../platform/errors.js";
import { withControl } from "../engine-access.js";
import { openHome } from "../home.js";
import { readModelFile, writeModelFile } from "../model-file.js";
import { modelText } from "../model-text.js";

export interface TrainCommand {
  readonly home: string;
  readonly project: string;
  /** Where the candidate is written; in the state folder when absent. */
  readonly out?: string;
  readonly promote: boolean;
  readonly json: boolean;
}

/** Trains a match model on the warehouse's descriptions and writes it. Throws INPUT_INVALID when there are too few. */
export async function train(options: TrainCommand): Promise<void> {
  const out = options.out ?? candidateFile(options.home);
  await withControl(options, async (control) => {
    const trained = await control.trainMatchModel();
    if ("tooLittle" in trained) {
      throw new RollcallError(
        "INPUT_INVALID",
        `There is too little to learn a match model from: ${trained.tooLittle}. The model in place stays.`,
        { isRetriable: false },
      );
    }
    const { model } = trained;
    writeModelFile(out, model);
    process.stdout.write(options.json ? `${JSON.stringify(model, null, 2)}\n` : `${modelText(model)}\n\n`);
    if (options.promote) await put(model, options.project, control);
    const next = options.promote ? promoted(model) : `${out}\nrollcall identity promote puts it in place.`;
    process.stderr.write(`${next}\n`);
  });
}

export interface PromoteCommand {
  readonly home: string;
  readonly project: string;
}

/** Puts a trained model in place of the project's, and counts anew how common values are. */
export async function promote(file: string | undefined, options: PromoteCommand): Promise<void> {
  const model = readModelFile(file ?? candidateFile(options.home));
  await withControl(options, (control) => put(model, options.project, control));
  process.stderr.write(`${promoted(model)}\n`);
}

/** Frequencies first: they change no weight before the models are built anew, which the file brings about. */
async function put(
  model: MatchModel,
  project: string,
  control: { freezeFrequencies(options: { readonly model: MatchModel }): Promise<void> },
): Promise<void> {
  await control.freezeFrequencies({ model });
  writeModelFile(join(resolve(project), "includes", "match_model.json"), model);
}

function candidateFile(home: string): string {
  return join(openHome(home).root, "match_model.json");
}

function promoted(model: MatchModel): string {
  return (
    `includes/match_model.json is ${model.version}. Who is whom changes with: rollcall run --full-refresh\n` +
    "An engine that is up keeps the model it started with: start it again."
  );
}
