import type { Command } from "commander";
import { addPeopleCommands } from "./identity-people.js";
import { example, integer, projectOption, withHome } from "./options.js";

/** How records become people: the rules and the model they weigh by, then what became of single people. */
export function addIdentityCommands(program: Command): void {
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
    .option("--records <file>", "write as CSV which record became whose: what went wrong has a count above 1")
    .option("--json", "print as JSON", false)
    .addOption(projectOption())
    .action(async (files, options) => (await import("../commands/identity.js")).evaluate(files, options));
  identity
    .command("generate")
    .description("write made-up students' records with the truth about them, and the mapping that evaluate reads")
    .requiredOption("--out <file>", "the CSV to write")
    .option("--people <n>", "how many people; about ten records each", integer, 100_000)
    .option("--seed <n>", "the same seed and number of people write the same file", integer, 7)
    .action(async (options) => (await import("../commands/identity-generate.js")).generate(options));
  withHome(identity.command("train"))
    .description("learn from the warehouse how much it says that two descriptions agree, and write that as a candidate")
    .option("--out <file>", "the candidate (default: match_model.json in the state folder)")
    .option("--promote", "put it into the project at once", false)
    .option("--json", "print the model as JSON", false)
    .addOption(projectOption())
    .action(async (options) => (await import("../commands/identity-train.js")).train(options));
  withHome(identity.command("promote"))
    .description("put a trained match model into the project; it is published once it is accepted")
    .argument("[file]", "the model (default: match_model.json in the state folder)")
    .addOption(projectOption())
    .action(async (file, options) => (await import("../commands/identity-train.js")).promote(file, options));

  withHome(identity.command("preview"))
    .description(
      "what the project's changed rules and match model would change: everybody is resolved aside, nothing is published",
    )
    .option("--limit <n>", "how many ids to show", integer, 10)
    .option("--to <file>", "write every id that would change, one JSON object a line")
    .option("--json", "print as JSON", false)
    .addHelpText("after", example("identity preview --limit 20"))
    .action(async (options) => (await import("../commands/identity-preview.js")).preview(options));
  withHome(identity.command("accept"))
    .description("let the project's changed rules and match model be published by the next run")
    .option("--reason <text>", "why, for whoever asks later; nothing personal")
    .option("--by <name>", "who accepts (default: the user of this system)")
    .option("--without-preview", "although nobody looked what they change", false)
    .option("--json", "print as JSON", false)
    .addHelpText("after", example('identity accept --reason "new match model"'))
    .action(async (options) => (await import("../commands/identity-preview.js")).accept(options));

  addPeopleCommands(identity);
}
