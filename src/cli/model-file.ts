import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type MatchModel, modelJson, parseModel } from "../identity/train/model.js";
import { messageOf, RollcallError } from "../platform/errors.js";

/** The match model of the project in that folder. */
export function modelFileOf(root: string): string {
  return join(root, "includes", "match_model.json");
}

/** Throws INPUT_INVALID when the file cannot be read or holds no match model. */
export function readModelFile(file: string): MatchModel {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw failed(`The match model ${file} cannot be read`, cause);
  }
  return parseModel(text, file);
}

/** Puts the file in place when it is whole. Throws INPUT_INVALID when it cannot be written. */
export function writeModelFile(file: string, model: MatchModel): void {
  try {
    writeFileSync(`${file}.part`, modelJson(model));
    renameSync(`${file}.part`, file);
  } catch (cause) {
    throw failed(`The match model cannot be written to ${file}`, cause);
  }
}

function failed(what: string, cause: unknown): RollcallError {
  return new RollcallError("INPUT_INVALID", `${what}: ${messageOf(cause)}`, { isRetriable: false, cause });
}
