import { createHash } from "node:crypto";
import { appendFile } from "node:fs/promises";
import type { Micros } from "../../platform/clock.js";
import type { Flow } from "../googlesql/lineage.js";
import type { Column, TableName } from "../port.js";
import type { Action, CompiledProject } from "../project/action.js";
import { createInputs } from "../project/inputs.js";
import type { RunEvent, RunListener } from "./events.js";
import type { PlannedScript } from "./plan.js";
import { failureOf, rowsWritten, type ScriptReport } from "./results.js";

/**
 * OpenLineage events of runs, appended to a file as JSON lines: one job per model and one for the run above them, each
 * with START and one of COMPLETE, FAIL and ABORT. Models whose statements did not run tell nothing.
 *
 * After the specification 2-0-2 (https://openlineage.io/spec/2-0-2/OpenLineage.json) and its facets, by the versions
 * named here.
 */
export interface OpenLineageConfig {
  readonly file: string;
  /** Where jobs live. */
  readonly jobNamespace: string;
  /** Where tables live: `bigquery`, or what names the DuckDB file. */
  readonly datasetNamespace: string;
  /** A URI of the program that says so. */
  readonly producer: string;
}

export interface ColumnOrigin {
  readonly column: string;
  readonly sources: readonly { readonly table: string; readonly column: string; readonly flow: Flow }[];
}

export interface OpenLineageDeps {
  readonly warehouse: { schema(table: TableName): Promise<readonly Column[] | null> };
  readonly project: CompiledProject;
  /** What the columns of a table or view are made of. Without it, or when it does not know, the facet is left out. */
  readonly columnLineage?: ((id: string) => Promise<readonly ColumnOrigin[] | null>) | undefined;
}

export const RUN_EVENT_SCHEMA = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent";
const FACETS = {
  parent: "1-0-1/ParentRunFacet",
  errorMessage: "1-0-1/ErrorMessageRunFacet",
  jobType: "2-0-3/JobTypeJobFacet",
  schema: "1-1-1/SchemaDatasetFacet",
  columnLineage: "1-2-0/ColumnLineageDatasetFacet",
  outputStatistics: "1-0-2/OutputStatisticsOutputDatasetFacet",
} as const;
/** `copy` keeps the value, `derive` and `digest` make another of it, `decide` only chooses. */
const TRANSFORMATIONS = {
  copy: { type: "DIRECT", subtype: "IDENTITY", masking: false },
  derive: { type: "DIRECT", subtype: "TRANSFORMATION", masking: false },
  digest: { type: "DIRECT", subtype: "TRANSFORMATION", masking: true },
  decide: { type: "INDIRECT", subtype: "CONDITIONAL", masking: false },
} as const;

type EventType = "START" | "COMPLETE" | "FAIL" | "ABORT";
type Facet = Readonly<Record<string, unknown>>;

interface Event {
  readonly eventType: EventType;
  readonly at: Micros;
  readonly run: { readonly name: string; readonly facets: Readonly<Record<string, Facet>> };
  readonly job: { readonly name: string; readonly type: "DAG" | "MODEL" };
  readonly inputs?: readonly unknown[];
  readonly outputs?: readonly unknown[];
}

