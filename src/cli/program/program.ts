import { readFileSync } from "node:fs";
import { Command } from "commander";
import { EXIT_CODES_HELP } from "../exit-codes.js";
import { addIdentityCommands } from "./identity.js";
import { addLineageCommands } from "./lineage.js";
import { addModelCommands } from "./models.js";
import { addRunningCommands } from "./running.js";
import { addServingCommands } from "./serving.js";

/**
 * Every command with its help and options, in the order the help lists them. A command's code is loaded when it is asked for: most
 * of the product stays unread, and the answer comes sooner. Misuse throws CommanderError instead of ending the process.
 */
export function createProgram(): Command {
  const program = new Command("rollcall")
    .description("A Customer Data Platform for EdTech: five sources, one profile per student.")
    .version(version())
    .addHelpText("after", EXIT_CODES_HELP)
    .showHelpAfterError()
    .exitOverride();
  addRunningCommands(program);
  addModelCommands(program);
  addIdentityCommands(program);
  addLineageCommands(program);
  addServingCommands(program);
  return program;
}

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8"));
  return String((manifest as { version: unknown }).version);
}
