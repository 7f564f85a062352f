import { z } from "zod";
import { type Action, type ActionKind, type CompiledProject, idOf, type Target } from "./action.js";
import type { TestOfError } from "./stock-tests.js";

/** Reads the JSON of a Dataform CompiledGraph (protobuf: absent means default) into actions. */

const strings = z.array(z.string()).default([]);
const flag = z.boolean().default(false);

const targetJson = z.object({ database: z.string().optional(), schema: z.string(), name: z.string() });

const descriptorJson = z
  .object({
    description: z.string().default(""),
    columns: z
      .array(
        z.object({
          path: strings,
          description: z.string().default(""),
          tags: strings,
          bigqueryPolicyTags: strings,
        }),
      )
      .default([]),
  })
  .prefault({});

const common = {
  target: targetJson,
  dependencyTargets: z.array(targetJson).default([]),
  tags: strings,
  fileName: z.string().default(""),
  disabled: flag,
  hermeticity: z.string().default("UNKNOWN"),
  actionDescriptor: descriptorJson,
};

const tableJson = z.object({
  ...common,
  enumType: z.enum(["TABLE", "INCREMENTAL", "VIEW"]),
  query: z.string().default(""),
  incrementalQuery: z.string().default(""),
  preOps: strings,
  postOps: strings,
  incrementalPreOps: strings,
  incrementalPostOps: strings,
  uniqueKey: strings,
  protected: flag,
  bigquery: z.object({ partitionBy: z.string().default(""), clusterBy: strings }).prefault({}),
});
const operationJson = z.object({ ...common, queries: strings, hasOutput: flag });
const assertionJson = z.object({ ...common, query: z.string().default(""), parentAction: targetJson.optional() });
const testJson = z.object({
  name: z.string(),
  fileName: z.string().default(""),
  testQuery: z.string().default(""),
  expectedOutputQuery: z.string().default(""),
});

const graphJson = z.object({
  tables: z.array(tableJson).default([]),
  operations: z.array(operationJson).default([]),
  assertions: z.array(assertionJson).default([]),
  declarations: z.array(z.object(common)).default([]),
  tests: z.array(testJson).default([]),
  graphErrors: z
    .object({
      compilationErrors: z
        .array(
          z.object({
            fileName: z.string().default(""),
            message: z.string().default(""),
            stack: z.string().default(""),
            actionTarget: targetJson.optional(),
          }),
        )
        .default([]),
    })
    .prefault({}),
});

type Common = z.infer<z.ZodObject<typeof common>>;

const TABLE_KINDS = { TABLE: "table", INCREMENTAL: "incremental", VIEW: "view" } as const;

/** What Dataform has against a file of the project. */
export interface CompileProblem {
  /** Path inside the project; "project" where Dataform names none. */
  readonly fileName: string;
  readonly message: string;
  /** As JavaScript gives it: lines of SQLX are those of the code it compiles to. Empty where there is none. */
  readonly stack: string;
  /** The action whose compilation found it. */
  readonly actionId: string | null;
  /** The stock test that it is all about; null where an action or the project is wrong. */
  readonly test: string | null;
}

export interface GraphWithProblems {
  /** Everything that compiled. What its broken tests are is said in `problems`. */
  readonly project: CompiledProject;
  readonly problems: readonly CompileProblem[];
}

/** `testOf` says which errors, by their place among all, are of which stock test. */
export function readGraph(
  root: string,
  json: unknown,
  testOf: ReadonlyMap<number, TestOfError> = new Map(),
): GraphWithProblems {
  const graph = graphJson.parse(JSON.parse(JSON.stringify(json)));
  const actions = [
    ...graph.declarations.map((each) => baseAction(each, "declaration")),
    ...graph.tables.map(readTable),
    ...graph.operations.map((each) => ({
      ...baseAction(each, "operations"),
      statements: each.queries,
      hasOutput: each.hasOutput,
    })),
    ...graph.assertions.map((each) => ({
      ...baseAction(each, "assertion"),
      sql: each.query,
      parent: each.parentAction === undefined ? null : idOf(readTarget(each.parentAction)),
    })),
  ].sort((a, b) => (a.id < b.id ? -1 : 1));
  const byId = new Map(actions.map((action) => [action.id, action]));
  const problems = graph.graphErrors.compilationErrors.map(({ fileName, message, stack, actionTarget }, at) => {
    const test = testOf.get(at);
    const isOfAction = test === undefined && actionTarget !== undefined;
    return {
      fileName: test?.fileName ?? (fileName || "project"),
      message,
      stack,
      actionId: isOfAction ? idOf(readTarget(actionTarget)) : null,
      test: test?.name ?? null,
    };
  });
  return { project: { root, actions, byId, tests: graph.tests, brokenTests: [] }, problems };
}

function readTable(json: z.infer<typeof tableJson>): Action {
  const kind = TABLE_KINDS[json.enumType];
  return {
    ...baseAction(json, kind),
    sql: json.query,
    incrementalSql: kind === "incremental" ? json.incrementalQuery : "",
    preOps: json.preOps,
    postOps: json.postOps,
    incrementalPreOps: json.incrementalPreOps,
    incrementalPostOps: json.incrementalPostOps,
    uniqueKey: json.uniqueKey,
    partitionBy: json.bigquery.partitionBy,
    clusterBy: json.bigquery.clusterBy,
    isProtected: json.protected,
  };
}

function baseAction(json: Common, kind: ActionKind): Action {
  const target = readTarget(json.target);
  return {
    target,
    id: idOf(target),
    sqlName: `\`${[json.target.database, target.dataset, target.name].filter(Boolean).join(".")}\``,
    kind,
    sql: "",
    incrementalSql: "",
    statements: [],
    preOps: [],
    postOps: [],
    incrementalPreOps: [],
    incrementalPostOps: [],
    uniqueKey: [],
    partitionBy: "",
    clusterBy: [],
    tags: json.tags,
    dependsOn: [...new Set(json.dependencyTargets.map((each) => idOf(readTarget(each))))].sort(),
    parent: null,
    fileName: json.fileName,
    description: json.actionDescriptor.description,
    columns: json.actionDescriptor.columns.map(({ bigqueryPolicyTags, ...column }) => ({
      ...column,
      policyTags: bigqueryPolicyTags,
    })),
    isProtected: false,
    isDisabled: json.disabled,
    isHermetic: json.hermeticity === "HERMETIC",
    hasOutput: false,
  };
}

function readTarget(json: z.infer<typeof targetJson>): Target {
  return { dataset: json.schema, name: json.name };
}
