import { describe } from "../../src/identity/normalise/features.js";
import { microsToIso } from "../../src/platform/clock.js";
import { hasRows, joined, type StandIns } from "../../src/warehouse/model-tests/stand-ins.js";
import type { Row, Warehouse } from "../../src/warehouse/port.js";
import type { Action, CompiledProject } from "../../src/warehouse/project/action.js";
import { orderActions } from "../../src/warehouse/project/order.js";
import { statementsOf } from "../../src/warehouse/project/script.js";
import type { Happening, Saying, Story } from "./stories.js";

/** What came of a story, nodes by their names in it. */
export interface Told {
  readonly people: readonly (readonly string[])[];
  readonly refused: readonly (readonly string[])[];
  readonly asked: readonly (readonly string[])[];
  readonly renamed: readonly (readonly string[])[];
  readonly happened: readonly string[];
}

export interface TellingDeps {
  readonly warehouse: Warehouse;
  readonly standIns: StandIns;
}

const DAY = 86_400_000_000;
const SECOND = 1_000_000;
const FIRST_DAY = Date.UTC(2026, 2, 1) * 1000;
const REGION = "DE";
const NAMESPACE = "campus";

/** Runs every model of the identity schema, in the project's order, once for each day of a story. */
export async function tell(story: Story, project: CompiledProject, deps: TellingDeps): Promise<Told> {
  const { standIns, warehouse } = deps;
  const models = orderActions(project.actions.filter(isModel));
  const tables = new Set(
    models.flatMap(({ id, dependsOn }) => [id, ...dependsOn]).filter((id) => isTable(project, id)),
  );
  for (const id of tables) await standIns.columns(id);
  await standIns.clear(tables);
  for (const [day, happenings] of story.days.entries()) {
    const from = FIRST_DAY + day * DAY;
    for (const [id, rows] of Object.entries(rowsOf(happenings, from))) await standIns.insert(id, rows);
    const statements: string[] = [];
    for (const model of models) {
      const columns = hasRows(model) ? await standIns.columns(model.id) : [];
      const mode = model.kind === "operations" ? "statements" : model.uniqueKey.length > 0 ? "merge" : "append";
      statements.push(...statementsOf(standIns.rewrite(model), mode, () => columns));
    }
    const window = { from: day === 0 ? 0 : from, to: from + DAY };
    await warehouse.execute(joined(["BEGIN TRANSACTION", ...statements, "COMMIT TRANSACTION"]), {
      window_from: { type: "TIMESTAMP", value: window.from },
      window_to: { type: "TIMESTAMP", value: window.to },
    });
  }
  return toldIn(standIns);
}

/** Tables that operations make are state: they are there before the first day. */
function isModel(action: Action): boolean {
  if (action.target.dataset !== "identity" || action.kind === "assertion" || action.kind === "declaration")
    return false;
  return action.kind !== "operations" || !action.hasOutput;
}

function isTable(project: CompiledProject, id: string): boolean {
  const action = project.byId.get(id);
  return action !== undefined && hasRows(action);
}

function rowsOf(happenings: readonly Happening[], from: number): Readonly<Record<string, readonly Row[]>> {
  const rows: Record<string, Row[]> = {};
  const add = (table: string, row: Row): void => {
    rows[table] = [...(rows[table] ?? []), row];
  };
  for (const [place, happening] of happenings.entries()) {
    const at = microsToIso(from + (place + 1) * SECOND);
    if (happening.kind === "said") {
      for (const [table, row] of sayingRows(happening, at)) add(table, row);
      continue;
    }
    const { kind, nodes } = happening;
    const decision = { kind, node_a: nodes[0], node_b: nodes[1], decided_at: at, decided_by: "operator" };
    add("identity.decisions", { ...decision, decision_id: `${at} ${nodes.join(" ")}` });
  }
  return rows;
}

function sayingRows({ node, identifiers, traits }: Saying, at: string): [string, Row][] {
  const event = `${node} at ${at}`;
  const fact = { event_key: event, event_id: event, node_id: node, source: "story", ingested_at: at };
  const observed = identifiers.map(({ type, value }, position): [string, Row] => [
    "silver.identifier_observations",
    {
      ...fact,
      namespace: NAMESPACE,
      type,
      hmac: `${type} ${value}`,
      value,
      role: "own",
      is_owner: position === 0,
      is_blocked: false,
      occurred_at: at,
    },
  ]);
  const described = describe(traits, REGION).map(({ field, value }): [string, Row] => [
    "silver.feature_observations",
    { ...fact, field, value, observed_at: at },
  ]);
  return [...observed, ...described];
}

async function toldIn(standIns: StandIns): Promise<Told> {
  const read = async (id: string): Promise<readonly Row[]> => standIns.read(id, await standIns.columns(id));
  const groups = new Map<unknown, string[]>();
  for (const { node_id, profile_id } of await read("identity.identity_map")) {
    groups.set(profile_id, [...(groups.get(profile_id) ?? []), String(node_id)]);
  }
  const births = new Map((await read("identity.nodes")).map(({ node_id, birth_id }) => [birth_id, String(node_id)]));
  const pairs = (rows: readonly Row[]): string[][] =>
    sorted(rows.map((row) => [String(row.node_a), String(row.node_b)].sort()));
  return {
    people: sorted([...groups.values()].map((nodes) => nodes.sort())),
    refused: pairs(await read("identity.cuts")),
    asked: pairs(await read("identity.review_pairs")),
    happened: [...new Set((await read("identity.graph_events")).map(({ kind }) => String(kind)))].sort(),
    renamed: sorted(
      (await read("identity.aliases")).map((row) => [
        births.get(row.profile_id) ?? "",
        births.get(row.merged_into) ?? "",
      ]),
    ),
  };
}

function sorted(lists: readonly string[][]): string[][] {
  return [...lists].sort((a, b) => (a.join() < b.join() ? -1 : 1));
}
