import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { compileProject } from "../../src/warehouse/project/compile.js";
import { readGraph } from "../../src/warehouse/project/graph.js";

/** Analysts use stock Dataform on the same files: its command line must give the graph that we run. */

const ROOT = path.resolve(import.meta.dirname, "../..");
const CLI = path.join(ROOT, "node_modules/@dataform/cli/bundle.js");

async function stockGraph(): Promise<unknown> {
  const { stdout } = await promisify(execFile)(process.execPath, [CLI, "compile", ROOT, "--json"], {
    maxBuffer: 256 * 1024 * 1024,
  });
  return JSON.parse(stdout);
}

describe("the Dataform project", () => {
  it("compiles with the stock command line to the same graph", { timeout: 60_000 }, async () => {
    const { project: stock, problems } = readGraph(ROOT, await stockGraph());
    expect(problems).toEqual([]);
    const ours = compileProject({ root: ROOT });
    expect(ours.actions.length).toBeGreaterThan(0);
    expect(ours).toEqual(stock);
  });
});
