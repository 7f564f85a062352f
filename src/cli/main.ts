import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import pc from "picocolors";
import { RollcallError } from "../platform/errors.js";
import { FORMATS } from "./print.js";

/** Exit codes: 0 done; 1 it failed; 2 the command line or the configuration is wrong. */
const FAILED = 1;
const MISUSED = 2;

function integer(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError("expected a whole number");
  return value;
}

function withHome(command: Command): Command {
  return command.option("--home <folder>", "where the state lies", process.env.ROLLCALL_HOME ?? ".rollcall");
}

/** A command's code is loaded when it is asked for: most of the product stays unread, and the answer comes sooner. */
function createProgram(): Command {
  const program = new Command("rollcall")
    .description("A Customer Data Platform for EdTech: five sources, one profile per student.")
    .showHelpAfterError()
    .exitOverride();

  withHome(program.command("demo"))
    .description("make a student body, run the whole job on it, and show one student unified from five sources")
    .option("--people <n>", "how many people", integer, 5000)
    .option("--seed <n>", "the same seed makes the same people", integer, 42)
    .action(async (options) => (await import("./commands/demo.js")).demo(options));

  withHome(program.command("up"))
    .description("serve collector, webhooks and Profile API on one port, and run cycles as events arrive")
    .option("--port <n>", "port to listen on; 0 takes a free one (default: ROLLCALL_PORT or 4000)", integer)
    .action(async (options) => (await import("./commands/up.js")).up(options));

  withHome(program.command("engine", { hidden: true })).action(async (options) =>
    (await import("./commands/engine.js")).engine(options),
  );

  withHome(program.command("land"))
    .description("send files the way events go: NDJSON of any source, or Salesforce's CSV exports")
    .argument("<source>", "website, mobile, salesforce, email or whatsapp")
    .argument("<files...>", "paths")
    .action(async (source, files, options) => (await import("./commands/land.js")).land(source, files, options));

  withHome(program.command("run"))
    .description("land what the log holds and bring every model up to date")
    .option("--full-refresh", "build everything anew; protected state is kept", false)
    .option("--select <patterns...>", "with --full-refresh, build only these: gold.profiles, gold, tag:x, +x, x+")
    .option("--plan", "say what would run and why, and run nothing", false)
    .option("--accept <checks...>", "pass over these checks in this one run and record them as accepted")
    .action(async (options) => (await import("./commands/run.js")).run(options));

  withHome(program.command("audit"))
    .description("run the whole-table assertions")
    .action(async (options) => (await import("./commands/run.js")).audit(options));

  const syncCommand = withHome(program.command("sync"))
    .description("send what changed to the targets")
    .option("--target <name>", "only this target")
    .action(async (options) => (await import("./commands/sync.js")).sync(options));
  withHome(syncCommand.command("held"))
    .description("list the plans that wait for approval")
    .action(async (options) => (await import("./commands/sync.js")).held(options));
  withHome(syncCommand.command("approve"))
    .description("let a held plan go ahead")
    .argument("<plan>", "plan id, as sync held prints it")
    .action(async (plan, options) => (await import("./commands/sync.js")).approve(plan, options));

  withHome(program.command("query"))
    .description(
      "ask the warehouse in GoogleSQL, up to 50,000 rows and 64 MB; personal columns are masked by their names, " +
        "so a query that renames one shows it",
    )
    .argument("<sql>", "one statement")
    .addOption(new Option("--format <format>", "how to print rows").choices(FORMATS).default("table"))
    .option("--unmask", "show personal columns", false)
    .action(async (sql, options) => (await import("./commands/query.js")).query(sql, options));

  withHome(program.command("profile"))
    .description("show one profile")
    .argument("<who>", "a profile id, or type:value, as in email:ana@example.com")
    .option("--json", "print the document as it is stored", false)
    .action(async (who, options) => (await import("./commands/profile.js")).profile(who, options));

  withHome(program.command("status"))
    .description("where every event is, what the gates say, what waits")
    .option("--json", "print as JSON", false)
    .action(async (options) => (await import("./commands/status.js")).status(options));

  const keys = program.command("keys").description("API keys of the Profile API");
  withHome(keys.command("create"))
    .description("make a key; it is shown once")
    .requiredOption("--scope <scopes...>", "profiles:read, profiles:read:personal, segments:read, metrics:read")
    .option("--name <name>", "who will use it", "unnamed")
    .action(async (options) => (await import("./commands/keys.js")).keysCreate(options));
  withHome(keys.command("list"))
    .description("list keys")
    .action(async (options) => (await import("./commands/keys.js")).keysList(options));
  withHome(keys.command("revoke"))
    .description("revoke a key")
    .argument("<id>", "as keys list prints it")
    .action(async (id, options) => (await import("./commands/keys.js")).keysRevoke(id, options));

  return program;
}

/** Runs one command line and returns its exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    await createProgram().parseAsync(argv);
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : MISUSED;
    if (error instanceof RollcallError) {
      process.stderr.write(`${pc.red(error.code)} ${error.message}\n`);
      return error.code === "CONFIG_INVALID" ? MISUSED : FAILED;
    }
    process.stderr.write(
      `${pc.red("INTERNAL")} ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    return FAILED;
  }
}
