import { RollcallError } from "../../platform/errors.js";
import type { Column, TableName } from "../port.js";
import type { DatasetList, FieldSchema, TableList, TableResource } from "./api.js";
import { type Client, readAll } from "./client.js";
import { fieldsOf } from "./parameters.js";
import { columnsOf } from "./values.js";

export interface TablesConfig {
  readonly location: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The datasets that are ours. Absent: every dataset of the project. */
  readonly datasets?: readonly string[];
  /** Holds batches on their way in: not listed, and what is forgotten there goes after a day. */
  readonly stagingDataset: string;
}

export type ListedTable = TableName & { readonly kind: "table" | "view" };

export interface Tables {
  /** Makes datasets and tables that do not exist. Bronze is partitioned by the day of arrival, which every window is on. */
  ensure(tables: readonly (TableName & { readonly columns: readonly Column[] })[]): Promise<void>;
  ensureStaging(): Promise<void>;
  list(dataset?: string): Promise<readonly ListedTable[]>;
  /** As BigQuery describes them; null when there is no such table. */
  fields(table: TableName): Promise<readonly FieldSchema[] | null>;
  columns(table: TableName): Promise<readonly Column[] | null>;
  /** Also when it is gone already. */
  drop(table: TableName): Promise<void>;
}

const BRONZE = "bronze";
const ARRIVAL = "ingested_at";
const DAY_MS = 86_400_000;

function isCode(error: unknown, code: RollcallError["code"]): boolean {
  return error instanceof RollcallError && error.code === code;
}

export function createTables(config: TablesConfig, { client }: { readonly client: Client }): Tables {
  const { location, labels, stagingDataset } = config;
  const madeDatasets = new Set<string>();
  const datasetPath = (dataset: string): string => `/datasets/${encodeURIComponent(dataset)}`;
  const tablesPath = (dataset: string): string => `${datasetPath(dataset)}/tables`;
  const tablePath = ({ dataset, table }: TableName): string => `${tablesPath(dataset)}/${encodeURIComponent(table)}`;

  /** Null when it is not there. */
  const find = async <T>(name: string, path: string): Promise<T | null> => {
    try {
      return await client.request<T>({ name, method: "GET", path });
    } catch (error) {
      if (isCode(error, "NOT_FOUND")) return null;
      throw error;
    }
  };

  /** Somebody else may make it in the same moment. */
  const make = async (name: string, path: string, body: object): Promise<void> => {
    try {
      await client.request({ name, method: "POST", path, body });
    } catch (error) {
      if (!isCode(error, "CONFLICT")) throw error;
    }
  };

  const ensureDataset = async (dataset: string, more: object = {}): Promise<void> => {
    if (madeDatasets.has(dataset)) return;
    if ((await find("datasets.get", datasetPath(dataset))) === null) {
      const datasetReference = { projectId: client.project, datasetId: dataset };
      await make("datasets.insert", "/datasets", { datasetReference, location, labels, ...more });
    }
    madeDatasets.add(dataset);
  };

  const fields = async (table: TableName): Promise<readonly FieldSchema[] | null> => {
    const found = await find<TableResource>("tables.get", tablePath(table));
    return found === null ? null : (found.schema?.fields ?? []);
  };

  const datasetNames = async (): Promise<string[]> => {
    const request = { name: "datasets.list", method: "GET", path: "/datasets" } as const;
    const found = await readAll(client, request, (page: DatasetList) => page.datasets);
    return found.map(({ datasetReference }) => datasetReference.datasetId);
  };

  /** None in a dataset that is not there. */
  const tablesOf = async (dataset: string): Promise<ListedTable[]> => {
    const request = { name: "tables.list", method: "GET", path: tablesPath(dataset) } as const;
    const found = await readAll(client, request, (page: TableList) => page.tables).catch((error: unknown) => {
      if (isCode(error, "NOT_FOUND")) return [];
      throw error;
    });
    return found.map(({ tableReference, type = "" }) => ({
      dataset,
      table: tableReference.tableId,
      kind: type.endsWith("VIEW") ? "view" : "table",
    }));
  };

  return {
    async ensure(tables) {
      for (const table of tables) {
        const { dataset, columns } = table;
        await ensureDataset(dataset);
        if ((await fields(table)) !== null) continue;
        const isByDay =
          dataset === BRONZE && columns.some(({ name, type }) => name === ARRIVAL && type === "TIMESTAMP");
        await make("tables.insert", tablesPath(dataset), {
          tableReference: { projectId: client.project, datasetId: dataset, tableId: table.table },
          schema: { fields: fieldsOf(columns) },
          labels,
          ...(isByDay ? { timePartitioning: { type: "DAY", field: ARRIVAL } } : {}),
        });
      }
    },

    ensureStaging: () => ensureDataset(stagingDataset, { defaultTableExpirationMs: String(DAY_MS) }),

    async list(dataset) {
      const datasets = dataset === undefined ? (config.datasets ?? (await datasetNames())) : [dataset];
      return (await Promise.all(datasets.filter((name) => name !== stagingDataset).map(tablesOf))).flat();
    },

    fields,

    async columns(table) {
      const found = await fields(table);
      return found === null ? null : columnsOf({ fields: found });
    },

    async drop(table) {
      try {
        await client.request({ name: "tables.delete", method: "DELETE", path: tablePath(table) });
      } catch (error) {
        if (!isCode(error, "NOT_FOUND")) throw error;
      }
    },
  };
}
