import { RollcallError } from "../../platform/errors.js";
import { type Catalog, catalogMessage } from "./catalog.js";
import { type AnalyzerOptions, bigqueryOptions } from "./language.js";
import type { SourcePosition } from "./lexer.js";
import { ResolvedNode } from "./resolved.js";
import type { AnalyzerServer } from "./server.js";
import { type GoogleType, typeToMessage } from "./types.js";

export interface AnalyzeRequest {
  /** One statement, as `splitStatements` gives it. */
  readonly sql: string;
  readonly catalog: Catalog;
  /** Types of the named parameters, by name without the "@". */
  readonly params?: Readonly<Record<string, GoogleType>>;
  /** Parameters beyond `params` take the type their use asks for; the resolved statement's `parameters` tells it. */
  readonly infersParams?: boolean;
  /** Where the text comes from, for error messages: "definitions/silver/events.sqlx". */
  readonly origin?: string;
  /** Where in its file the statement begins. */
  readonly position?: SourcePosition;
}

/** Google's analyzer behind one method, so that a newer build of it can take its place. */
export interface Analyzer {
  /**
   * The statement, resolved and fully typed. Throws SQL_INVALID with `details` {origin, line, column} and the analyzer's
   * message ("Unrecognized name: emial; Did you mean email?"). The process starts with the first call.
   */
  analyze(request: AnalyzeRequest): Promise<ResolvedNode>;
  /** Ends the process. Analyzing again starts it again. */
  close(): Promise<void>;
}

export interface AnalyzerDeps {
  readonly start?: () => Promise<AnalyzerServer>;
}

interface Session {
  readonly server: AnalyzerServer;
  readonly options: AnalyzerOptions;
}

/** What a table may be partitioned by without having it: when BigQuery took the row in. */
const PARTITION_COLUMNS = [
  { name: "_PARTITIONDATE", type: typeToMessage({ kind: "DATE" }) },
  { name: "_PARTITIONTIME", type: typeToMessage({ kind: "TIMESTAMP" }) },
];

/** The `@@` variables a script may read. */
const SYSTEM_VARIABLES = [
  { namePath: ["error", "message"], type: typeToMessage({ kind: "STRING" }) },
  { namePath: ["error", "statement_text"], type: typeToMessage({ kind: "STRING" }) },
  { namePath: ["row_count"], type: typeToMessage({ kind: "INT64" }) },
];

const START: SourcePosition = { line: 1, column: 1 };

/** "file:3:14: message": what editors and terminals turn into a link. */
export function located(origin: string | undefined, position: SourcePosition, message: string): string {
  return `${origin ?? "SQL"}:${position.line}:${position.column}: ${message}`;
}

const TAB_WIDTH = 8;

/** The analyzer counts code points and lets a tab reach the next multiple of eight; editors count what JavaScript counts. */
function columnIn(line: string, analyzerColumn: number): number {
  let theirs = 1;
  let ours = 1;
  for (const character of line) {
    if (theirs >= analyzerColumn) break;
    theirs += character === "\t" ? TAB_WIDTH - ((theirs - 1) % TAB_WIDTH) : 1;
    ours += character.length;
  }
  return ours + Math.max(0, analyzerColumn - theirs);
}

function invalid(request: AnalyzeRequest, details: string): RollcallError {
  // Of a function of ANY TYPE it names the call first, then places within the body.
  const place = /^([\s\S]*?) \[at (\d+):(\d+)\](?:$|; )/.exec(details);
  const [whole = "", head = details, line = "1", column = "1"] = place ?? [];
  const rest = place === null ? "" : details.slice(whole.length).replace(/ \[at \d+:\d+\]/g, "");
  const message = rest === "" ? head : `${head}: ${rest}`;
  const start = request.position ?? START;
  const text = request.sql.split("\n")[Number(line) - 1] ?? "";
  const ownColumn = columnIn(text, Number(column));
  const position: SourcePosition = {
    line: start.line + Number(line) - 1,
    column: line === "1" ? start.column + ownColumn - 1 : ownColumn,
  };
  return new RollcallError("SQL_INVALID", located(request.origin, position, message), {
    isRetriable: false,
    details: { origin: request.origin ?? null, ...position },
  });
}

export function createAnalyzer(deps: AnalyzerDeps = {}): Analyzer {
  // The client library is loaded with the first analysis: where everything is compiled already, nobody waits for it.
  const start = deps.start ?? (async () => (await import("./server.js")).startAnalyzerServer());
  let session: Promise<Session> | null = null;

  const open = async (): Promise<Session> => {
    const server = await start();
    return { server, options: await bigqueryOptions(server) };
  };

  return {
    async analyze(request) {
      session ??= open();
      const opened = session;
      const { server, options } = await opened.catch((error: unknown) => {
        if (session === opened) session = null;
        throw error;
      });
      try {
        const response = await server.call("analyze", {
          sqlStatement: request.sql,
          options: {
            ...options,
            queryParameters: Object.entries(request.params ?? {}).map(([name, type]) => ({
              name,
              type: typeToMessage(type),
            })),
            allowUndeclaredParameters: request.infersParams === true,
            systemVariables: SYSTEM_VARIABLES,
            ddlPseudoColumns: PARTITION_COLUMNS,
          },
          simpleCatalog: catalogMessage(request.catalog, options.languageOptions),
          descriptorPoolList: { definitions: [{ builtin: {} }] },
        });
        return new ResolvedNode(response.resolvedStatement);
      } catch (error) {
        const { isRefusal } = await import("./server.js");
        if (isRefusal(error)) throw invalid(request, error.details);
        if (session === opened) session = null;
        server.close();
        throw new RollcallError(
          "WAREHOUSE_FAILED",
          "The GoogleSQL analyzer broke off; it starts again with the next try",
          {
            isRetriable: true,
            cause: error,
          },
        );
      }
    },
    async close() {
      const closing = session;
      session = null;
      if (closing !== null) await closing.then(({ server }) => server.close()).catch(() => undefined);
    },
  };
}
