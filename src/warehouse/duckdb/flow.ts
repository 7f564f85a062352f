import { RollcallError } from "../../platform/errors.js";
import { located } from "../googlesql/analyzer.js";
import type { CatalogColumn } from "../googlesql/catalog.js";
import type { SourcePosition, SourceStatement } from "../googlesql/lexer.js";
import { variableLineage } from "../googlesql/lineage-statements.js";
import type {
  Block,
  Conditional,
  ExecuteImmediate,
  ForLoop,
  Leave,
  Loop,
  ScriptNode,
} from "../googlesql/script-nodes.js";
import type { GoogleType } from "../googlesql/types.js";
import { declareVariables, setVariables } from "./assignments.js";
import type { TableCatalog } from "./catalog.js";
import type { FunctionScope } from "./functions.js";
import {
  type Control,
  type Handler,
  NOTHING,
  type ScriptStatement,
  type Target,
  type TranslatedScript,
} from "./program.js";
import type { CompiledStatement } from "./translate.js";

/** What translating a script needs of the translator, and leaves with it. */
export interface FlowHost {
  readonly origin: string | undefined;
  readonly functions: FunctionScope;
  readonly variables: Map<string, CatalogColumn>;
  /** The tables as the statements so far leave them. */
  catalog: TableCatalog;
  /** One statement, with what it does to the catalog and the functions. Null when there is nothing to run. */
  statement(source: SourceStatement): Promise<CompiledStatement | null>;
  /** A query, without effects. */
  query(source: SourceStatement): Promise<CompiledStatement>;
}

/** Why an expression is no condition, say: an error of the script at a place. */
export function invalidScript(origin: string | undefined, position: SourcePosition, message: string): RollcallError {
  return new RollcallError("SQL_INVALID", located(origin, position, message), {
    isRetriable: false,
    details: { origin: origin ?? null, ...position },
  });
}

/** An expression as a query of one value. Columns of errors stay right: the place moves back by what stands before. The line end
 * is for a comment at the end. */
export function valueQuery(prefix: string, expression: SourceStatement, suffix: string): SourceStatement {
  const { line, column } = expression.position;
  return {
    text: `${prefix}${expression.text}\n${suffix}`,
    words: expression.words,
    position: { line, column: column - prefix.length },
  };
}

interface Enclosing {
  readonly label: string | null;
  readonly isLoop: boolean;
  readonly end: Target;
  readonly again: Target;
}

/** Turns blocks into steps with jumps. Every statement is translated, whichever way the script will go. */
export async function translateFlow(host: FlowHost, nodes: readonly ScriptNode[]): Promise<TranslatedScript> {
  const flow = new Flow(host);
  await flow.list(nodes);
  flow.finish();
  return { statements: flow.steps, handlers: flow.handlers };
}

class Flow {
  readonly steps: ScriptStatement[] = [];
  readonly handlers: Handler[] = [];
  readonly #host: FlowHost;
  readonly #end: Target = { index: -1 };
  #enclosing: readonly Enclosing[] = [];
  /** Numbers of the handlers being written, innermost last. */
  #handling: readonly number[] = [];
  #numbers = 0;
  /** How many IFs and CASEs the statement being translated stands in. */
  #branches = 0;

  constructor(host: FlowHost) {
    this.#host = host;
  }

  finish(): void {
    this.#place(this.#end);
  }

  async list(nodes: readonly ScriptNode[]): Promise<void> {
    for (const node of nodes) await this.#node(node);
  }

