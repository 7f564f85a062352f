import type { Warehouse } from "../../port.js";
import type { TableResource } from "../api.js";
import { fieldsOf } from "../parameters.js";
import { columnsOf } from "../values.js";

export const PROJECT = "rollcall";
export const LOCATION = "EU";

/** A refusal, as it goes out. */
export class ApiFailure extends Error {
  constructor(
    readonly status: number,
    readonly reason: string,
    message: string,
  ) {
    super(message);
  }
}

export interface DatasetResource {
  readonly datasetReference: { readonly datasetId: string };
}

/** Datasets and tables, which are those of the embedded warehouse. */
export interface Catalog {
  listDatasets(): Promise<object>;
  getDataset(dataset: string): Promise<DatasetResource>;
  insertDataset(body: DatasetResource): DatasetResource;
  listTables(dataset: string): Promise<object>;
  getTable(dataset: string, table: string): Promise<TableResource>;
  insertTable(dataset: string, body: TableResource): Promise<TableResource>;
  deleteTable(dataset: string, table: string): Promise<null>;
}

export function createCatalog(warehouse: Warehouse): Catalog {
  const datasets = new Set<string>();

  const datasetNames = async (): Promise<Set<string>> =>
    new Set([...datasets, ...(await warehouse.tables()).map(({ dataset }) => dataset)]);

  const requireDataset = async (dataset: string): Promise<void> => {
    if (!(await datasetNames()).has(dataset))
      throw new ApiFailure(404, "notFound", `Not found: Dataset ${PROJECT}:${dataset}`);
  };

  const getTable = async (dataset: string, table: string): Promise<TableResource> => {
    const columns = await warehouse.schema({ dataset, table });
    if (columns === null) throw new ApiFailure(404, "notFound", `Not found: Table ${PROJECT}:${dataset}.${table}`);
    return {
      tableReference: { projectId: PROJECT, datasetId: dataset, tableId: table },
      schema: { fields: fieldsOf(columns) },
    };
  };

  const insertTable = async (dataset: string, body: TableResource): Promise<TableResource> => {
    await requireDataset(dataset);
    const table = body.tableReference.tableId;
    if ((await warehouse.schema({ dataset, table })) !== null) {
      throw new ApiFailure(409, "duplicate", `Already Exists: Table ${PROJECT}:${dataset}.${table}`);
    }
    await warehouse.ensureTables([{ dataset, table, columns: columnsOf(body.schema) }]);
    return body;
  };

  const listTables = async (dataset: string): Promise<object> => {
    await requireDataset(dataset);
    const tables = await warehouse.tables(dataset);
    return {
      tables: tables.map(({ table, kind }) => ({
        tableReference: { projectId: PROJECT, datasetId: dataset, tableId: table },
        type: kind.toUpperCase(),
      })),
    };
  };

  return {
    listDatasets: async () => ({
      datasets: [...(await datasetNames())].map((datasetId) => ({ datasetReference: { datasetId } })),
    }),
    async getDataset(dataset) {
      await requireDataset(dataset);
      return { datasetReference: { datasetId: dataset } };
    },
    insertDataset(body) {
      datasets.add(body.datasetReference.datasetId);
      return body;
    },
    listTables,
    getTable,
    insertTable,
    async deleteTable(dataset, table) {
      await getTable(dataset, table);
      await warehouse.execute(`DROP TABLE ${dataset}.\`${table}\``);
      return null;
    },
  };
}
