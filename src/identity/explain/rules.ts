import type { TableName } from "../../warehouse/port.js";
import type { Limits } from "./verdict.js";
import type { ComparisonShape, MatchModel } from "./waterfall.js";

/** What the models decide by, taken from the compiled project: nothing of it is said a second time here. */
export interface IdentityRules extends Limits {
  /** The statements of identity.resolve. */
  readonly statements: readonly string[];
  /** The tables they read and write. */
  readonly tables: readonly TableName[];
  readonly model: MatchModel;
  readonly comparisons: readonly ComparisonShape[];
  /** SQL over two rows of identity.descriptions. */
  readonly levels: (left: string, right: string) => string;
  readonly weight: (left: string, right: string) => string;
  /** Whether the pair speaks against one person whatever it weighs. */
  readonly vetoes: (left: string, right: string) => string;
}