  async #node(node: ScriptNode): Promise<void> {
    const host = this.#host;
    switch (node.kind) {
      case "statement": {
        const assumed = host.catalog;
        const compiled = await this.#translated(node.statement);
        if (compiled !== null) this.#step(compiled, node.statement, assumed);
        return;
      }
      case "declare":
        for (const compiled of await declareVariables(host, node)) this.#step(compiled, node);
        return;
      case "set":
        for (const compiled of await setVariables(host, node)) this.#step(compiled, node);
        return;
      case "block":
        return this.#scoped(() => this.#block(node));
      case "if":
        return this.#conditional(node);
      case "loop":
        return this.#loop(node);
      case "for":
        return this.#for(node);
      case "break":
      case "continue":
        return this.#leave(node);
      case "return":
        return this.#control({ op: "jump", to: this.#end }, node.position);
      case "raise":
        return this.#raise(node.message, node.position);
      case "execute":
        return this.#execute(node);
    }
  }

  /**
   * A script adds a column where it finds it missing: where it is there already, ADD COLUMN fails only if it is reached. Everything
   * else that is wrong with a statement is found before the script runs.
   */
  async #translated(statement: SourceStatement): Promise<CompiledStatement | null> {
    try {
      return await this.#host.statement(statement);
    } catch (error) {
      const found =
        this.#branches > 0 && error instanceof RollcallError && /Column already exists: \w+/.exec(error.message);
      if (!found) throw error;
      return { ...NOTHING, kind: "ddl", name: "ALTER_TABLE", templates: [[`SELECT error('${found[0]}')`]] };
    }
  }

  async #block(node: Block): Promise<void> {
    const end: Target = { index: -1 };
    const from = this.steps.length;
    await this.#within({ label: node.label, isLoop: false, end, again: end }, () => this.list(node.body));
    if (node.handler !== null) {
      const to = this.steps.length;
      this.#control({ op: "jump", to: end }, node.position);
      const number = this.#next();
      this.handlers.push({ number, from, to, target: this.steps.length });
      const outer = this.#handling;
      this.#handling = [...outer, number];
      await this.#scoped(() => this.list(node.handler ?? []));
      this.#handling = outer;
      const around = outer.at(-1);
      if (around !== undefined) this.#control({ op: "handling", handler: around }, node.position);
    }
    this.#place(end);
  }

  async #conditional(node: Conditional): Promise<void> {
    const { branches, otherwise } = node;
    const operand = node.operand === null ? null : await this.#operand(node.operand);
    const end: Target = { index: -1 };
    const before = this.#host.catalog;
    let after = before;
    this.#branches += 1;
    for (const { condition, body } of branches) {
      const next: Target = { index: -1 };
      await this.#condition(operand === null ? condition : valueQuery(`${operand} = (`, condition, ")"), next);
      this.#host.catalog = before;
      await this.list(body);
      after = changed(before, after, this.#host.catalog);
      this.#control({ op: "jump", to: end }, condition.position);
      this.#place(next);
    }
    this.#host.catalog = before;
    await this.list(otherwise);
    this.#host.catalog = changed(before, after, this.#host.catalog);
    this.#branches -= 1;
    this.#place(end);
  }

  /** The operand of a CASE is computed once. Gives the name of the variable that holds it. */
  async #operand(operand: SourceStatement): Promise<string> {
    const name = `_case_${this.#next()}`;
    const declaration = { kind: "declare", names: [name], type: null, value: operand } as const;
    for (const compiled of await declareVariables(this.#host, { ...declaration, position: operand.position })) {
      this.#step({ ...compiled, kind: "control", name: "CASE" }, operand);
    }
    return name;
  }

  async #loop(node: Loop): Promise<void> {
    const start: Target = { index: -1 };
    const again: Target = { index: -1 };
    const end: Target = { index: -1 };
    this.#place(start);
    if (node.whilst !== null) {
      this.#place(again);
      await this.#condition(node.whilst, end);
    }
    await this.#within({ label: node.label, isLoop: true, end, again }, () => this.list(node.body));
    if (node.until !== null) {
      this.#place(again);
      await this.#condition(node.until, start);
    } else {
      if (node.whilst === null) this.#place(again);
      this.#control({ op: "jump", to: start }, node.position);
    }
    this.#place(end);
  }

  async #for(node: ForLoop): Promise<void> {
    const { origin, variables } = this.#host;
    const variable = node.variable.toLowerCase();
    if (variables.has(variable)) {
      throw invalidScript(origin, node.position, `Variable '${node.variable}' redeclaration is not allowed`);
    }
    const again: Target = { index: -1 };
    const end: Target = { index: -1 };
    const loop = this.#next();
    const compiled = await this.#host.query(node.query);
    if (compiled.kind !== "query") throw invalidScript(origin, node.query.position, "FOR goes over a query");
    const lineage = variableLineage(variable, compiled.lineage);
    this.#step({ ...compiled, kind: "control", name: "FOR", lineage }, node.query, this.#host.catalog, {
      op: "fetch",
      loop,
    });
    this.#place(again);
    this.#control({ op: "next", loop, to: end, variable }, node.position);
    const fields = compiled.columns.map(({ name, type }) => ({ name, type }));
    variables.set(variable, { name: variable, type: { kind: "STRUCT", fields } });
    await this.#within({ label: node.label, isLoop: true, end, again }, () => this.list(node.body));
    variables.delete(variable);
    this.#control({ op: "jump", to: again }, node.position);
    this.#place(end);
  }

  #leave(node: Leave): void {
    const label = node.label?.toLowerCase() ?? null;
    const found = this.#enclosing.findLast((one) =>
      label === null ? one.isLoop : one.label?.toLowerCase() === label && (one.isLoop || node.kind === "break"),
    );
    if (found === undefined) {
      const message = `${node.kind.toUpperCase()} stands in no loop${node.label === null ? "" : ` named ${node.label}`}`;
      throw invalidScript(this.#host.origin, node.position, message);
    }
    this.#control({ op: "jump", to: node.kind === "break" ? found.end : found.again }, node.position);
  }

  async #raise(message: SourceStatement | null, position: SourcePosition): Promise<void> {
    if (message !== null) {
      const compiled = await this.#host.query(valueQuery("SELECT CAST((", message, ") AS STRING)"));
      this.#step({ ...compiled, kind: "control", name: "RAISE" }, { position }, this.#host.catalog, {
        op: "raise",
        handler: null,
      });
      return;
    }
    const handler = this.#handling.at(-1);
    if (handler === undefined) {
      throw invalidScript(this.#host.origin, position, "RAISE without USING MESSAGE stands in an EXCEPTION block only");
    }
    this.#control({ op: "raise", handler }, position);
  }

  async #execute(node: ExecuteImmediate): Promise<void> {
    const host = this.#host;
    const using: { name: string; variable: string; type: GoogleType }[] = [];
    for (const { value, name } of node.using) {
      const compiled = await host.query(valueQuery("SELECT (", value, ")"));
      const type = compiled.columns[0]?.type;
      if (type === undefined) throw invalidScript(host.origin, value.position, "USING takes values");
      const variable = `_using_${using.length + 1}`;
      this.#step({ ...assignment(compiled, variable, "USING"), kind: "control" }, value, host.catalog);
      using.push({ name: (name ?? "").toLowerCase(), variable, type });
    }
    const into = node.into.map((name) => {
      const variable = host.variables.get(name.toLowerCase());
      if (variable === undefined) throw invalidScript(host.origin, node.position, `Undeclared variable: ${name}`);
      return variable;
    });
    const compiled = await host.query(valueQuery("SELECT (", node.sql, ")"));
    if (compiled.columns[0]?.type.kind !== "STRING") {
      throw invalidScript(host.origin, node.sql.position, "EXECUTE IMMEDIATE runs a STRING");
    }
    const control: Control = { op: "execute", into, using, functions: host.functions.copy() };
    this.#step({ ...compiled, kind: "control", name: "EXECUTE_IMMEDIATE" }, node, host.catalog, control);
  }

  async #condition(condition: SourceStatement, to: Target): Promise<void> {
    const compiled = await this.#host.query(valueQuery("SELECT (", condition, ")"));
    if (compiled.columns[0]?.type.kind !== "BOOL") {
      throw invalidScript(this.#host.origin, condition.position, "A condition must be of type BOOL");
    }
    const step = { ...compiled, kind: "control", name: "CONDITION" } as const;
    this.#step(step, condition, this.#host.catalog, { op: "unless", to });
  }

  async #within(enclosing: Enclosing, task: () => Promise<void>): Promise<void> {
    const outer = this.#enclosing;
    this.#enclosing = [...outer, enclosing];
    await task();
    this.#enclosing = outer;
  }

  /** Variables that the task declares are gone after it. */
  async #scoped(task: () => Promise<void>): Promise<void> {
    const known = new Set(this.#host.variables.keys());
    await task();
    for (const name of this.#host.variables.keys()) if (!known.has(name)) this.#host.variables.delete(name);
  }

  #step(
    compiled: CompiledStatement,
    source: { readonly position: SourcePosition; readonly text?: string },
    catalog: TableCatalog = this.#host.catalog,
    control?: Control,
  ): void {
    const assumes = new Map(compiled.tables.map((key) => [key, catalog.get(key)?.fingerprint ?? null]));
    this.steps.push({
      ...compiled,
      position: source.position,
      ...(source.text === undefined ? {} : { text: source.text }),
      ...(assumes.size === 0 ? {} : { assumes }),
      ...(control === undefined ? {} : { control }),
    });
  }

  #control(control: Control, position: SourcePosition): void {
    this.#step(NOTHING, { position }, undefined, control);
  }

  #place(target: Target): void {
    target.index = this.steps.length;
  }

  #next(): number {
    this.#numbers += 1;
    return this.#numbers;
  }
}

/** The tables behind a branch: what it changed counts, and of the others what any branch before it changed. */
function changed(before: TableCatalog, soFar: TableCatalog, branch: TableCatalog): TableCatalog {
  if (branch === before) return soFar;
  const merged = new Map(soFar);
  for (const [key, table] of branch) if (before.get(key) !== table) merged.set(key, table);
  return merged;
}

/** A query of one value as SET VARIABLE, which DuckDB keeps with the connection. */
export function assignment(query: CompiledStatement, variable: string, name: string): CompiledStatement {
  return {
    ...query,
    kind: "variable",
    name,
    columns: [],
    lineage: variableLineage(variable, query.lineage),
    templates: query.templates.map((select) => {
      const text = [...select];
      text[0] = `SET VARIABLE "${variable}" = (${text[0] ?? ""}`;
      text[text.length - 1] = `${text.at(-1) ?? ""})`;
      return text;
    }),
  };
}
