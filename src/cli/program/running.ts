import type { Command } from "commander";
import { EXIT } from "../exit-codes.js";
import { integer, withHome } from "./options.js";

/** From sources to targets: serve, land, run, audit, sync. */
export function addRunningCommands(program: Command): void {
  withHome(program.command("demo"))
    .description("make a student body, run the whole job on it, and show one student unified from five sources")
    .option("--people <n>", "how many people", integer, 5000)
    .option("--seed <n>", "the same seed makes the same people", integer, 42)
    .action(async (options) => (await import("../commands/demo.js")).demo(options));

  withHome(program.command("up"))
    .description("serve collector, webhooks and Profile API on one port, and run cycles as events arrive")
    .option("--port <n>", "port to listen on; 0 takes a free one (default: ROLLCALL_PORT or 4000)", integer)
    .action(async (options) => (await import("../commands/up.js")).up(options));

  withHome(program.command("engine", { hidden: true })).action(async (options) =>
    (await import("../commands/engine.js")).engine(options),
  );

  withHome(program.command("land"))
    .description("send files the way events go: NDJSON of any source, or Salesforce's CSV exports")
    .argument("<source>", "website, mobile, salesforce, email or whatsapp")
    .argument("<files...>", "paths")
    .action(async (source, files, options) => (await import("../commands/land.js")).land(source, files, options));

  withHome(program.command("run"))
    .description("land what the log holds and bring every model up to date")
    .option("--full-refresh", "build everything anew; protected state is kept", false)
    .option("--backfill <from..to>", "run what arrived in this past window again, as in 2026-03-01..2026-03-08")
    .option(
      "--select <patterns...>",
      "only these models: gold.profiles, gold, silver.crm_*, tag:x, path:definitions/silver/*; +x with what it is made " +
        "from, x+ with what is made from it. In a cycle the others catch up with the next",
    )
    .option("--exclude <patterns...>", "not these models")
    .option("--plan", "say what would run and why, and run nothing", false)
    .option("--accept <checks...>", "pass over these checks in this one run and record them as accepted")
    .option(
      "--concurrency <n>",
      "models built at once, where builds are made aside (BigQuery; DuckDB runs one script with all its threads)",
      integer,
      4,
    )
    .option("--openlineage <file>", "append the run's OpenLineage events (default: ROLLCALL_OPENLINEAGE)")
    .option("--json", "print as JSON", false)
    .action(async (options) => {
      if (!(await (await import("../commands/run.js")).run(options))) process.exitCode = EXIT.identityHeld;
    });

  withHome(program.command("audit"))
    .description("run the whole-table assertions")
    .action(async (options) => (await import("../commands/run.js")).audit(options));

  const syncCommand = withHome(program.command("sync"))
    .description("send what changed to the targets")
    .option("--target <name>", "only this target")
    .action(async (options) => (await import("../commands/sync.js")).sync(options));
  // The options of `sync` take --home wherever it stands.
  withHome(syncCommand.command("held"))
    .description("list the plans that wait for approval")
    .action(async (_, command) => (await import("../commands/sync.js")).held(command.optsWithGlobals()));
  withHome(syncCommand.command("approve"))
    .description("let a held plan go ahead")
    .argument("<plan>", "plan id, as sync held prints it")
    .action(async (plan, _, command) => (await import("../commands/sync.js")).approve(plan, command.optsWithGlobals()));
}
