import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { createTranslator } from "../duckdb/translate.js";
import { createAnalyzer } from "../googlesql/analyzer.js";
import { compileProject } from "../project/compile.js";
import { analyseProject, type ProjectAnalysis } from "./analyse.js";
import { columnKey, type LineageGraph, lineageGraph, partText } from "./lineage.js";
import { reach } from "./lineage-walk.js";
import { personalColumns } from "./personal.js";

/** What operators and erasures say of the graph comes from no source. */
const BY_HAND: ReadonlySet<string> = new Set([
  "identity.decisions",
  "identity.inherited_births",
  "identity.tombstones",
  "identity.withheld_edges",
]);

let analysis: ProjectAnalysis;
let graph: LineageGraph;
/** Columns that some statement fills with a constant or a parameter alone. */
let constant: ReadonlySet<string>;

beforeAll(async () => {
  const project = compileProject({
    root: path.resolve(import.meta.dirname, "../../.."),
    vars: { runner: "rollcall" },
  });
  const analyzer = createAnalyzer();
  analysis = await analyseProject(project, { translator: createTranslator({}, { analyzer }) });
  await analyzer.close();
  graph = lineageGraph(analysis);
  constant = new Set(
    [...analysis.actions.values()].flatMap(({ statements }) =>
      statements.flatMap(({ lineage: { writes, outputs } }) =>
        outputs.flatMap(({ name, sources }) => (sources.length === 0 ? [`${writes}.${name}`.toLowerCase()] : [])),
      ),
    ),
  );
}, 120_000);

function columnsOf(dataset: string): { table: string; column: string }[] {
  return [...graph.tables.values()]
    .filter(({ key }) => key.startsWith(`${dataset}.`))
    .flatMap(({ key, columns }) => columns.map((column) => ({ table: key, column })));
}

describe("the lineage of this project", () => {
  test("has no source that no table has", () => {
    expect(graph.dangling.map(({ from, action }) => `${partText(from)} in ${action.fileName}`)).toEqual([]);
  });

  test("of every column of gold.profiles goes down to bronze, and ends elsewhere only in what was said by hand", () => {
    for (const { column } of columnsOf("gold").filter(({ table }) => table === "gold.profiles")) {
      const ends = reach(graph, { table: "gold.profiles", column, path: [] }, "up").filter(({ isEnd }) => isEnd);
      const isLoose = ({ part }: (typeof ends)[number]): boolean =>
        !part.table.startsWith("bronze.") && !BY_HAND.has(part.table) && !constant.has(columnKey(part));
      const loose = ends.filter(isLoose);
      expect([column, ends.length > 0, loose.map(({ part }) => partText(part))]).toEqual([column, true, []]);
    }
  });

  test.each([
    ["email", /\.(email|identifiers\[\]\.value)$/],
    ["phone", /\.identifiers\[\]\.value$/],
    ["first_name", /\.(firstName|first_name|FirstName)$/],
    ["last_name", /\.(lastName|last_name|LastName)$/],
    ["birth_date", /\.(birthday|birth_date|Birthdate|Birth_Date__c)$/],
    ["country", /\.(country|CountryCode|Country|MailingCountry|MailingCountryCode)$/],
    ["programme", /\.(programme|programme_id|Program(me)?(_Of)?(_Interest)?__c)$/],
  ])("of gold.profiles.%s are values of that trait, out of every source", (column, name) => {
    const carried = reach(graph, { table: "gold.profiles", column, path: [] }, "up", { flows: ["copy", "derive"] });
    const parts = carried.filter(({ isEnd }) => isEnd).map(({ part }) => partText(part));
    expect(parts.filter((part) => !name.test(part))).toEqual([]);
    const sources = new Set(parts.map((part) => part.split(".")[1]?.split("_")[0]));
    expect([...sources].sort()).toEqual(expect.arrayContaining(["mobile", "salesforce", "website"]));
  });

  test("of every activation column is known", () => {
    const columns = columnsOf("activation");
    expect(columns.length).toBeGreaterThan(30);
    const without = columns.filter((part) => {
      return graph.sourcesOf({ ...part, path: [] }).length === 0 && !constant.has(columnKey({ ...part, path: [] }));
    });
    expect(without).toEqual([]);
  });

  test("follows a JSON path from silver to bronze", () => {
    const sources = graph.sourcesOf({ table: "silver.web_events", column: "properties", path: ["score"] });
    expect(sources.map(({ part, flow }) => `${flow} ${partText(part)}`)).toEqual([
      "copy bronze.website_events.payload.properties.score",
    ]);
  });

  test("resolves what identity.resolve writes through its temporary tables", () => {
    const reached = reach(graph, { table: "identity.identity_map", column: "profile_id", path: [] }, "up");
    const ends = reached.filter(({ isEnd, flow }) => isEnd && flow !== "decide").map(({ part }) => part);
    const made = ends.filter(({ table }) => !BY_HAND.has(table)).map(({ column }) => column);
    expect(new Set(made)).toEqual(new Set(["identifiers", "features", "occurred_at"]));
    const given = ends.filter(({ table }) => BY_HAND.has(table)).map(partText);
    expect(new Set(given)).toEqual(new Set(["identity.inherited_births.birth_id", "identity.tombstones.erased_count"]));
  });

  test("finds the personal columns that are declared from the declared bronze ones alone", () => {
    const personal = personalColumns(analysis);
    const bronzeOnly = {
      personal: new Set([...personal.keys()].filter((key) => key.startsWith("bronze."))),
      notPersonal: new Set<string>(),
      harmlessNames: new Set(["namespace", "type", "hmac", "role"]),
    };
    const found = personalColumns(analysis, bronzeOnly, graph);
    const declared = [...personal.values()].filter(({ isDeclared }) => isDeclared);
    expect(declared.length).toBeGreaterThan(30);
    // Lineage takes a digest for harmless; of what is easily guessed it is not, and so it is declared.
    const digests = [
      "identity.block_keys.key",
      "identity.block_skipped.key",
      "identity.term_frequencies.value_hash",
      "identity.thinned_keys.key",
    ];
    const missed = declared
      .map(({ table, column }) => `${table}.${column}`.toLowerCase())
      .filter((key) => !found.has(key));
    expect(missed.sort()).toEqual(digests);
  });
});
