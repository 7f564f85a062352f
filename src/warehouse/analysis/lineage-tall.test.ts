import { describe, expect, test } from "vitest";
import { type LineageGraph, lineageGraph, partText, rowsText } from "./lineage.js";
import { findPart } from "./lineage-names.js";
import { analyseMade, type MadeProject } from "./lineage-testing.js";
import { type Direction, reach } from "./lineage-walk.js";
import { personalColumns } from "./personal.js";

const BRONZE = {
  people: { id: "STRING", email: "STRING", phone: "STRING", kind: "STRING", note: "STRING" },
  others: { id: "STRING", email: "STRING" },
};
/** Rows (id, field, value): one of each field a person has. */
const TALL = `SELECT id, "email" AS field, email AS value FROM bronze.people
  UNION ALL SELECT id, "phone", phone FROM bronze.people`;

async function graphOf(models: MadeProject["models"]): Promise<LineageGraph> {
  return lineageGraph(await analyseMade({ bronze: BRONZE, models }));
}

/** Bronze columns whose values reach the part, or that its values reach. */
function ends(graph: LineageGraph, name: string, direction: Direction = "up"): string[] {
  const { part } = findPart(graph, name);
  if (part === null) throw new Error(`${name} is a table`);
  return reach(graph, part, direction, { flows: ["copy", "derive"] })
    .filter(({ isEnd }) => isEnd)
    .map((one) => partText(one.part).replace("bronze.people.", ""))
    .sort();
}

/** Where `x` of a query over silver.tall AS t comes from. */
async function origins(query: string, tall = TALL): Promise<string[]> {
  return ends(await graphOf({ "silver.tall": tall, "gold.wide": query }), "gold.wide.x");
}

const BOTH = ["email", "phone"];

describe("a pivot of a tall table has the sources of its key", () => {
  test.each([
    ['MAX(IF(t.field = "email", t.value, NULL)) AS x FROM silver.tall AS t'],
    ['MAX(CASE t.field WHEN "email" THEN t.value END) AS x FROM silver.tall AS t'],
    ['MAX(CASE WHEN t.field = "phone" THEN NULL ELSE t.value END) AS x FROM silver.tall AS t'],
    ['MAX(t.value) AS x FROM silver.tall AS t WHERE t.field IN ("email", "mail")'],
    ['MAX(t.value) AS x FROM silver.tall AS t WHERE NOT (t.field = "phone" OR t.field IS NULL)'],
    ['MAX(t.value) AS x FROM silver.tall AS t WHERE IFNULL(t.field, "none") = "email" AND "email" = t.field'],
    ['t.value AS x FROM silver.tall AS t QUALIFY ROW_NUMBER() OVER (ORDER BY t.id) = 1 AND t.field = "email"'],
    ['t.value AS x FROM bronze.others AS o LEFT JOIN silver.tall AS t ON t.id = o.id AND t.field = "email"'],
    [
      'w.v AS x FROM (SELECT field AS f, ANY_VALUE(value) AS v FROM silver.tall GROUP BY field) AS w WHERE w.f = "email"',
    ],
    [
      'w.v AS x FROM (SELECT field AS f, LAG(value) OVER (PARTITION BY field ORDER BY id) AS v FROM silver.tall) AS w WHERE w.f = "email"',
    ],
    [
      'w.v AS x FROM (SELECT field AS f, value AS v FROM silver.tall UNION ALL SELECT "none", note FROM bronze.people) AS w WHERE w.f = "email"',
    ],
    [
      "s.v AS x FROM (SELECT ARRAY_AGG(STRUCT(t.field AS f, t.value AS v)) AS list FROM (" +
        TALL +
        ') AS t) AS w, UNNEST(w.list) AS s WHERE s.f = "email"',
    ],
    [
      '(SELECT MAX(t.value) FROM silver.tall AS t WHERE t.id = p.id AND t.field = "email") AS x FROM bronze.people AS p',
    ],
    [
      'w.value AS x FROM (WITH one AS (SELECT * FROM silver.tall) SELECT a.field, a.value FROM one AS a JOIN one AS b USING (id)) AS w WHERE w.field = "email"',
    ],
  ])("SELECT %s", async (query) => {
    expect(await origins(`SELECT ${query}`)).toEqual(["email"]);
  });
});

