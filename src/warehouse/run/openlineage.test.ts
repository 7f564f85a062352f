import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createOpenLineage, type OpenLineageDeps, RUN_EVENT_SCHEMA } from "./openlineage.js";
import type { Runner } from "./run.js";
import { endOf, useRunScene } from "./testing-run.js";

/**
 * What the specification (2-0-2) and the schemas of the facets require of an event: fields, their types, and that every
 * facet says who made it after which schema. Formats are checked by pattern.
 */
const facet = (name: string, required: readonly string[] = [], properties: object = {}): object => ({
  type: "object",
  required: ["_producer", "_schemaURL", ...required],
  properties: {
    _producer: { $ref: "#/$defs/uri" },
    _schemaURL: { pattern: `^https://openlineage\\.io/spec/facets/\\d-\\d-\\d/${name}\\.json#/\\$defs/${name}$` },
    ...properties,
  },
});
const named = { type: "object", required: ["namespace", "name"], properties: { namespace: { $ref: "#/$defs/text" } } };
const SPECIFICATION = {
  $defs: {
    text: { type: "string", minLength: 1 },
    uri: { type: "string", pattern: "^[a-z][a-z0-9+.-]*:\\S+$" },
    uuid: { type: "string", pattern: "^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$" },
    dataset: {
      ...named,
      properties: {
        facets: {
          properties: {
            schema: facet("SchemaDatasetFacet", ["fields"], {
              fields: { type: "array", items: { required: ["name", "type"] } },
            }),
            columnLineage: facet("ColumnLineageDatasetFacet", ["fields"], {
              fields: {
                additionalProperties: {
                  required: ["inputFields"],
                  properties: { inputFields: { items: { ...named, required: ["namespace", "name", "field"] } } },
                },
              },
            }),
          },
          additionalProperties: false,
        },
        outputFacets: {
          properties: {
            outputStatistics: facet("OutputStatisticsOutputDatasetFacet", [], { rowCount: { type: "integer" } }),
          },
          additionalProperties: false,
        },
      },
    },
  },
  type: "object",
  required: ["eventType", "eventTime", "producer", "schemaURL", "run", "job", "inputs", "outputs"],
  properties: {
    eventType: { enum: ["START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"] },
    eventTime: { pattern: "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$" },
    producer: { $ref: "#/$defs/uri" },
    schemaURL: { const: RUN_EVENT_SCHEMA },
    run: {
      required: ["runId"],
      properties: {
        runId: { $ref: "#/$defs/uuid" },
        facets: {
          properties: {
            parent: facet("ParentRunFacet", ["run", "job"], {
              run: { required: ["runId"], properties: { runId: { $ref: "#/$defs/uuid" } } },
              job: named,
            }),
            errorMessage: facet("ErrorMessageRunFacet", ["message", "programmingLanguage"]),
          },
          additionalProperties: false,
        },
      },
    },
    job: {
      ...named,
      properties: {
        facets: {
          properties: { jobType: facet("JobTypeJobFacet", ["processingType", "integration"]) },
          additionalProperties: false,
        },
      },
    },
    inputs: { type: "array", items: { $ref: "#/$defs/dataset" } },
    outputs: { type: "array", items: { $ref: "#/$defs/dataset" } },
  },
};
const isValid = new Ajv2020({ strict: false, allErrors: true }).compile(SPECIFICATION);

interface Dataset {
  readonly name: string;
  readonly facets?: Readonly<Record<string, { readonly fields: unknown }>>;
  readonly outputFacets?: { readonly outputStatistics: { readonly rowCount: number } };
}
interface LineageEvent {
  readonly eventType: string;
  readonly run: {
    readonly runId: string;
    readonly facets: { readonly parent?: { readonly run: { readonly runId: string } } };
  };
  readonly job: { readonly name: string };
  readonly inputs: readonly Dataset[];
  readonly outputs: readonly Dataset[];
}

const scene = useRunScene();
let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "rollcall-lineage-"));
  file = path.join(folder, "events.jsonl");
});
afterEach(() => rmSync(folder, { recursive: true }));

function listenerOf(runner: Runner, columnLineage?: OpenLineageDeps["columnLineage"]) {
  const namespaces = { jobNamespace: "rollcall", datasetNamespace: "bigquery", producer: "urn:rollcall:0.1.0" };
  return createOpenLineage(
    { file, ...namespaces },
    { warehouse: scene.warehouse, project: runner.project, columnLineage },
  );
}

/** Every event in the file, each of them valid. */
function written(): LineageEvent[] {
  const events = readFileSync(file, "utf8").trimEnd().split("\n");
  return events.map((line): LineageEvent => {
    const event: unknown = JSON.parse(line);
    expect(isValid(event), JSON.stringify(isValid.errors)).toBe(true);
    return event as LineageEvent;
  });
}

