import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { guessMapping } from "../../identity/evaluate/guess.js";
import { type Mapping, parseMapping } from "../../identity/evaluate/mapping.js";
import type { RecordOutcome } from "../../identity/evaluate/report.js";
import { IDENTIFIER_STRENGTH, type IdentifierType } from "../../identity/normalise/types.js";
import { versioned } from "../../identity/train/model.js";
import { messageOf, RollcallError } from "../../platform/errors.js";
import { evaluationText } from "../evaluation-text.js";
import { openHome } from "../home.js";
import { readModelFile, writeModelFile } from "../model-file.js";
import { csvCell } from "../print.js";
import { createProgress } from "../progress.js";
import { checkWritable, writeWhole } from "../whole-file.js";

export interface EvaluateCommand {
  /** Only its cache of compiled statements is used. */
  readonly home: string;
  readonly project: string;
  readonly mapping?: string;
  /** A match model to measure, in place of one that is trained on the file. */
  readonly model?: string;
  /** Where the model that was trained on the file is written. */
  readonly saveModel?: string;
  readonly report?: string;
  /** Where it is written, as CSV, which record became whose. */
  readonly records?: string;
  readonly json: boolean;
}

/** Measures the identity models on labelled CSVs. Throws INPUT_INVALID for what is wrong with them or their mapping. */
export async function evaluate(files: readonly string[], options: EvaluateCommand): Promise<void> {
  const mapping = options.mapping === undefined ? await guess(files) : readMapping(options.mapping);
  const model = options.model === undefined ? {} : { model: readModelFile(options.model) };
  const { records, report: reportFile } = options;
  // Known before minutes of work, not after them.
  for (const file of [records, reportFile]) if (file !== undefined) await writing(file, () => checkWritable(file));
  const { evaluateIdentity } = await import("../wiring/evaluation.js");
  const progress = createProgress(process.stderr, () => performance.now());
  const report = await evaluateIdentity(
    { files, mapping, ...model, root: resolve(options.project), cacheFolder: openHome(options.home).compiled },
    {
      step: progress.step,
      onTrained: (trained) => {
        const { saveModel } = options;
        if (saveModel !== undefined)
          writeModelFile(saveModel, versioned({ ...trained, trainedAt: new Date().toISOString() }));
      },
      ...(records === undefined
        ? {}
        : { onOutcomes: (outcomes) => writing(records, () => writeWhole(records, recordsCsv(outcomes))) }),
    },
  );
  const json = `${JSON.stringify(report, null, 2)}\n`;
  if (reportFile !== undefined) await writing(reportFile, () => writeWhole(reportFile, [json]));
  process.stdout.write(options.json ? json : `${evaluationText(report)}\n`);
}

/** Of files without a mapping, by the columns of the first. What was recognised is said, to be kept and corrected. */
async function guess([first = ""]: readonly string[]): Promise<Mapping<IdentifierType>> {
  const yaml = await guessMapping(first, IDENTIFIER_STRENGTH);
  process.stderr.write(`Without --mapping these columns of ${first} are recognised:\n\n${yaml}\n`);
  return parseMapping("the mapping that was guessed", yaml, IDENTIFIER_STRENGTH);
}

function readMapping(file: string): Mapping<IdentifierType> {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw new RollcallError("INPUT_INVALID", `The mapping ${file} cannot be read: ${messageOf(cause)}`, {
      isRetriable: false,
      cause,
    });
  }
  return parseMapping(file, text, IDENTIFIER_STRENGTH);
}

async function writing(file: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    if (cause instanceof RollcallError) throw cause;
    throw new RollcallError("CONFIG_INVALID", `${file} cannot be written: ${messageOf(cause)}`, {
      isRetriable: false,
      cause,
    });
  }
}

async function* recordsCsv(outcomes: AsyncIterable<readonly RecordOutcome[]>): AsyncGenerator<string> {
  yield "file,line,person,profile_id,people_in_profile,profiles_of_person\r\n";
  for await (const batch of outcomes) {
    const rows = batch.map((each) =>
      [each.file, each.line, each.person, each.profileId, each.peopleInProfile, each.profilesOfPerson]
        .map((value) => csvCell(value, typeof value === "number" ? "INT64" : "STRING"))
        .join(","),
    );
    yield rows.map((row) => `${row}\r\n`).join("");
  }
}
