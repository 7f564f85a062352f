import type { IdentityRules } from "../../identity/explain/rules.js";
import type { ComparisonShape, MatchModel } from "../../identity/explain/waterfall.js";
import type { TableName } from "../../warehouse/port.js";
import { compileProject, readVars } from "../../warehouse/project/compile.js";
import { createProjectRealm } from "../../warehouse/project/module-loader.js";

/** The parts of the project's includes that are used here. */
interface MatchModule {
  thresholds(): { readonly base: number; readonly tau: number; readonly review: number };
  readonly COMPARISONS: readonly ComparisonShape[];
  model(): MatchModel;
  levels(left: string, right: string): string;
  weight(left: string, right: string): string;
  vetoed(left: string, right: string): string;
}

interface IdentifiersFile {
  readonly types: Readonly<Record<string, { readonly kind: string }>>;
}

/** From the project as the embedded engine compiles it, wherever the warehouse itself is: copies are resolved in memory. */
export function readIdentityRules(root: string): IdentityRules {
  const vars = { runner: "rollcall" };
  const project = compileProject({ root, vars });
  const resolve = project.byId.get("identity.resolve");
  if (resolve === undefined) throw new Error("the project has no identity.resolve");
  const realm = createProjectRealm(root);
  // How sure one has to be is a variable of the project.
  realm.globals.dataform = { projectConfig: { vars: { ...readVars(root), ...vars } } };
  const match = realm.load("includes/match.js") as MatchModule;
  const thresholds = match.thresholds();
  const { types } = realm.load("includes/identifiers.json") as IdentifiersFile;
  return {
    statements: resolve.statements,
    tables: resolve.dependsOn.map(tableOf),
    candidate: thresholds.base,
    join: thresholds.tau,
    review: thresholds.review,
    deviceTypes: new Set(Object.keys(types).filter((type) => types[type]?.kind === "device")),
    model: match.model(),
    comparisons: match.COMPARISONS,
    levels: match.levels,
    weight: match.weight,
    vetoes: match.vetoed,
  };
}

function tableOf(id: string): TableName {
  const [dataset = "", table = ""] = id.split(".");
  return { dataset, table };
}
