import path from "node:path";
import { buildSite } from "../../docs-site/build.js";
import { writeSite } from "../../docs-site/write.js";
import { lineageGraph } from "../../warehouse/analysis/lineage.js";
import { openAnalysis, readableTests, warnOfFailures } from "../analysis.js";

export interface DocsCommand {
  readonly home: string;
  readonly project: string;
  readonly out?: string;
}

/** Writes the documentation site of the project's models. */
export async function docs(options: DocsCommand): Promise<void> {
  const { analysis, close } = await openAnalysis(options);
  await close();
  warnOfFailures(analysis);
  const folder = path.resolve(options.out ?? path.join(options.home, "docs"));
  const data = buildSite({
    analysis,
    lineage: lineageGraph(analysis),
    tests: readableTests(analysis.project),
    title: "Rollcall models",
  });
  writeSite(folder, data);
  process.stdout.write(`${data.models.length} models: open ${path.join(folder, "index.html")}\n`);
}