describe("nothing is left out where the key says too little", () => {
  test.each([
    ["changed before it is compared", 'MAX(IF(UPPER(t.field) = "EMAIL", t.value, NULL)) AS x FROM silver.tall AS t'],
    [
      "changed on the way",
      'w.v AS x FROM (SELECT LOWER(field) AS f, value AS v FROM silver.tall) AS w WHERE w.f = "email"',
    ],
    ["another column", "MAX(IF(t.field = t.id, t.value, NULL)) AS x FROM silver.tall AS t"],
    ["one of two", 'MAX(IF(t.field = "email" OR t.id = "1", t.value, NULL)) AS x FROM silver.tall AS t'],
    ["negated", 'MAX(IF(NOT (t.field = "email" AND t.id = "1"), t.value, NULL)) AS x FROM silver.tall AS t'],
    ["what it is not", 'MAX(IF(t.field != "fax", t.value, NULL)) AS x FROM silver.tall AS t'],
    ["left to ELSE", 'MAX(CASE WHEN t.field = "email" THEN t.value ELSE t.value END) AS x FROM silver.tall AS t'],
    ["a parameter's", "MAX(IF(t.field = @run_id, t.value, NULL)) AS x FROM silver.tall AS t"],
    [
      "null or another",
      't.value AS x FROM silver.tall AS t WHERE (t.field = "email") IS NOT TRUE OR t.field IS NULL OR t.field = "email"',
    ],
    [
      "of the row before",
      'w.v AS x FROM (SELECT field AS f, LAG(value) OVER (ORDER BY id) AS v FROM silver.tall) AS w WHERE w.f = "email"',
    ],
    [
      "of another row of the group",
      'w.v AS x FROM (SELECT MAX(field) AS f, MAX(value) AS v FROM silver.tall GROUP BY id) AS w WHERE w.f = "email"',
    ],
    [
      "of the totals",
      'w.v AS x FROM (SELECT field AS f, MAX(value) AS v FROM silver.tall GROUP BY ROLLUP(field)) AS w WHERE w.f IS NULL OR w.f = "email"',
    ],
    [
      "of another copy of the table",
      'b.value AS x FROM silver.tall AS a JOIN silver.tall AS b ON b.id = a.id WHERE a.field = "email"',
    ],
    [
      "of another copy of a query",
      'b.value AS x FROM (SELECT 1), (WITH q AS (SELECT * FROM silver.tall) SELECT d.value FROM q AS c JOIN q AS d ON c.id = d.id WHERE c.field = "email") AS b',
    ],
    [
      "of the optional side only",
      't.value AS x FROM silver.tall AS t LEFT JOIN bronze.others AS o ON o.id = t.id AND t.field = "email"',
    ],
    [
      "of rows that are not there",
      't.value AS x FROM silver.tall AS t FULL JOIN bronze.others AS o ON o.id = t.id AND t.field = "email"',
    ],
    [
      "given by a join to NULL",
      'IF(w.k IS NULL, t.value, NULL) AS x FROM silver.tall AS t LEFT JOIN (SELECT id, "email" AS k FROM bronze.others) AS w ON w.id = t.id',
    ],
  ])("%s", async (_, query) => {
    expect(await origins(`SELECT ${query}`)).toEqual(BOTH);
  });

  test("a key in other letters is another key, which no row has", async () => {
    const query = 'SELECT MAX(IF(t.field = "Email", t.value, NULL)) AS x FROM silver.tall AS t';
    expect(await origins(query)).toEqual(["silver.tall.value"]);
  });

  test.each([
    ["SELECT COUNT(*) FROM bronze.others AS o WHERE o.id = t.id AND t.field = 'email'"],
    ["SELECT s.f FROM (SELECT t.field AS f) AS s WHERE s.f = 'email'"],
  ])("a filter inside a subquery says nothing outside of it: %s", async (subquery) => {
    const query = `SELECT (${subquery}) AS n, IF(t.field = "phone", t.value, NULL) AS x FROM silver.tall AS t`;
    expect(await origins(query)).toEqual(["phone"]);
  });
});

