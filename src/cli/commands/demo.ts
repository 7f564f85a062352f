import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import pc from "picocolors";
import { isServed } from "../../orchestration/socket.js";
import { RollcallError } from "../../platform/errors.js";
import { makeFolder } from "../../platform/folders.js";
import { type Config, readConfig } from "../config.js";
import { createDemoData, type DemoData } from "../demo/data.js";
import { createSender } from "../demo/send.js";
import { demoFolder, homeAt, unusableFolder } from "../home.js";
import { formatCount, formatDuration } from "../print.js";
import { formatProfile } from "../profile-text.js";
import { createProgress, type Progress } from "../progress.js";
import { formatStatus } from "../status-text.js";
import { openEdge } from "../wiring/edge.js";
import { openEngine } from "../wiring/engine.js";
import { openFiles } from "../wiring/files.js";
import { openReading } from "../wiring/reading.js";

/** Marks a state folder as the demo's own: only such a folder is emptied at the next demo. */
const MARKER = "demo-data";

/** Who is a member is asked at reading time: a row says from when and until when somebody qualifies. */
const MEMBERS_SQL =
  "SELECT segment, COUNT(*) AS members FROM gold.segments WHERE is_qualified AND member_from <= CURRENT_TIMESTAMP() " +
  "AND IFNULL(CURRENT_TIMESTAMP() < member_until, TRUE) GROUP BY segment ORDER BY segment";

/** The whole job on made-up students, through the same doors that real ones come in by. */
export async function demo(options: { home: string; people: number; seed: number }): Promise<void> {
  const startedAt = Date.now();
  const home = demoFolder(resolve(options.home));
  await refuseHome(home);
  const progress = createProgress(process.stdout, () => Date.now());

  const data = await progress.step("make a student body", async (report) => {
    const made = createDemoData({ people: options.people, seed: options.seed, nowMs: startedAt });
    report(made.people.length);
    return made;
  });
  emptyHome(home);
  const config: Config = { ...readConfig(process.env, { home, port: 0 }), logLevel: "warn" };
  await send(data, config, progress);
  await runJob(config, progress);
  await showHero(data, config);
  process.stdout.write(
    `\nThe whole job took ${formatDuration(Date.now() - startedAt)}. Look around:\n` +
      `  npm run rollcall -- query "${MEMBERS_SQL}" --home ${options.home}/demo\n` +
      `  npm run rollcall -- status --home ${options.home}/demo\n` +
      `  npm run rollcall -- up --home ${options.home}/demo\n`,
  );
}

/** Throws CONFLICT for what must not be emptied: what is no demo's, and what somebody is using. */
async function refuseHome(home: string): Promise<void> {
  const refuse = (message: string): never => {
    throw new RollcallError("CONFLICT", message, { isRetriable: false });
  };
  if (existsSync(home) && !existsSync(join(home, MARKER))) {
    refuse(`${home} holds something that is not a demo. Choose another --home.`);
  }
  const { socket, edgeSocket } = homeAt(home);
  if ((await isServed(edgeSocket)) || (await isServed(socket))) {
    refuse(`Rollcall is up on ${home}, which a new demo empties. Stop it first, or choose another --home.`);
  }
}

function emptyHome(home: string): void {
  try {
    rmSync(home, { recursive: true, force: true });
    makeFolder(join(home, MARKER), 0o700);
  } catch (cause) {
    throw unusableFolder(home, cause);
  }
}

/** Website and app over HTTP, email and WhatsApp as signed webhooks, Salesforce as files. */
async function send(data: DemoData, config: Config, progress: Progress): Promise<void> {
  const edge = await openEdge(config, { isEngineReady: async () => false });
  try {
    const via = (onProgress: (sent: number) => void) =>
      createSender({ url: edge.url, secrets: config.secrets, onProgress });
    await progress.step("website: POST /v1/batch", (report) => via(report).segment("website", data.website));
    await progress.step("mobile app: POST /v1/batch", (report) => via(report).segment("mobile", data.mobile));
    await progress.step("email: SendGrid's webhook, signed", (report) => via(report).sendgrid(data.email));
    await progress.step("WhatsApp: Twilio's webhook, signed", (report) => via(report).twilio(data.whatsapp));
  } finally {
    await edge.close();
  }
  const files = await openFiles(config);
  try {
    const exports = {
      "contacts.csv": data.contactsCsv,
      "enrolments.csv": data.enrollmentsCsv,
      "changes.ndjson": data.changesNdjson,
    };
    for (const [name, content] of Object.entries(exports)) {
      const path = join(config.home.root, MARKER, name);
      writeFileSync(path, content, { mode: 0o600 });
      await progress.step(`Salesforce: ${name}`, (report) => files.land("salesforce", path, report));
    }
  } finally {
    await files.close();
  }
}

async function runJob(config: Config, progress: Progress): Promise<void> {
  const { control } = await openEngine(config);
  try {
    await progress.step("land in bronze", () => control.land());
    await progress.step("silver, identity, gold, activation", async (report) => {
      const { actions } = await control.run({ full: false });
      report(actions.length);
    });
    await progress.step("sync to the profile store", async (report) => {
      const { targets } = await control.sync({});
      report(targets.flatMap(({ objects }) => objects).reduce((sum, object) => sum + object.upserted, 0));
    });
    process.stdout.write(`\n${formatStatus(await control.status(), pc)}\n`);
  } finally {
    await control.close();
  }
}

/** The student whom all five sources know, found as a service would find them: by an identifier. */
async function showHero(data: DemoData, config: Config): Promise<void> {
  const reading = await openReading(config);
  try {
    const [found] = await reading.store.byIdentifiers(reading.lookup("user_id", data.hero.userId));
    if (found === undefined) {
      throw new RollcallError("NOT_FOUND", "The demo's student did not arrive in the profile store.", {
        isRetriable: false,
      });
    }
    const events = await reading.store.events(found, 8, null);
    process.stdout.write(
      `\n${pc.bold("One student, unified from five sources")}\n${formatProfile(found, events, pc)}\n`,
    );
    const total = data.website.length + data.mobile.length + data.email.length + data.whatsapp.length;
    process.stdout.write(
      pc.dim(`(${formatCount(total)} events by HTTP, the rest by files; the people are invented)\n`),
    );
  } finally {
    await reading.close();
  }
}
