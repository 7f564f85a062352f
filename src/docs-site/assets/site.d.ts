/** What `data.js` holds and what the scripts of the site share. Written by `src/docs-site/build.ts`. */
type Flow = "copy" | "derive" | "digest" | "decide";

interface SiteSource {
  table: string;
  column: string;
  /** Members inside the column, joined by dots; "" for the whole. */
  path: string;
  flow: Flow;
}

interface SiteColumn {
  name: string;
  type: string;
  description: string;
  isPersonal: boolean;
  /** Straight into it, strongest flow first. */
  sources: SiteSource[];
  /** Parts of bronze columns where its values begin: "bronze.website_events.payload.properties.path". */
  origins: { text: string; table: string; column: string; flow: Flow }[];
}

interface SiteModel {
  id: string;
  dataset: string;
  name: string;
  kind: string;
  description: string;
  file: string;
  tags: string[];
  grain: string[];
  partitionBy: string;
  clusterBy: string[];
  inputs: string[];
  columns: SiteColumn[];
  source: string;
  compiled: { title: string; sql: string }[];
  tests: { name: string; story: string }[];
  checks: { id: string; description: string; file: string; severity: string; schedule: string }[];
}

interface SiteData {
  title: string;
  models: SiteModel[];
}

interface SearchEntry {
  model: string;
  column: string | null;
  name: string;
  text: string;
}

interface GraphLayout {
  width: number;
  height: number;
  nodes: { id: string; x: number; y: number; width: number; height: number }[];
  edges: { from: string; to: string; path: string }[];
}

declare var ROLLCALL_DOCS: SiteData;
declare var RollcallSearch: {
  createIndex(models: SiteModel[]): SearchEntry[];
  find(index: SearchEntry[], query: string): SearchEntry[];
};
declare var RollcallLayout: { layOut(ids: string[], inputsOf: (id: string) => string[]): GraphLayout };
declare var RollcallViews: {
  overview(data: SiteData): Node[];
  model(data: SiteData, model: SiteModel, column: string | null): Node[];
  missing(name: string): Node[];
  element(name: string, attributes: Record<string, string>, ...children: (Node | string)[]): HTMLElement;
  layerOf(dataset: string): string;
  LAYERS: string[];
};
declare var RollcallGraph: {
  page(data: SiteData, focus: SiteModel | null): Node[];
  frame(data: SiteData, ids: string[], focus: string | null, size: "small" | "large"): HTMLElement;
  around(data: SiteData, id: string, depth: number): string[];
  zoom(factor: number | null): void;
};
