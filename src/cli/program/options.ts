import { resolve } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";

/** What several commands say in the same words. */

/** The project this Rollcall was installed with. */
const INSTALLED = resolve(import.meta.dirname, "../../..");

export function withHome(command: Command): Command {
  return command.option("--home <folder>", "where the state lies", process.env.ROLLCALL_HOME ?? ".rollcall");
}

export function projectOption(): Option {
  return new Option("--project <folder>", "the folder with dataform.json").default(INSTALLED);
}

/** Reads a whole number from 0 upwards. Throws InvalidArgumentError, which commander tells with the option's name. */
export function integer(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError("expected a whole number");
  return value;
}

/** For the end of a command's help. */
export function example(line: string): string {
  return `\nExample:\n  rollcall ${line}`;
}
