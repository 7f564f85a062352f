import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { z } from "zod";
import { collectorConfigSchema } from "../../loaders/collector/config.js";
import { messageOf, RollcallError } from "../platform/errors.js";
import { type Home, openHome, refuseMissingHome } from "./home.js";
import { openSecrets, type Secrets } from "./secrets.js";

/**
 * Configuration is read once, all problems are reported together, then it is frozen.
 * A secret comes by environment (`NAME`) or by file (`NAME_FILE`); what is not given is made and kept in the home.
 */
const environmentSchema = z.object({
  ROLLCALL_PORT: z.coerce.number().int().min(0).max(65_535).default(4000),
  ROLLCALL_HOST: z.string().default("127.0.0.1"),
  /** The address webhooks are called at: Twilio signs it. */
  ROLLCALL_PUBLIC_URL: z.url().optional(),
  ROLLCALL_INSTITUTION: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/, "lower-case letters, digits and hyphens")
    .default("campus"),
  ROLLCALL_REGION: z
    .string()
    .regex(/^[A-Z]{2}$/, "two capital letters, as in GB")
    .default("GB"),
  ROLLCALL_LOG_LEVEL: z.enum(["debug", "info", "warn", "error", "silent"]).default("info"),
  /** Where models run: the file in the home, or BigQuery with the credentials Google's clients find. */
  ROLLCALL_WAREHOUSE: z.enum(["duckdb", "bigquery"]).default("duckdb"),
  ROLLCALL_BIGQUERY_PROJECT: z.string().optional(),
  ROLLCALL_BIGQUERY_LOCATION: z.string().optional(),
  /** Another address of the API: a private endpoint. */
  ROLLCALL_BIGQUERY_ENDPOINT: z.url().optional(),
  /** A query that would be billed more fails and costs nothing. Landing itself is billed up to 70 MB. */
  ROLLCALL_BIGQUERY_MAX_BYTES: z.coerce.number().int().min(100_000_000).optional(),
  ROLLCALL_WAREHOUSE_MEMORY: z
    .string()
    .regex(/^\d+(MB|GB)$/, "a size such as 768MB")
    .default("768MB"),
  ROLLCALL_WAREHOUSE_THREADS: z.coerce.number().int().min(1).max(64).default(2),
  /** A file that gets the OpenLineage events of every run. */
  ROLLCALL_OPENLINEAGE: z.string().optional(),
  ROLLCALL_WRITE_KEY_WEBSITE: z.string().min(16).optional(),
  ROLLCALL_WRITE_KEY_MOBILE: z.string().min(16).optional(),
  ROLLCALL_TWILIO_AUTH_TOKEN: z.string().min(16).optional(),
  ROLLCALL_SENDGRID_PUBLIC_KEY: collectorConfigSchema.shape.sendgrid.unwrap().shape.publicKey.optional(),
  ROLLCALL_SALESFORCE_TOKEN: z.string().min(16).optional(),
});

/** Read elsewhere: the command line's default home, and what tests say. */
const OTHER_VARIABLES = ["ROLLCALL_HOME", "ROLLCALL_CRASH_AT", "ROLLCALL_OULAD", "ROLLCALL_LABELLED"];
const KNOWN_VARIABLES = Object.keys(environmentSchema.shape);

export type WarehouseConfig =
  | { readonly kind: "duckdb"; readonly memoryLimit: string; readonly threads: number }
  | {
      readonly kind: "bigquery";
      readonly project: string;
      readonly location: string;
      readonly endpoint: string | null;
      readonly maximumBytesBilled: number | null;
    };

export interface Config {
  readonly home: Home;
  readonly host: string;
  readonly port: number;
  /** Null: where it listens is where it is called. */
  readonly publicUrl: string | null;
  readonly institution: string;
  readonly region: string;
  readonly logLevel: "debug" | "info" | "warn" | "error" | "silent";
  readonly warehouse: WarehouseConfig;
  /** Where the OpenLineage events of every run go; null: nowhere. */
  readonly openlineage: string | null;
  readonly secrets: Secrets;
}

