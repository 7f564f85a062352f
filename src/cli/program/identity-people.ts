import type { Command } from "commander";
import { example, integer, withHome } from "./options.js";

/** Of single people: why two are one profile or not, and what operators decide about them. */
export function addPeopleCommands(identity: Command): void {
  const who = "a profile id, a source identity, type:value as in email:ada@example.org, or a handle (i_...)";
  const masked = "show identifiers and what descriptions say";
  withHome(identity.command("explain"))
    .description("whether two are one profile, and by which evidence, step by step; or why they are two")
    .argument("<a>", who)
    .argument("<b>", "the same")
    .option("--unmask", masked, false)
    .option("--json", "print as JSON", false)
    .addHelpText("after", example("identity explain email:ada@example.org user_id:u-17"))
    .action(async (a, b, options) => (await import("../commands/identity-explain.js")).explain(a, b, options));
  withHome(identity.command("explain-not"))
    .description(
      "why two are not one profile: what they share and why it links nobody, and what their descriptions miss",
    )
    .argument("<a>", who)
    .argument("<b>", "the same")
    .option("--unmask", masked, false)
    .option("--json", "print as JSON", false)
    .addHelpText("after", example("identity explain-not p_3f2a9c01d4e58b7766aa10 phone:+442071838750"))
    .action(async (a, b, options) => (await import("../commands/identity-explain.js")).explainNot(a, b, options));
  withHome(identity.command("what-if"))
    .description("which profiles would come out without some evidence: resolved on a copy, nothing is written")
    .argument("<profile>", who)
    .option("--drop-edge <edges...>", "<node>:<identifier>, as if the node had never carried it")
    .option("--disable-rule <rules...>", "a type of identifier, device or probabilistic, as if it linked nobody")
    .option("--json", "print as JSON", false)
    .addHelpText("after", example("identity what-if email:ada@example.org --disable-rule phone"))
    .action(async (profile, options) => (await import("../commands/identity-explain.js")).whatIf(profile, options));
  withHome(identity.command("history"))
    .description(
      "how a profile came about: merges, splits, refused links, what operators decided; without one, by which rules",
    )
    .argument("[profile]", `${who}; an id that was merged away, too`)
    .option("--json", "print as JSON", false)
    .addHelpText("after", example("identity history p_3f2a9c01d4e58b7766aa10"))
    .action(async (profile, options) => {
      if (profile === undefined) await (await import("../commands/identity-preview.js")).versions(options);
      else await (await import("../commands/identity-explain.js")).history(profile, options);
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
    .action(async (a, b, options) => (await import("../commands/identity-decide.js")).link(a, b, options));
  deciding(identity.command("unlink"))
    .description("decide that two are two people, whatever links them; the next cycle applies it")
    .argument("<a>", who)
    .argument("<b>", "the same")
    .addHelpText("after", example('identity unlink user_id:u-17 user_id:u-18 --reason "twins"'))
    .action(async (a, b, options) => (await import("../commands/identity-decide.js")).unlink(a, b, options));
  deciding(identity.command("withdraw"))
    .description("take decisions back, as if nobody had decided about the two; the next cycle applies it")
    .argument("<decision-id...>", "as link and unlink print it, and history")
    .addHelpText("after", example('identity withdraw d_0123456789abcdef --reason "the wrong two"'))
    .action(async (ids, options) => (await import("../commands/identity-decide.js")).withdraw(ids, options));
  withHome(identity.command("erase"))
    .description(
      "take a person, or what one source knows of them, out of the warehouse; without --yes only say what goes",
    )
    .argument("<student>", who)
    .option("--source <source>", "only what this source knows: website, mobile, salesforce, email or whatsapp")
    .option("--yes", "do it; it cannot be undone", false)
    .option("--json", "print as JSON", false)
    .addHelpText("after", example("identity erase email:ada@example.org --yes"))
    .action(async (student, options) => (await import("../commands/identity-erase.js")).erase(student, options));
  const review = identity.command("review").description("pairs that are nearly one person by what describes them");
  withHome(review.command("list"))
    .description("what waits for somebody to decide, the nearest first")
    .option("--limit <n>", "how many to show", integer, 20)
    .option("--json", "print as JSON", false)
    .addHelpText("after", example("identity review list --limit 5"))
    .action(async (options) => (await import("../commands/identity-decide.js")).reviewList(options));
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
        (await import("../commands/identity-decide.js")).reviewDecide(isAccepted, a, b, options),
      );
  }
}
