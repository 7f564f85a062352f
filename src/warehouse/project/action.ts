/** What a compiled project is made of: one typed action per Dataform action, whatever its kind. */

export type ActionKind = "view" | "table" | "incremental" | "operations" | "assertion" | "declaration";

export interface Target {
  readonly dataset: string;
  readonly name: string;
}

export interface ColumnNote {
  readonly path: readonly string[];
  readonly description: string;
  readonly tags: readonly string[];
  readonly policyTags: readonly string[];
}

export interface Action {
  readonly target: Target;
  /** `dataset.name`: what messages, watermarks and selections call it. */
  readonly id: string;
  /** The table as SQL text writes it, the project's database included: "`rollcall.silver.events`". */
  readonly sqlName: string;
  readonly kind: ActionKind;
  /** The query of a full build; empty for operations and declarations. */
  readonly sql: string;
  /** The query of a cycle; equal to `sql` where the model does not tell them apart. Incrementals only. */
  readonly incrementalSql: string;
  /** The statements of `operations`, in order. */
  readonly statements: readonly string[];
  readonly preOps: readonly string[];
  readonly postOps: readonly string[];
  readonly incrementalPreOps: readonly string[];
  readonly incrementalPostOps: readonly string[];
  readonly uniqueKey: readonly string[];
  readonly partitionBy: string;
  readonly clusterBy: readonly string[];
  readonly tags: readonly string[];
  /** Ids of the actions it reads or waits for. */
  readonly dependsOn: readonly string[];
  /** Assertions made from a model's config: that model's id. */
  readonly parent: string | null;
  /** Path inside the project: "definitions/silver/events.sqlx". */
  readonly fileName: string;
  readonly description: string;
  readonly columns: readonly ColumnNote[];
  readonly isProtected: boolean;
  readonly isDisabled: boolean;
  readonly isHermetic: boolean;
  /** Whether operations make a table of their own name. */
  readonly hasOutput: boolean;
}

/** A test of Dataform's own kind (`type: "test"`): the model's query over its inputs, and the rows it should give. */
export interface StockTest {
  readonly name: string;
  /** Path inside the project. */
  readonly fileName: string;
  readonly testQuery: string;
  readonly expectedOutputQuery: string;
}

/** A stock test that does not compile: it has failed, and keeps nothing else from running. */
export interface BrokenStockTest {
  readonly name: string;
  /** Path inside the project. */
  readonly fileName: string;
  /** Each with the file. */
  readonly problems: readonly string[];
}

export interface CompiledProject {
  readonly root: string;
  /** In the order of their ids. */
  readonly actions: readonly Action[];
  readonly byId: ReadonlyMap<string, Action>;
  readonly tests: readonly StockTest[];
  readonly brokenTests: readonly BrokenStockTest[];
}

export function idOf(target: Target): string {
  return `${target.dataset}.${target.name}`;
}

/** Operations that make tables models write to: run once, outside of transactions. */
export function isBootstrap(action: Action): boolean {
  return action.kind === "operations" && action.tags.includes("bootstrap");
}

/** Whether it reads arrivals and so has a watermark. */
export function isWindowed(action: Action): boolean {
  return action.kind !== "view" && !isBootstrap(action);
}