/** Replaces `NAME_FILE=path` by `NAME=content`. A name that nobody reads is a problem: it is a misspelled one. */
function withFiles(environment: NodeJS.ProcessEnv, problems: string[]): Record<string, string | undefined> {
  const values: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (!name.startsWith("ROLLCALL_") || value === undefined || value === "") continue;
    if (OTHER_VARIABLES.includes(name)) continue;
    if (!KNOWN_VARIABLES.includes(name.replace(/_FILE$/, ""))) {
      problems.push(`${name}: no such variable. There are ${KNOWN_VARIABLES.join(", ")}, each also as NAME_FILE`);
      continue;
    }
    if (!name.endsWith("_FILE")) {
      values[name] = value;
      continue;
    }
    try {
      values[name.slice(0, -"_FILE".length)] = readFileSync(value, "utf8").trim();
    } catch (error) {
      problems.push(`${name}: ${messageOf(error)}`);
    }
  }
  return values;
}

function warehouseConfig(env: z.infer<typeof environmentSchema>): WarehouseConfig {
  if (env.ROLLCALL_WAREHOUSE === "duckdb") {
    return { kind: "duckdb", memoryLimit: env.ROLLCALL_WAREHOUSE_MEMORY, threads: env.ROLLCALL_WAREHOUSE_THREADS };
  }
  const { ROLLCALL_BIGQUERY_PROJECT: project, ROLLCALL_BIGQUERY_LOCATION: location } = env;
  if (project === undefined || location === undefined) {
    throw new RollcallError(
      "CONFIG_INVALID",
      "ROLLCALL_WAREHOUSE=bigquery needs ROLLCALL_BIGQUERY_PROJECT and ROLLCALL_BIGQUERY_LOCATION (see docs/bigquery.md).",
      { isRetriable: false },
    );
  }
  return {
    kind: "bigquery",
    project,
    location,
    endpoint: env.ROLLCALL_BIGQUERY_ENDPOINT ?? null,
    maximumBytesBilled: env.ROLLCALL_BIGQUERY_MAX_BYTES ?? null,
  };
}

export interface ReadOptions {
  readonly home: string;
  readonly port?: number;
  /** What is asked lies in the warehouse: without a home there is none, unless it is in BigQuery. */
  readonly needsWarehouse?: boolean;
}

/** Makes the home if it is missing and may be. */
export function readConfig(environment: NodeJS.ProcessEnv, options: ReadOptions): Config {
  const problems: string[] = [];
  const parsed = environmentSchema.safeParse(withFiles(environment, problems));
  if (!parsed.success) {
    for (const issue of parsed.error.issues) problems.push(`${issue.path.join(".")}: ${issue.message}`);
  }
  if (!parsed.success || problems.length > 0) {
    throw new RollcallError("CONFIG_INVALID", `The configuration has problems:\n  ${problems.join("\n  ")}`, {
      isRetriable: false,
    });
  }
  const env = parsed.data;
  const warehouse = warehouseConfig(env);
  if (options.needsWarehouse === true && warehouse.kind === "duckdb") refuseMissingHome(options.home);
  const home = openHome(options.home);
  const kept = openSecrets(home.secrets);
  const port = options.port ?? env.ROLLCALL_PORT;
  return Object.freeze({
    home,
    host: env.ROLLCALL_HOST,
    port,
    publicUrl: env.ROLLCALL_PUBLIC_URL ?? null,
    institution: env.ROLLCALL_INSTITUTION,
    region: env.ROLLCALL_REGION,
    logLevel: env.ROLLCALL_LOG_LEVEL,
    warehouse,
    openlineage: env.ROLLCALL_OPENLINEAGE === undefined ? null : resolve(env.ROLLCALL_OPENLINEAGE),
    secrets: {
      ...kept,
      writeKeys: {
        website: env.ROLLCALL_WRITE_KEY_WEBSITE ?? kept.writeKeys.website,
        mobile: env.ROLLCALL_WRITE_KEY_MOBILE ?? kept.writeKeys.mobile,
      },
      twilioAuthToken: env.ROLLCALL_TWILIO_AUTH_TOKEN ?? kept.twilioAuthToken,
      sendgridPublicKey: env.ROLLCALL_SENDGRID_PUBLIC_KEY ?? kept.sendgridPublicKey,
      salesforceToken: env.ROLLCALL_SALESFORCE_TOKEN ?? kept.salesforceToken,
    },
  });
}
