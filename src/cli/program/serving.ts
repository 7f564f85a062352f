import type { Command } from "commander";
import { withHome } from "./options.js";

/** What is published and how it is read: profile, status, keys. */
export function addServingCommands(program: Command): void {
  withHome(program.command("profile"))
    .description("show one profile")
    .argument("<who>", "a profile id, or type:value, as in email:ana@example.com")
    .option("--json", "print the document as it is stored", false)
    .action(async (who, options) => (await import("../commands/profile.js")).profile(who, options));

  withHome(program.command("status"))
    .description("where every event is, what the gates say, what waits")
    .option("--json", "print as JSON", false)
    .action(async (options) => (await import("../commands/status.js")).status(options));

  const keys = program.command("keys").description("API keys of the Profile API");
  withHome(keys.command("create"))
    .description("make a key; it is shown once")
    .requiredOption("--scope <scopes...>", "profiles:read, profiles:read:personal, segments:read, metrics:read")
    .option("--name <name>", "who will use it", "unnamed")
    .action(async (options) => (await import("../commands/keys.js")).keysCreate(options));
  withHome(keys.command("list"))
    .description("list keys")
    .action(async (options) => (await import("../commands/keys.js")).keysList(options));
  withHome(keys.command("revoke"))
    .description("revoke a key")
    .argument("<id>", "as keys list prints it")
    .action(async (id, options) => (await import("../commands/keys.js")).keysRevoke(id, options));
}
