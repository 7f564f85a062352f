import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";
import { RollcallError } from "../platform/errors.js";
import { type ColumnDictionary, personalColumns } from "../privacy/mask.js";

/** The Dataform project this Rollcall runs: the folder with `dataform.json`, and what of its data files the product reads. */
export interface Project {
  readonly root: string;
  readonly version: string;
  readonly segments: readonly { readonly name: string; readonly description: string }[];
  readonly personalColumns: ReadonlySet<string>;
}

const segmentsSchema = z.object({
  segments: z.record(z.string(), z.looseObject({ description: z.string() })),
});
const columnsSchema = z.record(z.string(), z.looseObject({ personal: z.boolean().optional() }));
const bronzeSchema = z.object({
  columns: z.record(z.string(), z.array(z.looseObject({ name: z.string(), personal: z.boolean().optional() }))),
});

export function openProject(): Project {
  const root = resolve(import.meta.dirname, "../..");
  const read = <T>(path: string, schema: z.ZodType<T>): T => {
    const parsed = schema.safeParse(JSON.parse(readFileSync(join(root, path), "utf8")));
    if (parsed.success) return parsed.data;
    const problems = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
    throw new RollcallError("PROJECT_INVALID", `${path} has problems:\n  ${problems.join("\n  ")}`, {
      isRetriable: false,
    });
  };
  const { segments } = read("includes/segments.json", segmentsSchema);
  const dictionary = read("includes/columns.json", columnsSchema) as ColumnDictionary;
  const bronze = read("includes/bronze.json", bronzeSchema) as Parameters<typeof personalColumns>[1];
  return {
    root,
    version: read("package.json", z.looseObject({ version: z.string() })).version,
    segments: Object.entries(segments).map(([name, { description }]) => ({ name, description })),
    personalColumns: personalColumns(dictionary, bronze),
  };
}
