import type { Command } from "commander";
import { EXIT } from "../exit-codes.js";
import { integer, projectOption, withHome } from "./options.js";

/** What the project says of itself: docs, lineage, impact. */
export function addLineageCommands(program: Command): void {
  withHome(program.command("docs"))
    .description("write a static site of models, columns, tests and lineage, to be opened without a server")
    .addOption(projectOption())
    .option("--out <folder>", "where to write it (default: docs in the state folder)")
    .action(async (options) => (await import("../commands/docs.js")).docs(options));

  withHome(program.command("lineage"))
    .description(
      "where a column comes from, down to the bronze paths, or where it goes; from the project's files alone",
    )
    .argument("<name>", "dataset.table, dataset.table.column or a part of it: silver.events.properties.score")
    .option("--up", "where it comes from (the default)", false)
    .option("--down", "where it goes", false)
    .option("--depth <n>", "steps to show (default: all of them, of a table one)", integer)
    .option("--all", "show what only decides, too, and every branch of a wide node", false)
    .option("--json", "print as JSON", false)
    .addOption(projectOption())
    .action(async (name, options) => (await import("../commands/lineage.js")).lineage(name, options));

  withHome(program.command("impact"))
    .description(
      "models, assertions, tests and syncs that a column's end or change concerns; exits with 1 when there are any",
    )
    .argument("<column>", "dataset.table.column, or a part of it")
    .option("--drop", "as if the column were gone (the default)", false)
    .option("--change", "as if it had other values", false)
    .option("--json", "print as JSON", false)
    .addOption(projectOption())
    .action(async (column, options) => {
      if (await (await import("../commands/impact.js")).impact(column, options)) process.exitCode = EXIT.failed;
    });
}
