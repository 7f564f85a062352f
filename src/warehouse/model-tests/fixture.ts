import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from "yaml";
import { RollcallError } from "../../platform/errors.js";

/** Rows as a test file writes them, each with the place it was written at, so that a mistake is told by file and line. */
export interface FixtureRow {
  readonly values: Readonly<Record<string, unknown>>;
  /** "definitions/silver/events.test.yaml:12" */
  readonly place: string;
  /** Places of its cells; the row's own where a cell has none. */
  readonly cellPlaces: Readonly<Record<string, string>>;
}

/** The rows of one table, written out or as a query that gives them. */
export type Fixture =
  | { readonly kind: "rows"; readonly place: string; readonly rows: readonly FixtureRow[] }
  | { readonly kind: "sql"; readonly place: string; readonly sql: string };

/** By table. */
export type Fixtures = Readonly<Record<string, Fixture>>;

export type YamlPath = readonly (string | number)[];
export type RowValues = Readonly<Record<string, unknown>>;

/** A fixture as it is written: rows, a query, or a query that says so. */
export type WrittenFixture = readonly RowValues[] | string | { readonly sql: string };

export interface YamlFile {
  readonly value: unknown;
  /** "file:line" of what stands at the path, or of the nearest thing around it. */
  place(path: YamlPath): string;
  fixture(written: WrittenFixture, path: YamlPath): Fixture;
}

/** Throws INPUT_INVALID with file and line for what is no YAML. */
export function parseYamlFile(file: string, text: string): YamlFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [error] = document.errors;
  const placeAt = (offset: number): string => `${file}:${lines.linePos(offset).line}`;
  if (error !== undefined) {
    throw new RollcallError("INPUT_INVALID", `${placeAt(error.pos[0])}: ${error.message}`, { isRetriable: false });
  }

  const place = (path: YamlPath): string => {
    const start = offsetAt(document, path);
    if (start !== undefined) return placeAt(start);
    return path.length === 0 ? `${file}:1` : place(path.slice(0, -1));
  };

  const cellPlaces = (path: YamlPath): Record<string, string> => {
    const node = nodeAt(document, path);
    if (!isMap(node)) return {};
    const cells = node.items.flatMap(({ key }) =>
      isScalar(key) && key.range ? [[String(key.value), placeAt(key.range[0])] as const] : [],
    );
    return Object.fromEntries(cells);
  };

  const fixture = (written: WrittenFixture, path: YamlPath): Fixture => {
    if (typeof written === "string") return { kind: "sql", place: place(path), sql: written };
    if ("sql" in written) return { kind: "sql", place: place([...path, "sql"]), sql: written.sql };
    const rows = written.map((values, index) => {
      const at = [...path, index];
      return { values, place: place(at), cellPlaces: cellPlaces(at) };
    });
    return { kind: "rows", place: place(path), rows };
  };

  return { value: document.toJS(), place, fixture };
}

/** Where an entry of a map begins with its key, anything else with itself. */
function offsetAt(document: Document, path: YamlPath): number | undefined {
  const around = path.length === 0 ? undefined : nodeAt(document, path.slice(0, -1));
  const entry = isMap(around)
    ? around.items.find(({ key }) => isScalar(key) && String(key.value) === String(path.at(-1)))
    : undefined;
  const node = entry?.key ?? nodeAt(document, path);
  return isNode(node) ? node.range?.[0] : undefined;
}

function nodeAt(document: Document, path: YamlPath): unknown {
  return path.length === 0 ? document.contents : document.getIn(path, true);
}
