import { readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { messageOf, RollcallError } from "../../platform/errors.js";
import type { TableShape } from "./ops-tables.js";

const bronzeJson = z.object({
  tables: z.record(z.string(), z.object({ columns: z.string() })),
  columns: z.record(z.string(), z.array(z.object({ name: z.string(), type: z.string() }))),
});

/** The bronze tables of the project, from the list its declarations read too. Throws PROJECT_INVALID. */
export function readBronzeTables(root: string): TableShape[] {
  const file = path.join(root, "includes", "bronze.json");
  try {
    const bronze = bronzeJson.parse(JSON.parse(readFileSync(file, "utf8")));
    return Object.entries(bronze.tables).map(([table, { columns: shape }]) => {
      const columns = bronze.columns[shape];
      if (columns === undefined) throw new Error(`${table} names the column list "${shape}", which is not there`);
      return { dataset: "bronze", table, columns: columns.map(({ name, type }) => ({ name, type })) };
    });
  } catch (error) {
    throw new RollcallError("PROJECT_INVALID", `${file}: ${messageOf(error)}`, { isRetriable: false, cause: error });
  }
}
