import { RollcallError } from "../../platform/errors.js";
import { onceItWorks } from "../../platform/once-it-works.js";
import { maskResult, type PersonalParts } from "../../privacy/mask.js";
import { analyseProject } from "../../warehouse/analysis/analyse.js";
import { lineageGraph } from "../../warehouse/analysis/lineage.js";
import { queryOutputs } from "../../warehouse/analysis/lineage-script.js";
import {
  declaredPersonal,
  type PersonalColumn,
  personalColumns,
  personalPartsOf,
} from "../../warehouse/analysis/personal.js";
import { type TableCatalog, withTables } from "../../warehouse/duckdb/catalog.js";
import type { CompiledStore } from "../../warehouse/duckdb/compiled-store.js";
import { createTranslator } from "../../warehouse/duckdb/translate.js";
import { createAnalyzer } from "../../warehouse/googlesql/analyzer.js";
import type { OutputLineage, SourceFlow } from "../../warehouse/googlesql/lineage.js";
import type { GoogleType } from "../../warehouse/googlesql/types.js";
import type { QueryResult, Row, Warehouse } from "../../warehouse/port.js";
import { compileProject } from "../../warehouse/project/compile.js";

export interface QueryMaskConfig {
  /** The folder with `dataform.json`. */
  readonly root: string;
  /** Names of columns that are personal wherever they stand. */
  readonly personalNames: ReadonlySet<string>;
}

export interface QueryMaskDeps {
  readonly warehouse: Pick<Warehouse, "tables" | "schema">;
  /** The warehouse's own, so that a query it has run needs no second analysis. */
  readonly store: CompiledStore;
}

export interface QueryMask {
  /**
   * The rows of a query that the warehouse has run, without personal values: by where its columns come from, whatever they are called,
   * and by their names. A query that cannot be followed is masked whole, and so is what comes from a table the project does not know.
   */
  mask(sql: string, rows: readonly Row[]): Promise<readonly Row[]>;
  /** Which parts of the query's columns hold personal values, by where they come from; null when it cannot be followed. */
  personalParts(sql: string, params?: ParamTypes): Promise<PersonalParts | null>;
  close(): Promise<void>;
}

type ParamTypes = Readonly<Record<string, GoogleType>>;

/** What the project says of its tables. */
interface Knowledge {
  readonly personal: ReadonlyMap<string, PersonalColumn>;
  readonly isKnown: (table: string) => boolean;
}

export function createQueryMask(config: QueryMaskConfig, deps: QueryMaskDeps): QueryMask {
  const analyzer = createAnalyzer();
  const translator = createTranslator({}, { analyzer, store: deps.store });

  const know = onceItWorks(async (): Promise<Knowledge> => {
    // Compiled for this engine's analyzer, wherever the warehouse itself is.
    const project = compileProject({ root: config.root, vars: { runner: "rollcall" } });
    const analysis = await analyseProject(project, { translator });
    const graph = lineageGraph(analysis);
    const personal = personalColumns(analysis, declaredPersonal(project), graph);
    return { personal, isKnown: (table) => graph.tables.has(table) };
  });

  const outputsOf = async (sql: string, params: ParamTypes): Promise<readonly OutputLineage[] | null> => {
    try {
      const { statements } = await translator.translate({ sql, params, catalog: await readTables(deps.warehouse) });
      return queryOutputs(statements.map(({ lineage }) => lineage));
    } catch (error) {
      // It names something that only the warehouse knows, a function of its own say.
      if (error instanceof RollcallError && /^SQL_/.test(error.code)) return null;
      throw error;
    }
  };

  /** A query that only counts and compares needs no look at the project. */
  const partsOf = async (outputs: readonly OutputLineage[]): Promise<PersonalParts> => {
    if (!outputs.some(({ sources }) => sources.some(isCarried))) return new Map();
    const { personal, isKnown } = await know();
    return new Map(
      outputs.flatMap(({ name, sources }) => {
        const isUnknown = sources.some((source) => isCarried(source) && !isKnown(source.table));
        const parts = isUnknown ? [[]] : personalPartsOf(sources, personal);
        return parts.length === 0 ? [] : [[name, parts] as const];
      }),
    );
  };

  const personalParts = async (sql: string, params: ParamTypes = {}): Promise<PersonalParts | null> => {
    const outputs = await outputsOf(sql, params);
    return outputs === null ? null : partsOf(outputs);
  };

  return {
    async mask(sql, rows) {
      const parts = (await personalParts(sql)) ?? everything(rows);
      const result: QueryResult = { columns: [], rows };
      return maskResult(result, config.personalNames, parts).rows;
    },
    personalParts,
    close: () => analyzer.close(),
  };
}

/** Tables of the runner and the warehouse's own views: ids, counts and times of runs. */
function isOurs(table: string): boolean {
  return table.startsWith("ops.") || table.includes(".information_schema.");
}

function everything(rows: readonly Row[]): PersonalParts {
  return new Map(Object.keys(rows[0] ?? {}).map((name) => [name, [[]]]));
}

/** Whether a value of the source may be seen in the output. */
function isCarried({ table, flow }: SourceFlow): boolean {
  return !isOurs(table) && (flow === "copy" || flow === "derive");
}

async function readTables(warehouse: QueryMaskDeps["warehouse"]): Promise<TableCatalog> {
  const tables = await warehouse.tables();
  const shapes = await Promise.all(
    tables.map(async (name) => ({ ...name, columns: (await warehouse.schema(name)) ?? [] })),
  );
  return withTables(new Map(), shapes);
}
