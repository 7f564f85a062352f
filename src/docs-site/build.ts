import { readFileSync } from "node:fs";
import path from "node:path";
import type { ProjectAnalysis } from "../warehouse/analysis/analyse.js";
import { type LineageGraph, partText } from "../warehouse/analysis/lineage.js";
import { reach } from "../warehouse/analysis/lineage-walk.js";
import { declaredPersonal, personalColumns } from "../warehouse/analysis/personal.js";
import type { ColumnSource } from "../warehouse/googlesql/lineage.js";
import { formatType } from "../warehouse/googlesql/types.js";
import type { ModelTest } from "../warehouse/model-tests/test-file.js";
import type { Action } from "../warehouse/project/action.js";
import { grainOf } from "../warehouse/project/grain.js";
import { type Check, layerProject } from "../warehouse/project/layers.js";

export interface SiteInput {
  readonly analysis: ProjectAnalysis;
  readonly lineage: LineageGraph;
  readonly tests: readonly ModelTest[];
  readonly title: string;
}

/** What the site's pages are drawn from: depends on the project alone, so that the same project gives the same bytes. */
export function buildSite(input: SiteInput): SiteData {
  const { project } = input.analysis;
  const checks = layerProject(project).checks;
  const personal = new Set(personalColumns(input.analysis, declaredPersonal(project), input.lineage).keys());
  const models = project.actions.filter((action) => action.kind !== "assertion" && hasTable(input, action));
  return { title: input.title, models: models.map((action) => siteModel(input, action, { checks, personal })) };
}

function hasTable({ analysis }: SiteInput, action: Action): boolean {
  return action.kind === "operations" || analysis.catalog.has(action.id.toLowerCase());
}

/** What is asked of the whole project once. */
interface Facts {
  readonly checks: readonly Check[];
  /** Keys of columns, "silver.events.email". */
  readonly personal: ReadonlySet<string>;
}

function siteModel(input: SiteInput, action: Action, { checks, personal }: Facts): SiteModel {
  const { project } = input.analysis;
  const { kind, target, partitionBy, clusterBy, tags } = action;
  const isShown = (id: string): boolean => {
    const other = project.byId.get(id);
    return other !== undefined && other.kind !== "assertion";
  };
  return {
    id: action.id,
    dataset: target.dataset,
    name: target.name,
    kind: kind === "declaration" ? "landed" : kind,
    description: action.description,
    file: action.fileName,
    tags: [...tags],
    grain: [...grainOf(project, action)],
    partitionBy,
    clusterBy: [...clusterBy],
    inputs: action.dependsOn.filter(isShown),
    columns: siteColumns(input, action, personal),
    source: action.fileName.endsWith(".sqlx") ? readFileSync(path.join(project.root, action.fileName), "utf8") : "",
    compiled: compiledTexts(action),
    tests: input.tests
      .filter(({ models, expect }) => models.includes(action.id) || Object.hasOwn(expect, action.id))
      .map(({ name, story }) => ({ name, story })),
    checks: checks.filter(({ action: check }) => isAbout(check, action)).map(siteCheck),
  };
}

function siteColumns({ analysis, lineage }: SiteInput, action: Action, personal: ReadonlySet<string>): SiteColumn[] {
  const notes = new Map(action.columns.map(({ path: [name = ""], description }) => [name.toLowerCase(), description]));
  return (analysis.catalog.get(action.id.toLowerCase())?.columns ?? []).map(({ name, type }) => ({
    name,
    type: formatType(type),
    description: notes.get(name.toLowerCase()) ?? "",
    isPersonal: personal.has(`${action.id}.${name}`.toLowerCase()),
    sources: lineage
      .sourcesOf({ table: action.id, column: name, path: [] })
      .map(({ part, flow }) => ({ table: part.table, column: part.column, path: part.path.join("."), flow }))
      .sort(byFlow),
    origins: originsOf(lineage, { table: action.id, column: name, path: [] }),
  }));
}

const FLOWS: readonly Flow[] = ["copy", "derive", "digest", "decide"];

function byFlow(a: { readonly flow: Flow }, b: { readonly flow: Flow }): number {
  return FLOWS.indexOf(a.flow) - FLOWS.indexOf(b.flow);
}

/** What only decides is left out: it says which value there is, not where the value is from. */
function originsOf(lineage: LineageGraph, part: ColumnSource): SiteColumn["origins"] {
  return reach(lineage, part, "up", { flows: ["copy", "derive", "digest"] })
    .filter(({ part: end }) => end.table.startsWith("bronze."))
    .map(({ part: end, flow }) => ({ text: partText(end), table: end.table, column: end.column, flow }))
    .sort((a, b) => byFlow(a, b) || (a.text < b.text ? -1 : 1));
}

/** A check of the model's own config, or one of its own that reads the model. */
function isAbout(check: Action, model: Action): boolean {
  return check.parent === model.id || (check.parent === null && check.dependsOn.includes(model.id));
}

function siteCheck({ action, severity, schedule }: Check): SiteModel["checks"][number] {
  return { id: action.id, description: action.description, file: action.fileName, severity, schedule };
}

function compiledTexts(action: Action): SiteModel["compiled"] {
  const texts = [
    { title: "Full build", parts: [...action.preOps, action.sql, ...action.postOps] },
    {
      title: "In a cycle",
      parts: [...action.incrementalPreOps, action.incrementalSql, ...action.incrementalPostOps],
    },
    { title: "Statements", parts: action.statements },
  ];
  return texts.flatMap(({ title, parts }) => {
    const sql = parts.map((part) => part.trim()).filter((part) => part !== "");
    return sql.length === 0 ? [] : [{ title, sql: sql.join("\n;\n\n") }];
  });
}
