import type { ErasableTable, ErasureRules, FactTable } from "../../privacy/erasure/rules.js";
import type { Action, CompiledProject } from "../../warehouse/project/action.js";
import { eraseTagsOf, isEraseId } from "../../warehouse/project/erase-tags.js";
import { createProjectRealm } from "../../warehouse/project/module-loader.js";

/** The parts of the project's includes that are used here. */
interface TermsModule {
  values(row: string): string;
  hash(value: string): string;
}
interface SharingModule {
  readonly APART: string;
  readonly AMBIGUOUS: string;
}
interface IdentifiersFile {
  readonly types: Readonly<Record<string, { readonly kind: string; readonly is_exclusive?: boolean }>>;
}

/** The tables of an erasure are those the project tags: an analyst's new table takes part by itself. */
export function readErasureRules(project: CompiledProject): ErasureRules {
  const realm = createProjectRealm(project.root);
  const terms = realm.load("includes/terms.js") as TermsModule;
  const sharing = realm.load("includes/sharing.js") as SharingModule;
  const { types } = realm.load("includes/identifiers.json") as IdentifiersFile;
  const typesThat = (is: (rules: IdentifiersFile["types"][string]) => boolean): string[] =>
    Object.entries(types).flatMap(([type, rules]) => (is(rules) ? [type] : []));
  return {
    tables: project.actions.flatMap(erasableOf),
    facts: project.actions.flatMap(factsOf),
    exclusiveTypes: typesThat((rules) => rules.is_exclusive === true),
    deviceTypes: typesThat(({ kind }) => kind === "device"),
    sharingReasons: [sharing.APART, sharing.AMBIGUOUS],
    countedValues: terms.values,
    valueHash: terms.hash,
  };
}

function erasableOf(action: Action): ErasableTable[] {
  if (action.isDisabled || action.kind === "view") return [];
  const by = eraseTagsOf(action.tags).flatMap(({ id, columns }) => (isEraseId(id) ? [{ id, columns }] : []));
  return by.length === 0 ? [] : [{ name: action.id, by }];
}

/** Whatever makes facts of bronze has their owner beside the event. */
const OWNED = ["event_id", "node_id", "owner_hmac"];

function factsOf(action: Action): FactTable[] {
  const columns = new Set(action.columns.map(({ path }) => path[0]));
  if (action.isDisabled || action.kind === "view" || OWNED.some((column) => !columns.has(column))) return [];
  return action.dependsOn
    .filter((id) => id.startsWith("bronze."))
    .map((bronze) => ({ bronze, source: bronze.slice("bronze.".length), silver: action.id }));
}
