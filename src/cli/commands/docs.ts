import path from "node:path";
import { buildSite } from "../../docs-site/build.js";
import { writeSite } from "../../docs-site/write.js";
import { lineageGraph } from "../../warehouse/analysis/lineage.js";
import { findTestFiles, readModelTests } from "../../warehouse/project/test-file.js";
import { openAnalysis } from "../analysis.js";
import { openProject } from "../project.js";

export interface DocsCommand {
  readonly home: string;
  readonly project: string;
  readonly out?: string;
}

/** Writes the documentation site of the project's models. */
export async function docs(options: DocsCommand): Promise<void> {
  const { analysis, close } = await openAnalysis(options);
  await close();
  const { root } = analysis.project;
  const folder = path.resolve(options.out ?? path.join(options.home, "docs"));
  const { personalColumns } = openProject();
  const data = buildSite({
    analysis,
    lineage: lineageGraph(analysis),
    tests: findTestFiles(root).flatMap((file) => readModelTests(root, file)),
    isPersonal: (_, column) => personalColumns.has(column),
    title: "Rollcall models",
  });
  writeSite(folder, data);
  const failed = [...analysis.actions.values()].filter(
    ({ failures, waitsFor }) => failures.length + waitsFor.length > 0,
  );
  if (failed.length > 0) {
    process.stderr.write(
      `Without columns, because they do not compile (see rollcall check): ${failed.map(({ action }) => action.id).join(", ")}\n`,
    );
  }
  process.stdout.write(`${data.models.length} models: open ${path.join(folder, "index.html")}\n`);
}
