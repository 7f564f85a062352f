import { type Command, Option } from "commander";
import { EXIT } from "../exit-codes.js";
import { FORMATS } from "../print.js";
import { integer, projectOption, withHome } from "./options.js";

/** For whoever writes models: query, diff, check, test. */
export function addModelCommands(program: Command): void {
  withHome(program.command("query"))
    .description(
      "ask the warehouse in GoogleSQL, up to 50,000 rows and 64 MB; personal values are masked, by where a column comes " +
        "from, whatever it is called, and by its name",
    )
    .argument("[sql]", "one statement; - or nothing reads standard input")
    .option("--file <path>", "read the SQL from a file")
    .addOption(new Option("--format <format>", "how to print rows").choices(FORMATS).default("table"))
    .option("--unmask", "show personal columns", false)
    .option(
      "--scratch",
      "run a script, DDL and inserts included, in an empty warehouse in memory; the last query's rows are shown",
      false,
    )
    .action(async (sql, options) => (await import("../commands/query.js")).query(sql, options));

  withHome(program.command("diff"))
    .description(
      "compare a table with what its model as written now would give, with a snapshot, or with another table",
    )
    .argument("<table>", "dataset.table")
    .option("--against <what>", "a snapshot's name, or another dataset.table (default: its model as it is written)")
    .option("--save <name>", "keep a snapshot of the table under this name for a day, and compare nothing")
    .option("--key <columns...>", "columns that name a row (default: the model's unique key)")
    .option("--sample <n>", "rows to show of each kind of difference", integer, 5)
    .option("--json", "print as JSON", false)
    .option("--unmask", "show personal columns", false)
    .option("--exit-code", "exit with 1 when the two differ", false)
    .action(async (table, options) => {
      if (await (await import("../commands/diff.js")).diff(table, options)) process.exitCode = EXIT.failed;
    });

  withHome(program.command("check"))
    .description("compile the project and analyse every statement in it; every problem with its place, all at once")
    .addOption(projectOption())
    .option("--json", "print as JSON", false)
    .option("--strict", "warnings count too", false)
    .option("--watch", "check again at every change", false)
    .action(async (options) => (await import("../commands/check.js")).check(options));

  withHome(program.command("test"))
    .description("run the unit tests of the models, in an empty warehouse in memory")
    .argument("[patterns...]", "a test's name or a part of it, gold.profiles, gold, or a file; * stands for any text")
    .option("--list", "list the tests and run none", false)
    .option("--json", "print as JSON", false)
    .option("--fail-fast", "stop after the first test that fails", false)
    .option("--bigquery", "run them in BigQuery: ROLLCALL_BIGQUERY_PROJECT and _LOCATION, see docs/bigquery.md", false)
    .action(async (patterns, options) => (await import("../commands/test.js")).test(patterns, options));
}
