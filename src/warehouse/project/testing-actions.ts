import type { Action, CompiledProject } from "./action.js";

/** Actions made by hand, for tests of what only looks at the graph. */
export function action(id: string, dependsOn: readonly string[] = [], fields: Partial<Action> = {}): Action {
  const [dataset = "", name = ""] = id.split(".");
  return {
    target: { dataset, name },
    id,
    sqlName: `\`${id}\``,
    kind: "incremental",
    sql: `SELECT "${id}" AS full`,
    incrementalSql: `SELECT "${id}" AS incremental`,
    statements: [],
    preOps: [],
    postOps: [],
    incrementalPreOps: [],
    incrementalPostOps: [],
    uniqueKey: [],
    partitionBy: "",
    clusterBy: [],
    tags: [],
    dependsOn,
    parent: null,
    fileName: `definitions/${dataset}/${name}.sqlx`,
    description: "",
    columns: [],
    isProtected: false,
    isDisabled: false,
    isHermetic: false,
    hasOutput: false,
    ...fields,
  };
}

export function projectOf(actions: readonly Action[]): CompiledProject {
  return {
    root: "/nowhere",
    actions,
    byId: new Map(actions.map((each) => [each.id, each])),
    tests: [],
    brokenTests: [],
  };
}
