import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createTranslator } from "../duckdb/translate.js";
import { createAnalyzer } from "../googlesql/analyzer.js";
import type { Action } from "../project/action.js";
import { action } from "../project/testing-actions.js";
import { analyseProject, type ProjectAnalysis } from "./analyse.js";

export interface MadeProject {
  /** Types by column, by table. */
  readonly bronze: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** A table's query by its id, or the action itself; in the order of their dependencies. */
  readonly models: Readonly<Record<string, string | Partial<Action>>>;
  /** Tags of columns, "silver.people.email". */
  readonly tags?: Readonly<Record<string, readonly string[]>>;
}

/** The analysis of a project that is nowhere on disk, each model waiting for those before it. Throws what is wrong with its SQL. */
export async function analyseMade({ bronze, models, tags = {} }: MadeProject): Promise<ProjectAnalysis> {
  const root = mkdtempSync(path.join(tmpdir(), "rollcall-lineage-"));
  mkdirSync(path.join(root, "includes"));
  const shapes = Object.entries(bronze).map(([table, columns]) => ({
    table,
    columns: Object.entries(columns).map(([name, type]) => ({ name, type })),
  }));
  const json = {
    tables: Object.fromEntries(shapes.map(({ table }) => [table, { columns: table }])),
    columns: Object.fromEntries(shapes.map(({ table, columns }) => [table, columns])),
  };
  writeFileSync(path.join(root, "includes/bronze.json"), JSON.stringify(json));

  const notes = (id: string): Pick<Action, "columns"> => ({
    columns: Object.entries(tags).flatMap(([key, given]) =>
      key.startsWith(`${id}.`)
        ? [{ path: [key.slice(id.length + 1)], description: "", tags: given, policyTags: [] }]
        : [],
    ),
  });
  const declarations = shapes.map(({ table }) =>
    action(`bronze.${table}`, [], { kind: "declaration", ...notes(`bronze.${table}`) }),
  );
  const ids = [...declarations.map(({ id }) => id), ...Object.keys(models)];
  const made = Object.entries(models).map(([id, model], i) => {
    const fields = typeof model === "string" ? { kind: "table" as const, sql: model } : model;
    return action(id, ids.slice(0, declarations.length + i), { ...fields, ...notes(id) });
  });
  const actions = [...declarations, ...made];
  const project = { root, actions, byId: new Map(actions.map((each) => [each.id, each])), tests: [], brokenTests: [] };
  const analyzer = createAnalyzer();
  try {
    const analysis = await analyseProject(project, { translator: createTranslator({}, { analyzer }) });
    for (const { failures } of analysis.actions.values()) for (const { error } of failures) throw error;
    return analysis;
  } finally {
    await analyzer.close();
    rmSync(root, { recursive: true, force: true });
  }
}