describe("OpenLineage events", () => {
  it("tell each model of a cycle once as started and once as complete, under its run, with what it read and wrote", async () => {
    await scene.land(0, [{ id: "e1" }, { id: "e2" }]);
    const runner = scene.runnerOf();
    const listener = listenerOf(runner, async (id) =>
      id === "silver.events"
        ? [{ column: "node_id", sources: [{ table: "bronze.website_events", column: "payload", flow: "derive" }] }]
        : null,
    );
    await runner.runCycle({ windowTo: endOf(0), listeners: [listener] });
    const events = written();
    const [first, last] = [events[0], events.at(-1)];
    expect([first?.eventType, first?.job.name, last?.eventType, last?.job.name]).toEqual([
      "START",
      "rollcall.cycle",
      "COMPLETE",
      "rollcall.cycle",
    ]);
    const jobs = [
      "activation.act_profiles__totals",
      "gold.totals",
      "identity.graph_events",
      "identity.grow",
      "rollcall.cycle",
      "silver.events",
      "silver.identity_days",
      "silver.purchases",
    ];
    for (const type of ["START", "COMPLETE"]) {
      expect(
        events
          .filter(({ eventType }) => eventType === type)
          .map(({ job }) => job.name)
          .sort(),
      ).toEqual(jobs);
    }
    expect(new Set(events.map(({ run }) => run.runId)).size).toBe(jobs.length);
    for (const event of events.slice(1, -1)) expect(event.run.facets.parent?.run.runId).toBe(first?.run.runId);
    const done = (name: string) => events.find(({ eventType, job }) => eventType === "COMPLETE" && job.name === name);
    const made = done("silver.events");
    expect(made?.inputs.map(({ name }) => name)).toEqual(["rollcall.bronze.website_events"]);
    expect(made?.outputs.map(({ name }) => name)).toEqual(["rollcall.silver.events"]);
    expect(made?.outputs[0]?.facets?.schema?.fields).toContainEqual({ name: "value", type: "FLOAT64" });
    expect(made?.outputs[0]?.facets?.columnLineage?.fields).toEqual({
      node_id: {
        inputFields: [
          {
            namespace: "bigquery",
            name: "rollcall.bronze.website_events",
            field: "payload",
            transformations: [{ type: "DIRECT", subtype: "TRANSFORMATION", masking: false }],
          },
        ],
      },
    });
    // Operations own no table of their name: what they write is what their statements write.
    expect(done("identity.grow")?.outputs.map(({ name }) => name)).toEqual(["rollcall.identity.nodes"]);
  });

  it("count the rows a cycle wrote, and tell nothing of models that were left out", async () => {
    const runner = scene.runnerOf();
    await scene.land(0, [{ id: "e1" }]);
    await runner.runCycle({ windowTo: endOf(0) });
    await scene.land(1, [{ id: "e1" }]);
    await scene.land(1, [{ id: "e2" }]);
    await runner.runCycle({ windowTo: endOf(1), listeners: [listenerOf(runner)] });
    const complete = written().filter(({ eventType }) => eventType === "COMPLETE");
    expect(complete.map(({ job }) => job.name)).not.toContain("silver.purchases");
    const events = complete.find(({ job }) => job.name === "silver.events");
    expect(events?.outputs[0]?.outputFacets?.outputStatistics.rowCount).toBe(1);
  });

  it("tell a failure of its script's models and of the run, and the reason", async () => {
    await scene.land(0, [{ id: "bad", value: "-1" }]);
    const runner = scene.runnerOf();
    await runner.runCycle({ windowTo: endOf(0), listeners: [listenerOf(runner)] }).catch(() => undefined);
    const failed = written().filter(({ eventType }) => eventType === "FAIL");
    expect(failed.map(({ job }) => job.name)).toEqual([
      "silver.events",
      "silver.identity_days",
      "silver.purchases",
      "rollcall.cycle",
    ]);
    for (const { run } of failed) expect(run.facets).toHaveProperty("errorMessage.message");
  });

  it("tell of a cancelled run that it was aborted", async () => {
    await scene.land(0, [{ id: "e1" }]);
    const runner = scene.runnerOf();
    const options = { windowTo: endOf(0), signal: AbortSignal.abort(), listeners: [listenerOf(runner)] };
    await runner.runCycle(options).catch(() => undefined);
    expect(written().map(({ eventType, job }) => `${eventType} ${job.name}`)).toEqual([
      "START rollcall.cycle",
      "ABORT rollcall.cycle",
    ]);
  });

  it("never stop a run: a file that cannot be written is a warning", async () => {
    await scene.land(0, [{ id: "e1" }]);
    file = path.join(folder, "no", "such", "folder.jsonl");
    const warnings: string[] = [];
    const logger = {
      info: () => undefined,
      error: () => undefined,
      warn: (_: object, text: string) => warnings.push(text),
    };
    const runner = scene.runnerOf(scene.warehouse, { logger });
    const report = await runner.runCycle({ windowTo: endOf(0), listeners: [listenerOf(runner)] });
    expect(report.status).toBe("succeeded");
    expect(warnings).toContain("a listener of the run failed; the run goes on");
  });
});