describe("a tall table", () => {
  const READ = 'SELECT MAX(IF(t.field = "email", t.value, NULL)) AS x FROM silver.tall AS t';

  test("may be written by an array of structs", async () => {
    const tall = `SELECT p.id, f.field, f.value FROM bronze.people AS p, UNNEST([
      STRUCT("email" AS field, p.email AS value), STRUCT("phone", p.phone), STRUCT(p.kind, p.note)]) AS f`;
    // A computed key may be any.
    expect(await origins(READ, tall)).toEqual(["email", "note"]);
  });

  test("may have keys out of a CASE of literals", async () => {
    const tall = `SELECT id, CASE kind WHEN "a" THEN "email" ELSE "mail" END AS field, email AS value FROM bronze.people
      UNION ALL SELECT id, IF(kind = "a", "phone", "fax"), phone FROM bronze.people
      UNION ALL SELECT id, CASE kind WHEN "a" THEN "phone" ELSE kind END, note FROM bronze.people`;
    expect(await origins(READ, tall)).toEqual(["email", "note"]);
  });

  test("keeps its keys through tables that pass them on, under other names too", async () => {
    const graph = await graphOf({
      "silver.tall": TALL,
      "silver.renamed": "SELECT id, field AS trait, value AS text FROM silver.tall",
      "silver.translated": 'SELECT id, trait, IF(trait = "phone", UPPER(text), text) AS text FROM silver.renamed',
      "gold.wide":
        'SELECT MAX(IF(trait = "email", text, NULL)) AS e, MAX(IF(trait = "phone", text, NULL)) AS p FROM silver.translated',
    });
    expect(ends(graph, "gold.wide.e")).toEqual(["email"]);
    expect(ends(graph, "gold.wide.p")).toEqual(["phone"]);
    expect(ends(graph, "bronze.people.email", "down")).toEqual(["gold.wide.e"]);
    expect(ends(graph, "bronze.people.phone", "down")).toEqual(["gold.wide.p"]);
    const step = graph.sourcesOf({ table: "gold.wide", column: "p", path: [] });
    expect(step.map(({ part, flow }) => [flow, part.where])).toContainEqual(["copy", { trait: { in: ["phone"] } }]);
  });

  test("is looked at again for other rows of it", async () => {
    const graph = await graphOf({
      "silver.tall": `${TALL} UNION ALL SELECT id, "note", note FROM bronze.people`,
      "gold.mails": 'SELECT value FROM silver.tall WHERE field = "email"',
      "gold.phones": 'SELECT value FROM silver.tall WHERE field = "phone"',
      "gold.wide": "SELECT COALESCE(m.value, p.value) AS x FROM gold.mails AS m CROSS JOIN gold.phones AS p",
    });
    expect(ends(graph, "gold.wide.x")).toEqual(BOTH);
    const tall = reach(graph, { table: "gold.wide", column: "x", path: [] }, "up").find(
      ({ part }) => part.table === "silver.tall" && part.column === "value",
    );
    expect(tall?.part.where).toEqual({ field: { in: BOTH } });
    expect(rowsText(tall?.part ?? { table: "", column: "", path: [] })).toBe("field in (email, phone)");
  });

  test("keeps them through temporary tables", async () => {
    const script = (change: string): MadeProject["models"] => ({
      "gold.wide": {
        kind: "operations",
        statements: [
          `CREATE TEMP TABLE tall AS ${TALL}; ${change}
           CREATE TEMP TABLE passed AS SELECT field AS f, value AS v FROM tall;
           CREATE TABLE gold.wide AS SELECT MAX(IF(f = "email", v, NULL)) AS x FROM passed`,
        ],
      },
    });
    expect(ends(await graphOf(script("")), "gold.wide.x")).toEqual(["email"]);
    const rewritten = script('UPDATE tall SET field = REPLACE(field, "phone", "email") WHERE TRUE;');
    expect(ends(await graphOf(rewritten), "gold.wide.x")).toEqual(BOTH);
  });

  test("loses them when some statement gives rows that stay another key", async () => {
    const write = (change: string): MadeProject["models"] => ({
      "silver.tall": TALL,
      "silver.changes": { kind: "operations", statements: [change] },
      "gold.wide": READ,
    });
    const insert = 'INSERT INTO silver.tall (id, field, value) SELECT id, "email", note FROM bronze.people';
    expect(ends(await graphOf(write(insert)), "gold.wide.x")).toEqual(["email", "note"]);
    const update = 'UPDATE silver.tall SET field = "email" WHERE field = "phone"';
    expect(ends(await graphOf(write(update)), "gold.wide.x")).toEqual(BOTH);
    const merge = `MERGE INTO silver.tall AS t USING bronze.people AS p ON p.id = t.id
      WHEN MATCHED THEN UPDATE SET field = p.kind WHEN NOT MATCHED THEN INSERT (id, field, value) VALUES (p.id, "fax", p.note)`;
    expect(ends(await graphOf(write(merge)), "gold.wide.x")).toEqual(["email", "note", "phone"]);
  });

  test("keeps the branches of a MERGE apart", async () => {
    const graph = await graphOf({
      "silver.source": 'SELECT id, "email" AS a, "phone" AS b, note AS value FROM bronze.people',
      "silver.tall": "SELECT id, field, value FROM (SELECT id, 'none' AS field, phone AS value FROM bronze.people)",
      "silver.merged": {
        kind: "operations",
        statements: [
          `MERGE INTO silver.tall AS t USING silver.source AS s ON FALSE
           WHEN NOT MATCHED AND s.id = "1" THEN INSERT (id, field, value) VALUES (s.id, s.a, s.value)
           WHEN NOT MATCHED THEN INSERT (id, field, value) VALUES (s.id, s.b, s.value)`,
        ],
      },
      "gold.wide": 'SELECT MAX(IF(field = "phone", value, NULL)) AS x FROM silver.tall',
    });
    expect(ends(graph, "gold.wide.x")).toEqual(["note"]);
  });

  test("keeps them where a MERGE makes whole rows anew", async () => {
    const graph = await graphOf({
      "silver.tall": { kind: "incremental", sql: TALL, incrementalSql: TALL, uniqueKey: ["id", "field"] },
      "gold.wide": READ,
    });
    expect(ends(graph, "gold.wide.x")).toEqual(["email"]);
  });

  test("is personal where a personal value gets to, and nowhere else", async () => {
    const analysis = await analyseMade({
      bronze: BRONZE,
      models: {
        "silver.tall":
          'SELECT id, "email" AS field, email AS value FROM bronze.people UNION ALL SELECT id, "kind", kind FROM bronze.people',
        "gold.wide": `SELECT MAX(IF(field = "email", value, NULL)) AS address, MAX(IF(field = "kind", value, NULL)) AS kind,
          MAX(IF(field = id, value, NULL)) AS any_value FROM silver.tall`,
      },
      tags: { "bronze.people.email": ["personal"] },
    });
    const personal = personalColumns(analysis);
    expect([...personal.keys()]).toEqual([
      "bronze.people.email",
      "silver.tall.value",
      "gold.wide.address",
      "gold.wide.any_value",
    ]);
    expect(personal.get("silver.tall.value")?.parts).toEqual([[]]);
  });
});
