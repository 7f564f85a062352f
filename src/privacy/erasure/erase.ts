import type { Micros } from "../../platform/clock.js";
import { RollcallError } from "../../platform/errors.js";
import type { Params, Warehouse } from "../../warehouse/port.js";
import { sql } from "../../warehouse/sql.js";
import { blankBronze, COMPARE_AGAIN, chooseValues, deleteRows, type Statement, takeBack } from "./cascade.js";
import type { AppendedObject, ErasureRules } from "./rules.js";
import { CHOOSE_SQL } from "./script.js";

export interface EraseDeps {
  readonly warehouse: Warehouse;
  readonly rules: ErasureRules;
  readonly appended: readonly AppendedObject[];
  readonly now: Micros;
}

export interface EraseRequest {
  readonly profileId: string;
  /** Erases only what that source knows of the person. */
  readonly source: string | null;
  /** False: counts what would be erased, and changes nothing. */
  readonly isConfirmed: boolean;
}

export interface Erased {
  readonly isErased: boolean;
  readonly profileId: string;
  readonly source: string | null;
  /** Source identities of the person that are erased, and that stay. */
  readonly erasedNodes: number;
  readonly keptNodes: number;
  /** Rows taken out, in bronze emptied; tables without one are left out. */
  readonly tables: readonly { readonly table: string; readonly rows: number }[];
}

/**
 * Takes a profile, or what one source knows of it, out of every table of the warehouse, in one transaction; the next cycle settles
 * whoever shared something with it. Nobody else's profile changes. Ids that were published stay those of what is left.
 * With nothing to erase nothing changes. Throws what the warehouse throws.
 */
export async function eraseProfile(deps: EraseDeps, request: EraseRequest): Promise<Erased> {
  const { warehouse, now } = deps;
  const { profileId, source, isConfirmed } = request;
  const params: Params = {
    profile: { type: "STRING", value: profileId },
    source: { type: "STRING", value: source },
  };
  const [count] = (await warehouse.query(COUNT_SQL, params)).rows;
  const [erasedNodes, keptNodes] = [Number(count?.erased_count ?? 0), Number(count?.kept_count ?? 0)];
  if (erasedNodes === 0) return { isErased: false, profileId, source, erasedNodes, keptNodes, tables: [] };

  const statements = await statementsOf(deps, isConfirmed);
  const { script, tableAt } = join(statements);
  const done = await warehouse.execute(script, {
    ...params,
    now: { type: "TIMESTAMP", value: now },
    exclusive_types: strings(deps.rules.exclusiveTypes),
    device_types: strings(deps.rules.deviceTypes),
    sharing_reasons: strings(deps.rules.sharingReasons),
  });
  const rows = new Map<string, number>();
  for (const result of done.statements) {
    const table = tableAt.get(result.line);
    if (table !== undefined && result.rows > 0) rows.set(table, (rows.get(table) ?? 0) + result.rows);
  }
  const tables = [...rows].map(([table, count]) => ({ table, rows: count }));
  return { isErased: isConfirmed, profileId, source, erasedNodes, keptNodes, tables };
}

const strings = (value: readonly string[]): Params[string] => ({ type: "ARRAY<STRING>", value });

/** What is only counted is done, too, and then taken back: so it is counted by what will do it. */
async function statementsOf({ warehouse, rules, appended }: EraseDeps, isConfirmed: boolean): Promise<Statement[]> {
  const there = new Set((await warehouse.tables()).map(({ dataset, table }) => `${dataset}.${table}`));
  if (!there.has("identity.tombstones")) {
    throw new RollcallError(
      "CONFIG_INVALID",
      "this warehouse was made before erasures were there: it has no table identity.tombstones. Run  rollcall run  first.",
      { isRetriable: false },
    );
  }
  const hasSynced = there.has("ops.sync_jobs");
  const plain = (text: string): Statement => ({ text, table: null });
  return [
    plain(CHOOSE_SQL.trim()),
    chooseValues(rules),
    ...(hasSynced ? [...appended.map(takeBack), COMPARE_AGAIN] : []),
    ...rules.facts.flatMap(blankBronze),
    ...rules.tables.filter(({ name }) => there.has(name)).map(deleteRows),
    plain(isConfirmed ? "COMMIT TRANSACTION" : "ROLLBACK TRANSACTION"),
  ];
}

/** One script, and by the line on which a statement begins the table that it is about. */
function join(statements: readonly Statement[]): { script: string; tableAt: ReadonlyMap<number, string> } {
  const tableAt = new Map<number, string>();
  const lines: string[] = [];
  for (const { text, table } of statements) {
    if (table !== null) tableAt.set(lines.length + 1, table);
    lines.push(...`${text};`.split("\n"));
  }
  return { script: lines.join("\n"), tableAt };
}

const COUNT_SQL = sql`
  SELECT
    -- @source STRING
    COUNTIF(@source IS NULL OR n.source = @source) AS erased_count,
    COUNTIF(n.source != @source) AS kept_count
  FROM identity.identity_map AS m
  JOIN identity.nodes AS n ON n.node_id = m.node_id
  WHERE m.profile_id = @profile`;
