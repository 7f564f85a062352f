import { expect, test } from "vitest";
import { analyseProject } from "../warehouse/analysis/analyse.js";
import { lineageGraph } from "../warehouse/analysis/lineage.js";
import { createTranslator } from "../warehouse/duckdb/translate.js";
import { createAnalyzer } from "../warehouse/googlesql/analyzer.js";
import { compileProject } from "../warehouse/project/compile.js";
import { createFixtureProject } from "../warehouse/project/testing.js";
import { buildSite } from "./build.js";

test("a column is personal by what is declared of it and where it is from, whatever it is called", async () => {
  const fixture = createFixtureProject();
  const analyzer = createAnalyzer();
  try {
    fixture.write(
      "definitions/silver/contacts.sqlx",
      'config { type: "view", schema: "silver", columns: docs.columns("event_id", "email") }\n' +
        `SELECT event_id, JSON_VALUE(payload, "$.email") AS email FROM \${ref("bronze", "website_events")}\n`,
    );
    fixture.write(
      "definitions/gold/people.sqlx",
      `config { type: "table", schema: "gold" }\nSELECT UPPER(c.email) AS shout, TO_HEX(MD5(c.email)) AS digest FROM \${ref("silver", "contacts")} AS c\n`,
    );
    const project = compileProject({ root: fixture.root, vars: { runner: "rollcall" } });
    const analysis = await analyseProject(project, { translator: createTranslator({}, { analyzer }) });
    const { models } = buildSite({ analysis, lineage: lineageGraph(analysis), tests: [], title: "" });
    const marked = models.flatMap(({ id, columns }) =>
      columns.filter(({ isPersonal }) => isPersonal).map(({ name }) => `${id}.${name}`),
    );
    expect(marked).toEqual(["gold.people.shout", "silver.contacts.email"]);
  } finally {
    await analyzer.close();
    fixture.dispose();
  }
});
