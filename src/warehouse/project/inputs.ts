import { type Action, type CompiledProject, isBootstrap, isWindowed } from "./action.js";

/** What models read, as the compiled graph and the statements tell it. */
export interface Inputs {
  /** Everything it is made from, however far up. */
  ancestors(id: string): ReadonlySet<string>;
  /**
   * The actions that put rows into the tables and views it reads: the models themselves (views looked through), bronze
   * declarations, and for a table that operations write, those operations.
   */
  sources(action: Action): readonly Action[];
  /** Operations and models, other than its own, whose statements write this table. */
  writers(id: string): readonly Action[];
  /** Tables it reads, views included, in the order of their ids. */
  tables(action: Action): readonly string[];
  /** Tables and views it makes or writes, in the order of their ids. */
  writes(action: Action): readonly string[];
}

export function createInputs(project: CompiledProject): Inputs {
  const ancestorsById = new Map<string, ReadonlySet<string>>();
  const writersById = writersOf(project);

  function ancestors(id: string): ReadonlySet<string> {
    const known = ancestorsById.get(id);
    if (known !== undefined) return known;
    const found = new Set<string>();
    for (const upstream of project.byId.get(id)?.dependsOn ?? []) {
      found.add(upstream);
      for (const further of ancestors(upstream)) found.add(further);
    }
    ancestorsById.set(id, found);
    return found;
  }

  const writers = (id: string): readonly Action[] => writersById.get(id) ?? [];

  function sources(action: Action): readonly Action[] {
    const found = new Map<string, Action>();
    const visit = (id: string): void => {
      const upstream = project.byId.get(id);
      if (upstream === undefined || found.has(id) || upstream.kind === "assertion" || upstream === action) return;
      found.set(id, upstream);
      if (upstream.kind === "view") for (const further of upstream.dependsOn) visit(further);
      for (const writer of writers(id)) if (writer !== action) found.set(writer.id, writer);
    };
    for (const id of action.dependsOn) visit(id);
    return [...found.values()];
  }

  return {
    ancestors,
    sources,
    writers,
    tables: (action) =>
      action.dependsOn.filter((id) => {
        const upstream = project.byId.get(id);
        if (upstream === undefined || upstream.kind === "assertion") return false;
        return upstream.kind !== "operations" || upstream.hasOutput || isBootstrap(upstream);
      }),
    writes: (action) => {
      const own = action.kind === "operations" && !action.hasOutput ? [] : [action.id];
      const others = [...writersById].filter(([, actions]) => actions.includes(action)).map(([id]) => id);
      return [...own, ...others].sort();
    },
  };
}

/** The windowed models that must have read up to an instant before `action` may: its sources that come before it. */
export function windowedSources(inputs: Inputs, action: Action): readonly Action[] {
  return inputs
    .sources(action)
    .filter(
      (source) => source.kind !== "declaration" && isWindowed(source) && inputs.ancestors(action.id).has(source.id),
    );
}

const WRITES =
  /\b(?:INSERT(?:\s+INTO)?|DELETE(?:\s+FROM)?|UPDATE|MERGE(?:\s+INTO)?|(?:CREATE|TRUNCATE|DROP|ALTER)\b[^;`]*?\bTABLE(?:\s+IF(?:\s+NOT)?\s+EXISTS)?)\s+(`[^`]+`|[\w.]+)/gi;

/** By table: which actions' statements write it. A table's own action is not told. */
function writersOf(project: CompiledProject): ReadonlyMap<string, readonly Action[]> {
  const writers = new Map<string, Action[]>();
  for (const action of project.actions) {
    if (isBootstrap(action)) continue;
    const { statements, preOps, postOps, incrementalPreOps, incrementalPostOps } = action;
    const text = [...statements, ...preOps, ...postOps, ...incrementalPreOps, ...incrementalPostOps].join(";\n");
    const written = new Set(
      [...text.matchAll(WRITES)].map(([, name = ""]) => name.replaceAll("`", "").split(".").slice(-2).join(".")),
    );
    for (const id of written) {
      if (id !== action.id && project.byId.has(id)) writers.set(id, [...(writers.get(id) ?? []), action]);
    }
  }
  return writers;
}