/** A listener of runs that writes their events. It throws when the file cannot be written. */
export function createOpenLineage(config: OpenLineageConfig, deps: OpenLineageDeps): RunListener {
  const { jobNamespace, datasetNamespace, producer } = config;
  const { byId } = deps.project;
  const reads = createInputs(deps.project);
  let runId = "";
  let kind = "";

  const facet = (name: keyof typeof FACETS, content: Facet): Readonly<Record<string, Facet>> => {
    const [version, schema] = FACETS[name].split("/");
    const schemaURL = `https://openlineage.io/spec/facets/${version}/${schema}.json#/$defs/${schema}`;
    return { [name]: { _producer: producer, _schemaURL: schemaURL, ...content } };
  };

  const datasetOf = (id: string): { readonly namespace: string; readonly name: string } => ({
    namespace: datasetNamespace,
    name: (byId.get(id)?.sqlName ?? id).replaceAll("`", ""),
  });

  async function schemaOf(id: string): Promise<Readonly<Record<string, Facet>>> {
    const [dataset = "", table = ""] = id.split(".");
    const columns = await deps.warehouse.schema({ dataset, table });
    return columns === null ? {} : facet("schema", { fields: columns.map(({ name, type }) => ({ name, type })) });
  }

  async function columnsOf(id: string): Promise<Readonly<Record<string, Facet>>> {
    const columns = (await deps.columnLineage?.(id)) ?? null;
    if (columns === null) return {};
    const fields = columns.map(({ column: name, sources }) => {
      const inputFields = sources
        .filter(({ table }) => byId.has(table))
        .map(({ table, column, flow }) => ({
          ...datasetOf(table),
          field: column,
          transformations: [TRANSFORMATIONS[flow]],
        }));
      return [name, { inputFields }];
    });
    return facet("columnLineage", { fields: Object.fromEntries(fields) });
  }

  async function inputsOf(action: Action): Promise<unknown[]> {
    const tables = reads.tables(action);
    return Promise.all(tables.map(async (id) => ({ ...datasetOf(id), facets: await schemaOf(id) })));
  }

  /** Rows written are told of the model's own table: what operations write where is not counted apart. */
  async function outputsOf(action: Action, rows: number | null): Promise<unknown[]> {
    return Promise.all(
      reads.writes(action).map(async (id) => {
        const facets = { ...(await schemaOf(id)), ...(await columnsOf(id)) };
        const counted = id === action.id && rows !== null;
        return {
          ...datasetOf(id),
          facets,
          ...(counted && { outputFacets: facet("outputStatistics", { rowCount: rows }) }),
        };
      }),
    );
  }

  async function write(events: readonly Event[]): Promise<void> {
    const lines = events.map(({ eventType, at, run, job, inputs = [], outputs = [] }) =>
      JSON.stringify({
        eventType,
        eventTime: new Date(at / 1000).toISOString(),
        run: { runId: uuidOf(run.name), facets: run.facets },
        job: {
          namespace: jobNamespace,
          name: job.name,
          facets: facet("jobType", { processingType: "BATCH", integration: "ROLLCALL", jobType: job.type }),
        },
        inputs,
        outputs,
        producer,
        schemaURL: RUN_EVENT_SCHEMA,
      }),
    );
    if (lines.length > 0) await appendFile(config.file, `${lines.join("\n")}\n`);
  }

  const runJob = (): Event["job"] => ({ name: `rollcall.${kind}`, type: "DAG" });
  const errorFacet = (message: string) => facet("errorMessage", { message, programmingLanguage: "SQL" });

  function modelEvent(action: Action, planned: PlannedScript, eventType: EventType, at: Micros): Event {
    // A model can run twice in a run: to catch up, then in the cycle.
    const name = `${runId}/${action.id}/${planned.windowFrom}`;
    const parent = { run: { runId: uuidOf(runId) }, job: { namespace: jobNamespace, name: runJob().name } };
    return { eventType, at, run: { name, facets: facet("parent", parent) }, job: { name: action.id, type: "MODEL" } };
  }

  async function completed(planned: PlannedScript, report: ScriptReport, at: Micros): Promise<Event[]> {
    return Promise.all(
      planned.steps.map(async (step) => {
        const { action } = step;
        const outcome = report.actions.find(({ id }) => id === action.id);
        const [inputs, outputs] = await Promise.all([inputsOf(action), outputsOf(action, rowsWritten(step, outcome))]);
        return { ...modelEvent(action, planned, "COMPLETE", at), inputs, outputs };
      }),
    );
  }

  return async (event: RunEvent) => {
    const { at } = event;
    switch (event.type) {
      case "run_started":
        runId = event.runId;
        kind = event.kind;
        return write([{ eventType: "START", at, run: { name: runId, facets: {} }, job: runJob() }]);
      case "script_started":
        return write(
          event.planned.steps.map(({ action }) => ({
            ...modelEvent(action, event.planned, "START", at),
            inputs: reads.tables(action).map(datasetOf),
            outputs: reads.writes(action).map(datasetOf),
          })),
        );
      case "script_finished":
        return write(await completed(event.planned, event.report, at));
      case "script_failed": {
        const { message } = failureOf(event.error);
        return write(
          event.planned.steps.map(({ action }) => {
            const failed = modelEvent(action, event.planned, "FAIL", at);
            return { ...failed, run: { ...failed.run, facets: { ...failed.run.facets, ...errorFacet(message) } } };
          }),
        );
      }
      case "run_finished": {
        const { error } = event.record;
        const eventType = error === null ? "COMPLETE" : error.code === "CANCELLED" ? "ABORT" : "FAIL";
        const facets = error === null ? {} : errorFacet(error.message);
        return write([{ eventType, at, run: { name: runId, facets }, job: runJob() }]);
      }
    }
  };
}

/** The same name gives the same id: a UUID of version 8 (RFC 9562), whose bits are a hash. */
function uuidOf(name: string): string {
  const hex = createHash("sha256").update(`rollcall/${name}`).digest("hex");
  const variant = (8 + (Number.parseInt(hex[16] ?? "0", 16) % 4)).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
