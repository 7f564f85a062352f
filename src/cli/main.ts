import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import pc from "picocolors";
import { type ErrorCode, RollcallError } from "../platform/errors.js";
import { outliveReader } from "./outlive-reader.js";
import { FORMATS } from "./print.js";

const FAILED = 1;
const MISUSED = 2;
const ASSERTION_FAILED = 3;
const IDENTITY_HELD = 4;
/** 128 and the number of SIGINT, as shells say it. */
const CANCELLED = 130;

const EXIT_CODES: Partial<Record<ErrorCode, number>> = {
  CONFIG_INVALID: MISUSED,
  INPUT_INVALID: MISUSED,
  ASSERTION_FAILED,
  IDENTITY_HELD,
  CANCELLED,
};

const EXIT_CODES_HELP = `
Exit codes:
  0    done, or there was nothing to do
  1    it failed
  2    the command line, the configuration or a file given is wrong
  3    a check failed: what was published before stays
  4    identity is held: its rules changed and nobody accepted them; what was published before stays
  130  cancelled by Ctrl-C, between two scripts of a run`;

function integer(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError("expected a whole number");
  return value;
}

function withHome(command: Command): Command {
  return command.option("--home <folder>", "where the state lies", process.env.ROLLCALL_HOME ?? ".rollcall");
}

function example(line: string): string {
  return `\nExample:\n  rollcall ${line}`;
}

/** The project this Rollcall was installed with. */
const PROJECT = resolve(import.meta.dirname, "../..");

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  return String((manifest as { version: unknown }).version);
}

