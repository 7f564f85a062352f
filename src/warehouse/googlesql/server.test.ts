import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { createAnalyzer } from "./analyzer.js";
import { startAnalyzerServer } from "./server.js";

/** Command lines of the analyzer processes that a process started, by way of its shell. */
function serversBelow(pid: number): string[] {
  const all = execFileSync("ps", ["-A", "-o", "pid=,ppid=,args="], { encoding: "utf8" })
    .split("\n")
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
    .flatMap((match) => (match === null ? [] : [{ pid: match[1], parent: match[2], args: match[3] ?? "" }]));
  const shells = all.filter(({ parent }) => parent === String(pid)).map((one) => one.pid);
  return all
    .filter(({ parent, args }) => shells.includes(parent) && args.includes("remote_server"))
    .map((one) => one.args);
}

function isServing(commandLine: string): boolean {
  const all = execFileSync("ps", ["-A", "-o", "args="], { encoding: "utf8" });
  return commandLine !== "" && all.split("\n").includes(commandLine);
}

async function until(condition: () => boolean): Promise<void> {
  for (let left = 200; !condition() && left > 0; left -= 1) await new Promise((resolve) => setTimeout(resolve, 25));
}

test("the server ends when it is closed", async () => {
  const server = await startAnalyzerServer();
  const [serving = ""] = serversBelow(process.pid);
  expect(isServing(serving)).toBe(true);
  server.close();
  await until(() => !isServing(serving));
  expect(isServing(serving)).toBe(false);
});

test("the server ends with its parent, also when that is killed", async () => {
  const module = JSON.stringify(new URL("./server.ts", import.meta.url).href);
  const code = `const { startAnalyzerServer } = await import(${module}); await startAnalyzerServer(); console.log("up"); setInterval(() => {}, 1000);`;
  const parent = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", code], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(parent.stdout, "data");
  const [serving = ""] = serversBelow(parent.pid ?? 0);
  expect(isServing(serving)).toBe(true);
  parent.kill("SIGKILL");
  await until(() => !isServing(serving));
  expect(isServing(serving)).toBe(false);
});

test("an analyzer whose process is lost says so, and starts another with the next call", async () => {
  let starts = 0;
  let current: Awaited<ReturnType<typeof startAnalyzerServer>> | undefined;
  const analyzer = createAnalyzer({
    start: async () => {
      starts += 1;
      current = await startAnalyzerServer();
      return current;
    },
  });
  const ask = () => analyzer.analyze({ sql: "SELECT 1 AS one", catalog: { tables: [] } });
  await ask();
  current?.close();
  await expect(ask()).rejects.toMatchObject({ code: "WAREHOUSE_FAILED", isRetriable: true });
  expect((await ask()).kind).toBe("QueryStmt");
  expect(starts).toBe(2);
  await analyzer.close();
});
