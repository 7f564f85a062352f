import { describe, expect, it } from "vitest";
import { selectActions, selectModels } from "./select.js";
import { action, projectOf } from "./testing-actions.js";

const project = projectOf([
  action("silver.crm_rows", [], { tags: ["learning"] }),
  action("silver.crm_leads", ["silver.crm_rows"], { fileName: "definitions/silver/crm/leads.sqlx" }),
  action("gold.profiles", ["silver.crm_leads"]),
  action("gold.segments"),
  action("quality.rows_fit", ["silver.crm_rows"], { kind: "assertion", tags: ["cycle"] }),
]);
const models = project.actions.filter(({ kind }) => kind !== "assertion");

describe("selectActions", () => {
  it.each([
    [["silver.crm_leads"], ["silver.crm_leads"]],
    [["profiles"], ["gold.profiles"]],
    [["gold"], ["gold.profiles", "gold.segments"]],
    [["tag:learning"], ["silver.crm_rows"]],
    [["+crm_leads"], ["silver.crm_leads", "silver.crm_rows"]],
    [["crm_leads+"], ["gold.profiles", "silver.crm_leads"]],
    [["+crm_leads+"], ["gold.profiles", "silver.crm_leads", "silver.crm_rows"]],
    [
      ["crm_rows", "segments"],
      ["gold.segments", "silver.crm_rows"],
    ],
    [["silver.crm_*"], ["silver.crm_leads", "silver.crm_rows"]],
    [["crm_r*"], ["silver.crm_rows"]],
    [["path:definitions/silver/*"], ["silver.crm_rows"]],
    [["path:definitions/silver/**"], ["silver.crm_leads", "silver.crm_rows"]],
    [["path:./definitions/silver/"], ["silver.crm_leads", "silver.crm_rows"]],
    [["path:definitions/gold/profiles.sqlx+"], ["gold.profiles"]],
  ])("%j selects %j", (patterns, expected) => {
    expect([...selectActions(project, patterns)].sort()).toEqual(expected);
  });

  it.each([
    ["silver.crm_lead", 'no action matches "silver.crm_lead": did you mean "silver.crm_leads"?'],
    ["+profile+", 'no action matches "profile": did you mean "profiles"?'],
    ["tag:lerning", 'no action matches "tag:lerning": did you mean "tag:learning"?'],
    [
      "path:definitions/gold/profile.sqlx",
      'no action matches "path:definitions/gold/profile.sqlx": did you mean "path:definitions/gold/profiles.sqlx"?',
    ],
    ["nonsense", 'no action matches "nonsense": give an id, a name, a dataset, tag:<tag> or path:<glob>'],
    // A dot is a dot.
    ["goldXprofiles", 'no action matches "goldXprofiles": give an id, a name, a dataset, tag:<tag> or path:<glob>'],
  ])("refuses %s", (pattern, message) => {
    expect(() => selectActions(project, [pattern])).toThrow(
      expect.objectContaining({ code: "INPUT_INVALID", message }),
    );
  });
});

describe("selectModels", () => {
  it("takes everything but what is excluded, and no checks", () => {
    expect([...selectModels(project, models, { exclude: ["gold", "crm_leads"] })]).toEqual(["silver.crm_rows"]);
    expect([...selectModels(project, models, { select: ["crm_rows+"], exclude: ["gold.*"] })]).toEqual([
      "silver.crm_rows",
      "silver.crm_leads",
    ]);
  });

  it("refuses a selection of nothing that can be built", () => {
    for (const selection of [{ select: ["tag:cycle"] }, { select: ["gold"], exclude: ["gold"] }]) {
      expect(() => selectModels(project, models, selection)).toThrow("the selection leaves no model to build");
    }
    expect(() => selectModels(project, models, { exclude: ["golb"] })).toThrow('did you mean "gold"?');
  });
});