/** A command's code is loaded when it is asked for: most of the product stays unread, and the answer comes sooner. */
function createProgram(): Command {
  const program = new Command("rollcall")
    .description("A Customer Data Platform for EdTech: five sources, one profile per student.")
    .version(version())
    .addHelpText("after", EXIT_CODES_HELP)
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
      if (!(await (await import("./commands/run.js")).run(options))) process.exitCode = IDENTITY_HELD;
    });

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
    .action(async (sql, options) => (await import("./commands/query.js")).query(sql, options));

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
      if (await (await import("./commands/diff.js")).diff(table, options)) process.exitCode = FAILED;
    });

  withHome(program.command("check"))
    .description("compile the project and analyse every statement in it; every problem with its place, all at once")
    .option("--project <folder>", "the folder with dataform.json", PROJECT)
    .option("--json", "print as JSON", false)
    .option("--strict", "warnings count too", false)
    .option("--watch", "check again at every change", false)
    .action(async (options) => (await import("./commands/check.js")).check(options));

  withHome(program.command("test"))
    .description("run the unit tests of the models, in an empty warehouse in memory")
    .argument("[patterns...]", "a test's name or a part of it, gold.profiles, gold, or a file; * stands for any text")
    .option("--list", "list the tests and run none", false)
    .option("--json", "print as JSON", false)
    .option("--fail-fast", "stop after the first test that fails", false)
    .option("--bigquery", "run them in BigQuery: ROLLCALL_BIGQUERY_PROJECT and _LOCATION, see docs/bigquery.md", false)
    .action(async (patterns, options) => (await import("./commands/test.js")).test(patterns, options));

  const identity = program.command("identity").description("how records become people, and how well");
  withHome(identity.command("evaluate"))
    .description("measure the identity models on records whose true people are known, in an empty warehouse in memory")
    .argument("<files...>", "a CSV with one row per record and a column with the true person; or several")
    .option(
      "--mapping <file>",
      "YAML that says which column is what, see docs/identity-evaluation.md (default: guessed)",
    )
    .option("--model <file>", "a match model to measure (default: one that is trained on the file)")
    .option("--save-model <file>", "write the model that was trained on the file")
    .option("--report <file>", "write the figures as JSON, too")
    .option("--json", "print as JSON", false)
    .option("--project <folder>", "the folder with dataform.json", PROJECT)
    .action(async (files, options) => (await import("./commands/identity.js")).evaluate(files, options));
  identity
    .command("generate")
    .description("write made-up students' records with the truth about them, and the mapping that evaluate reads")
    .requiredOption("--out <file>", "the CSV to write")
    .option("--people <n>", "how many people; about ten records each", integer, 100_000)
    .option("--seed <n>", "the same seed and number of people write the same file", integer, 7)
    .action(async (options) => (await import("./commands/identity-generate.js")).generate(options));
  withHome(identity.command("train"))
    .description("learn from the warehouse how much it says that two descriptions agree, and write that as a candidate")
    .option("--out <file>", "the candidate (default: match_model.json in the state folder)")
    .option("--promote", "put it into the project at once", false)
    .option("--json", "print the model as JSON", false)
    .option("--project <folder>", "the folder with dataform.json", PROJECT)
    .action(async (options) => (await import("./commands/identity-train.js")).train(options));
  withHome(identity.command("promote"))
    .description("put a trained match model into the project; it is published once it is accepted")
    .argument("[file]", "the model (default: match_model.json in the state folder)")
    .option("--project <folder>", "the folder with dataform.json", PROJECT)
    .action(async (file, options) => (await import("./commands/identity-train.js")).promote(file, options));

  withHome(identity.command("preview"))
    .description(
      "what the project's changed rules and match model would change: everybody is resolved aside, nothing is published",
    )
    .option("--limit <n>", "how many ids to show", integer, 10)
    .option("--to <file>", "write every id that would change, one JSON object a line")
    .option("--json", "print as JSON", false)
    .addHelpText("after", example("identity preview --limit 20"))
    .action(async (options) => (await import("./commands/identity-preview.js")).preview(options));
  withHome(identity.command("accept"))
    .description("let the project's changed rules and match model be published by the next run")
    .option("--reason <text>", "why, for whoever asks later; nothing personal")
    .option("--by <name>", "who accepts (default: the user of this system)")
    .option("--without-preview", "although nobody looked what they change", false)
    .option("--json", "print as JSON", false)
    .addHelpText("after", example('identity accept --reason "new match model"'))
    .action(async (options) => (await import("./commands/identity-preview.js")).accept(options));

  const who = "a profile id, a source identity, type:value as in email:ada@example.org, or a handle (i_...)";
  const masked = "show identifiers and what descriptions say";
  withHome(identity.command("explain"))
    .description("whether two are one profile, and by which evidence, step by step; or why they are two")
    .argument("<a>", who)
    .argument("<b>", "the same")
    .option("--unmask", masked, false)
    .option("--json", "print as JSON", false)
    .addHelpText("after", example("identity explain email:ada@example.org user_id:u-17"))
    .action(async (a, b, options) => (await import("./commands/identity-explain.js")).explain(a, b, options));
  withHome(identity.command("explain-not"))
    .description(
      "why two are not one profile: what they share and why it links nobody, and what their descriptions miss",
    )
    .argument("<a>", who)
    .argument("<b>", "the same")
    .option("--unmask", masked, false)
    .option("--json", "print as JSON", false)
    .addHelpText("after", example("identity explain-not p_3f2a9c01d4e58b7766aa10 phone:+442071838750"))
    .action(async (a, b, options) => (await import("./commands/identity-explain.js")).explainNot(a, b, options));
  withHome(identity.command("what-if"))
    .description("which profiles would come out without some evidence: resolved on a copy, nothing is written")
    .argument("<profile>", who)
    .option("--drop-edge <edges...>", "<node>:<identifier>, as if the node had never carried it")
    .option("--disable-rule <rules...>", "a type of identifier, device or probabilistic, as if it linked nobody")
    .option("--json", "print as JSON", false)
    .addHelpText("after", example("identity what-if email:ada@example.org --disable-rule phone"))
    .action(async (profile, options) => (await import("./commands/identity-explain.js")).whatIf(profile, options));
  withHome(identity.command("history"))
    .description(
      "how a profile came about: merges, splits, refused links, what operators decided; without one, by which rules",
    )
    .argument("[profile]", `${who}; an id that was merged away, too`)
    .option("--json", "print as JSON", false)
    .addHelpText("after", example("identity history p_3f2a9c01d4e58b7766aa10"))
    .action(async (profile, options) => {
      if (profile === undefined) await (await import("./commands/identity-preview.js")).versions(options);
      else await (await import("./commands/identity-explain.js")).history(profile, options);
    });
  const deciding = (command: Command): Command =>
    withHome(command)
      .option("--reason <text>", "why, for whoever asks later; nothing personal")
      .option("--by <name>", "who decides (default: the user of this system)")
      .option("--json", "print as JSON", false);
  deciding(identity.command("link"))
    .description("decide that two are one person, whatever else is known; the next cycle applies it")
    .argument("<a>", who)
    .argument("<b>", "the same")
    .addHelpText("after", example('identity link email:ada@example.org p_3f2a9c01d4e58b7766aa10 --reason "called us"'))
    .action(async (a, b, options) => (await import("./commands/identity-decide.js")).link(a, b, options));
  deciding(identity.command("unlink"))
    .description("decide that two are two people, whatever links them; the next cycle applies it")
    .argument("<a>", who)
    .argument("<b>", "the same")
    .addHelpText("after", example('identity unlink user_id:u-17 user_id:u-18 --reason "twins"'))
    .action(async (a, b, options) => (await import("./commands/identity-decide.js")).unlink(a, b, options));
  deciding(identity.command("withdraw"))
    .description("take decisions back, as if nobody had decided about the two; the next cycle applies it")
    .argument("<decision-id...>", "as link and unlink print it, and history")
    .addHelpText("after", example('identity withdraw d_0123456789abcdef --reason "the wrong two"'))
    .action(async (ids, options) => (await import("./commands/identity-decide.js")).withdraw(ids, options));
  withHome(identity.command("erase"))
    .description(
      "take a person, or what one source knows of them, out of the warehouse; without --yes only say what goes",
    )
    .argument("<student>", who)
    .option("--source <source>", "only what this source knows: website, mobile, salesforce, email or whatsapp")
    .option("--yes", "do it; it cannot be undone", false)
    .option("--json", "print as JSON", false)
    .addHelpText("after", example("identity erase email:ada@example.org --yes"))
    .action(async (student, options) => (await import("./commands/identity-erase.js")).erase(student, options));
  const review = identity.command("review").description("pairs that are nearly one person by what describes them");
  withHome(review.command("list"))
    .description("what waits for somebody to decide, the nearest first")
    .option("--limit <n>", "how many to show", integer, 20)
    .option("--json", "print as JSON", false)
    .addHelpText("after", example("identity review list --limit 5"))
    .action(async (options) => (await import("./commands/identity-decide.js")).reviewList(options));
  for (const [name, isAccepted, what] of [
    ["accept", true, "they are one person"],
    ["reject", false, "they are two people"],
  ] as const) {
    deciding(review.command(name))
      .description(`decide about a pair of the list: ${what}`)
      .argument("<a>", "a profile id, as review list prints it")
      .argument("<b>", "the other one")
      .addHelpText("after", example(`identity review ${name} p_3f2a9c01d4e58b7766aa10 p_77aa10c01d4e58b663f2a9`))
      .action(async (a, b, options) =>
        (await import("./commands/identity-decide.js")).reviewDecide(isAccepted, a, b, options),
      );
  }

  withHome(program.command("docs"))
    .description("write a static site of models, columns, tests and lineage, to be opened without a server")
    .option("--project <folder>", "the folder with dataform.json", PROJECT)
    .option("--out <folder>", "where to write it (default: docs in the state folder)")
    .action(async (options) => (await import("./commands/docs.js")).docs(options));

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
    .option("--project <folder>", "the folder with dataform.json", PROJECT)
    .action(async (name, options) => (await import("./commands/lineage.js")).lineage(name, options));

  withHome(program.command("impact"))
    .description(
      "models, assertions, tests and syncs that a column's end or change concerns; exits with 1 when there are any",
    )
    .argument("<column>", "dataset.table.column, or a part of it")
    .option("--drop", "as if the column were gone (the default)", false)
    .option("--change", "as if it had other values", false)
    .option("--json", "print as JSON", false)
    .option("--project <folder>", "the folder with dataform.json", PROJECT)
    .action(async (column, options) => {
      if (await (await import("./commands/impact.js")).impact(column, options)) process.exitCode = FAILED;
    });

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
  for (const stream of [process.stdout, process.stderr]) outliveReader(stream);
  try {
    await createProgram().parseAsync(argv);
    // A command that has an answer to give by its code alone has set it.
    return typeof process.exitCode === "number" ? process.exitCode : 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : MISUSED;
    if (error instanceof RollcallError) {
      process.stderr.write(`${pc.red(error.code)} ${error.message}\n`);
      return EXIT_CODES[error.code] ?? FAILED;
    }
    process.stderr.write(
      `${pc.red("INTERNAL")} ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    return FAILED;
  }
}
