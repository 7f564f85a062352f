import { join, resolve } from "node:path";
import type { MatchModel } from "../../identity/train/model.js";
import { RollcallError } from "../../platform/errors.js";
import { withControl } from "../engine-access.js";
import { openHome } from "../home.js";
import { modelFileOf, readModelFile, writeModelFile } from "../model-file.js";
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
    if (options.promote) writeModelFile(modelFileOf(resolve(options.project)), model);
    const next = options.promote ? promoted(model) : `${out}\nrollcall identity promote puts it into the project.`;
    process.stderr.write(`${next}\n`);
  });
}

export interface PromoteCommand {
  readonly home: string;
  readonly project: string;
}

/** Puts a trained model into the project, which publishes it once it is accepted. */
export function promote(file: string | undefined, options: PromoteCommand): void {
  const model = readModelFile(file ?? candidateFile(options.home));
  writeModelFile(modelFileOf(resolve(options.project)), model);
  process.stderr.write(`${promoted(model)}\n`);
}

function candidateFile(home: string): string {
  return join(openHome(home).root, "match_model.json");
}

function promoted(model: MatchModel): string {
  return (
    `includes/match_model.json is ${model.version}. Nothing is published by it yet.\n` +
    "Next: rollcall identity preview says who would change, rollcall identity accept lets the next run publish it."
  );
}
