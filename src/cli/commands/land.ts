import { SOURCES, type SourceId } from "../../../loaders/record.js";
import { RollcallError } from "../../platform/errors.js";
import { readConfig } from "../config.js";
import { withControl } from "../engine-access.js";
import { formatCount } from "../print.js";
import { createProgress } from "../progress.js";
import { openFiles } from "../wiring/files.js";

function isSource(text: string): text is SourceId {
  return (SOURCES as readonly string[]).includes(text);
}

export async function land(source: string, paths: readonly string[], options: { home: string }): Promise<void> {
  if (!isSource(source)) {
    throw new RollcallError("INPUT_INVALID", `"${source}" is no source. Sources: ${SOURCES.join(", ")}.`, {
      isRetriable: false,
    });
  }
  const progress = createProgress(process.stdout, () => Date.now());
  const files = await openFiles(readConfig(process.env, options));
  let events = 0;
  let deadLetters = 0;
  try {
    for (const path of paths) {
      const result = await progress.step(`read ${path}`, (report) => files.land(source, path, report));
      events += result.events;
      deadLetters += result.deadLetters;
    }
  } finally {
    await files.close();
  }
  await progress.step("land in the warehouse", () => withControl(options, (control) => control.land()));
  const dead = deadLetters === 0 ? "" : `, ${formatCount(deadLetters)} dead letters (see bronze.dead_letters)`;
  process.stdout.write(`${formatCount(events)} events${dead}. Next: rollcall run\n`);
}
