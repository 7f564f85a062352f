import pc from "picocolors";
import { columnsOfSync } from "../../../syncs/engine/needs.js";
import { PROFILE_STORE, PROFILE_STORE_OBJECTS } from "../../../syncs/targets/profiles/spec.js";
import { RollcallError } from "../../platform/errors.js";
import { lineageGraph } from "../../warehouse/analysis/lineage.js";
import { type DeliveredTable, impactOf, isHarmless } from "../../warehouse/analysis/lineage-impact.js";
import { findPart } from "../../warehouse/analysis/lineage-names.js";
import { openAnalysis, readableTests, warnOfFailures } from "../analysis.js";
import { type ImpactKind, impactText } from "../impact-text.js";

export interface ImpactCommand {
  readonly home: string;
  readonly project: string;
  readonly drop: boolean;
  readonly change: boolean;
  readonly json: boolean;
}

/** Prints whom it concerns when a column is dropped or changed; true when it concerns anybody. */
export async function impact(name: string, options: ImpactCommand): Promise<boolean> {
  if (options.drop && options.change) throw invalid("Give --drop or --change, not both.");
  const kind: ImpactKind = options.change ? "change" : "drop";
  const { analysis, close } = await openAnalysis(options);
  await close();
  warnOfFailures(analysis);
  const graph = lineageGraph(analysis);
  const { part, table } = findPart(graph, name);
  if (part === null) throw invalid(`${table.key} is a table: name one of its columns, ${table.columns.join(", ")}.`);
  const tests = readableTests(analysis.project);
  const found = impactOf({ graph, catalog: analysis.catalog, part, tests, deliveries: deliveredTables() });
  const text = options.json ? JSON.stringify({ kind, ...found }, null, 2) : impactText(found, kind, pc);
  process.stdout.write(`${text}\n`);
  return !isHarmless(found);
}

function invalid(message: string): RollcallError {
  return new RollcallError("INPUT_INVALID", message, { isRetriable: false });
}

/** What each target reads, and what a sync goes by. */
function deliveredTables(): readonly DeliveredTable[] {
  return PROFILE_STORE.objects.map((object) => ({
    name: `${PROFILE_STORE.name}.${object.object}`,
    table: `${object.table.dataset}.${object.table.table}`,
    needs: { ...required(object.object), ...columnsOfSync(object) },
  }));
}

function required(object: string): Readonly<Record<string, string>> {
  const columns = Object.entries(PROFILE_STORE_OBJECTS).find(([name]) => name === object)?.[1].required ?? [];
  return Object.fromEntries(columns.map((column) => [column, "required"]));
}
