import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findOulad, loadOulad } from "../support/oulad.js";
import { postBatches, removeHome, rollcall, startProduct, temporaryHome, waitFor } from "../support/product.js";
import { percentile, printMachine } from "./support.js";

/**
 * How long after its acceptance an event is in the API, with the Open University's students loaded and the product
 * running; and how fast the API answers meanwhile, while cycles run.
 */
const ENV = { ROLLCALL_INSTITUTION: "open-university", ROLLCALL_LOG_LEVEL: "warn" };
const EVENTS = 100;
const SPACING_MS = 200;

const folder = findOulad();
if (folder === null) throw new Error("The data set is not here: set ROLLCALL_OULAD to its folder.");
printMachine();
const oulad = loadOulad(folder);
const files = mkdtempSync(join(tmpdir(), "rollcall-bench-"));
const home = temporaryHome();
const product = await startProduct(home, ENV);
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

try {
  const created = await rollcall(["keys", "create", "--home", home, "--scope", "profiles:read"]);
  const headers = { authorization: `Bearer ${created.stdout.trim()}`, "content-type": "application/json" };
  const lookup = async (value: string): Promise<string | undefined> => {
    const response = await fetch(`${product.url}/profiles/lookup`, {
      method: "POST",
      headers,
      body: JSON.stringify({ type: "user_id", value }),
    });
    const { profiles } = (await response.json()) as { profiles: { profile_id: string }[] };
    return profiles[0]?.profile_id;
  };

  writeFileSync(join(files, "contacts.csv"), oulad.contactsCsv);
  writeFileSync(join(files, "enrollments.csv"), oulad.enrollmentsCsv);
  await postBatches(product.url, product.secrets.writeKeys.mobile, oulad.submissions);
  await rollcall(
    ["land", "salesforce", join(files, "contacts.csv"), join(files, "enrollments.csv"), "--home", home],
    ENV,
  );
  for (const command of ["run", "sync"]) await rollcall([command, "--home", home], ENV);
  const last = oulad.studentIds.at(-1) as string;
  await waitFor(async () => (await lookup(last)) !== undefined, 600_000, "the students in the API");

  const known = (await Promise.all(oulad.studentIds.slice(0, 200).map(lookup))).filter((id) => id !== undefined);
  const latencies: number[] = [];
  let isSending = true;
  const reader = (async () => {
    for (let n = 0; isSending; n++) {
      const startedAt = performance.now();
      const response = await fetch(`${product.url}/profiles/${known[n % known.length]}`, { headers });
      await response.arrayBuffer();
      latencies.push(performance.now() - startedAt);
      await sleep(5);
    }
  })();

  const visibleMs = await Promise.all(
    Array.from({ length: EVENTS }, async (_, n) => {
      await sleep(n * SPACING_MS);
      const userId = `fresh-${n}`;
      const event = {
        type: "track",
        event: "app_opened",
        userId,
        messageId: userId,
        timestamp: new Date().toISOString(),
      };
      await postBatches(product.url, product.secrets.writeKeys.mobile, [event]);
      const acceptedAt = performance.now();
      await waitFor(async () => (await lookup(userId)) !== undefined, 60_000, `event ${n}`);
      return performance.now() - acceptedAt;
    }),
  );
  isSending = false;
  await reader;
  console.log(
    `${EVENTS} events, one every ${SPACING_MS} ms, onto ${oulad.studentIds.length.toLocaleString("en-US")} students`,
  );
  console.log(
    `  accepted to visible in the API   median ${(percentile(visibleMs, 0.5) / 1000).toFixed(2)} s, worst ${(Math.max(...visibleMs) / 1000).toFixed(2)} s (aim: 5 s)`,
  );
  console.log(
    `  GET /profiles/{id} meanwhile     p50 ${percentile(latencies, 0.5).toFixed(1)} ms, p99 ${percentile(latencies, 0.99).toFixed(1)} ms over ${latencies.length} requests (aim: p99 < 10 ms)`,
  );
} finally {
  await product.stop();
  removeHome(home);
  rmSync(files, { recursive: true });
}
