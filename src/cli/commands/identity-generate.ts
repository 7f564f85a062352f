import { writeFile } from "node:fs/promises";
import { extname } from "node:path";
import { CSV_HEADER, csvLine } from "../../identity/synthetic/csv.js";
import { generateRecords } from "../../identity/synthetic/generate.js";
import { MAPPING_YAML } from "../../identity/synthetic/mapping.js";
import { createCounting, tallyText } from "../../identity/synthetic/tally.js";
import { messageOf, RollcallError } from "../../platform/errors.js";
import { writeWhole } from "../whole-file.js";

export interface GenerateCommand {
  readonly people: number;
  readonly seed: number;
  readonly out: string;
}

/** Characters gathered before they are written. */
const CHUNK = 1 << 18;

/**
 * Writes made-up records with their truth as CSV, and beside it the mapping that `identity evaluate` reads. The CSV is put in
 * place when it is whole. Throws INPUT_INVALID when a file cannot be written.
 */
export async function generate(options: GenerateCommand): Promise<void> {
  const { people, seed, out } = options;
  const mapping = `${out.slice(0, out.length - extname(out).length)}.mapping.yaml`;
  const counting = createCounting();
  const startedAt = performance.now();
  try {
    await writeWhole(out, csvChunks());
    await writeFile(mapping, MAPPING_YAML);
  } catch (error) {
    if (error instanceof RollcallError) throw error;
    throw new RollcallError("INPUT_INVALID", `${out} cannot be written: ${messageOf(error)}`, {
      isRetriable: false,
      cause: error,
    });
  }
  const seconds = (performance.now() - startedAt) / 1000;
  process.stderr.write(
    `${tallyText(counting.tally(), people)}\n\n${out} and ${mapping}, ${seconds.toFixed(1)} seconds\n`,
  );

  function* csvChunks(): Generator<string> {
    let chunk = CSV_HEADER;
    for (const record of generateRecords({ people, seed })) {
      counting.add(record);
      chunk += csvLine(record);
      if (chunk.length < CHUNK) continue;
      yield chunk;
      chunk = "";
    }
    yield chunk;
  }
}
