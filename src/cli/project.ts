import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";
import { messageOf, RollcallError } from "../platform/errors.js";
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

/** The absolute path of a project's folder. Throws CONFIG_INVALID where there is no `dataform.json`. */
export function projectRoot(folder: string): string {
  const root = resolve(folder);
  if (existsSync(join(root, "dataform.json"))) return root;
  const message = `There is no dataform.json in ${root}: name the project's folder with --project.`;
  throw new RollcallError("CONFIG_INVALID", message, { isRetriable: false });
}

/** The project this Rollcall was installed with, unless `root` says another one. Throws PROJECT_INVALID, naming the file. */
export function openProject(root = resolve(import.meta.dirname, "../..")): Project {
  const read = <T>(path: string, schema: z.ZodType<T>): T => {
    const parsed = schema.safeParse(readJson(root, path));
    if (parsed.success) return parsed.data;
    const problems = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
    throw invalid(`${path} has problems:\n  ${problems.join("\n  ")}`);
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

function readJson(root: string, path: string): unknown {
  try {
    return JSON.parse(readFileSync(join(root, path), "utf8"));
  } catch (cause) {
    throw invalid(`${path} cannot be read as JSON: ${messageOf(cause)}`, cause);
  }
}

function invalid(message: string, cause?: unknown): RollcallError {
  return new RollcallError("PROJECT_INVALID", message, { isRetriable: false, cause });
}
