import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";

test("a command ends as it would when nobody reads its answer any more", async () => {
  const entry = join(import.meta.dirname, "rollcall.mjs");
  const child = spawn(process.execPath, [entry, "--help"], { stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.destroy();
  const said = text(child.stderr);
  const [code] = await once(child, "close");
  expect([code, await said]).toEqual([0, ""]);
});
