import { CommanderError } from "commander";
import pc from "picocolors";
import { RollcallError } from "../platform/errors.js";
import { EXIT, exitCodeOf } from "./exit-codes.js";
import { outliveReader } from "./outlive-reader.js";
import { createProgram } from "./program/program.js";

/** Runs one command line and returns its exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  for (const stream of [process.stdout, process.stderr]) outliveReader(stream);
  try {
    await createProgram().parseAsync(argv);
    // A command that has an answer to give by its code alone has set it.
    return typeof process.exitCode === "number" ? process.exitCode : 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT.misused;
    if (error instanceof RollcallError) {
      process.stderr.write(`${pc.red(error.code)} ${error.message}\n`);
      return exitCodeOf(error.code);
    }
    process.stderr.write(
      `${pc.red("INTERNAL")} ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    return EXIT.failed;
  }
}
