import { pathToFileURL } from "node:url";
import { onceItWorks } from "../../platform/once-it-works.js";
import type { Warehouse } from "../../warehouse/port.js";
import type { CompiledProject } from "../../warehouse/project/action.js";
import type { RunListener } from "../../warehouse/run/events.js";
import { type ColumnOrigin, createOpenLineage } from "../../warehouse/run/openlineage.js";
import type { Config } from "../config.js";
import type { Project } from "../project.js";

export interface OpenLineageParts {
  readonly config: Config;
  readonly project: Project;
  readonly compiled: CompiledProject;
  readonly warehouse: Warehouse;
}

type ColumnLineage = (id: string) => Promise<readonly ColumnOrigin[] | null>;

/** Writes the events of every run it is told of to that file. */
export function openLineageListener(
  file: string,
  { config, project, compiled, warehouse }: OpenLineageParts,
): RunListener {
  return createOpenLineage(
    {
      file,
      jobNamespace: "rollcall",
      // The specification names no DuckDB: a file names itself.
      datasetNamespace: pathToFileURL(config.home.warehouse).href,
      producer: `urn:rollcall:${project.version}`,
    },
    { warehouse, project: compiled, columnLineage: createColumnLineage(config, project) },
  );
}

/** Analyses the project when first asked: most runs tell no lineage, and need not wait for it. */
function createColumnLineage(config: Config, project: Project): ColumnLineage {
  const analyse = onceItWorks(async (): Promise<ColumnLineage> => {
    const [{ openAnalysis }, { lineageGraph }] = await Promise.all([
      import("../analysis.js"),
      import("../../warehouse/analysis/lineage.js"),
    ]);
    const opened = await openAnalysis({ project: project.root, home: config.home.root });
    try {
      const { tables, sourcesOf } = lineageGraph(opened.analysis);
      return async (id) => {
        const table = tables.get(id.toLowerCase());
        if (table === undefined) return null;
        return table.columns.map((column) => ({
          column,
          sources: sourcesOf({ table: table.key, column, path: [] }).map(({ part, flow }) => ({
            table: part.table,
            column: part.column,
            flow,
          })),
        }));
      };
    } finally {
      await opened.close();
    }
  });
  return async (id) => (await analyse())(id);
}
