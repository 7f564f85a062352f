// @ts-check
/// <reference path="./site.d.ts" />

/**
 * Layered drawing of a directed graph (after Sugiyama, Tagawa and Toda, 1981): columns by longest path, order inside a column by the
 * mean place of the neighbours. The same graph always gives the same drawing.
 */
globalThis.RollcallLayout = (() => {
  const NODE = { width: 172, height: 40, columnGap: 44, rowGap: 16 };
  const SWEEPS = 8;

  /**
   * @param {string[]} ids
   * @param {(id: string) => string[]} inputsOf
   * @returns {GraphLayout}
   */
  function layOut(ids, inputsOf) {
    const known = new Set(ids);
    const inputs = new Map(ids.map((id) => [id, inputsOf(id).filter((input) => known.has(input) && input !== id)]));
    const columns = toColumns(ids, inputs);
    order(columns, inputs);
    return place(columns, inputs);
  }

  /** @param {string[]} ids @param {Map<string, string[]>} inputs @returns {string[][]} */
  function toColumns(ids, inputs) {
    /** @type {Map<string, number>} */
    const depths = new Map();
    const open = new Set();
    /** @param {string} id @returns {number} */
    const depthOf = (id) => {
      const seen = depths.get(id);
      if (seen !== undefined) return seen;
      if (open.has(id)) return 0; // Inside a circle: drawn, wherever it begins.
      open.add(id);
      const depth = Math.max(-1, ...(inputs.get(id) ?? []).map(depthOf)) + 1;
      open.delete(id);
      depths.set(id, depth);
      return depth;
    };
    /** @type {string[][]} */
    const columns = [];
    for (const id of ids) {
      const depth = depthOf(id);
      while (columns.length <= depth) columns.push([]);
      columns[depth]?.push(id);
    }
    return columns;
  }

  /** @param {string[][]} columns @param {Map<string, string[]>} inputs */
  function order(columns, inputs) {
    /** @type {Map<string, string[]>} */
    const outputs = new Map();
    for (const [id, from] of inputs) for (const input of from) outputs.set(input, [...(outputs.get(input) ?? []), id]);
    for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
      const neighbours = sweep % 2 === 0 ? inputs : outputs;
      /** @type {Map<string, number>} */
      const places = new Map();
      /** @param {string[]} column */
      const note = (column) => {
        for (const [at, id] of column.entries()) places.set(id, at - column.length / 2);
      };
      for (const column of columns) note(column);
      for (const column of sweep % 2 === 0 ? columns : [...columns].reverse()) {
        const wanted = new Map(
          column.map((id) => [
            id,
            mean(
              (neighbours.get(id) ?? []).map((n) => places.get(n) ?? 0),
              places.get(id) ?? 0,
            ),
          ]),
        );
        column.sort((a, b) => (wanted.get(a) ?? 0) - (wanted.get(b) ?? 0) || (a < b ? -1 : 1));
        note(column);
      }
    }
  }

  /** @param {number[]} values @param {number} fallback */
  function mean(values, fallback) {
    return values.length === 0 ? fallback : values.reduce((sum, value) => sum + value, 0) / values.length;
  }

  /** @param {string[][]} columns @param {Map<string, string[]>} inputs @returns {GraphLayout} */
  function place(columns, inputs) {
    const step = NODE.height + NODE.rowGap;
    const tallest = Math.max(1, ...columns.map((column) => column.length));
    const height = tallest * step - NODE.rowGap;
    /** @type {Map<string, { x: number, y: number }>} */
    const at = new Map();
    columns.forEach((column, x) => {
      const top = (height - (column.length * step - NODE.rowGap)) / 2;
      for (const [y, id] of column.entries()) at.set(id, { x: x * (NODE.width + NODE.columnGap), y: top + y * step });
    });
    const nodes = [...at].map(([id, { x, y }]) => ({ id, x, y, width: NODE.width, height: NODE.height }));
    const edges = [...inputs].flatMap(([to, from]) =>
      from.map((input) => ({ from: input, to, path: curve(at.get(input), at.get(to)) })),
    );
    return { width: columns.length * (NODE.width + NODE.columnGap) - NODE.columnGap, height, nodes, edges };
  }

  /** @param {{ x: number, y: number } | undefined} from @param {{ x: number, y: number } | undefined} to */
  function curve(from, to) {
    if (from === undefined || to === undefined) return "";
    const [x1, y1] = [from.x + NODE.width, from.y + NODE.height / 2];
    const [x2, y2] = [to.x, to.y + NODE.height / 2];
    const bend = Math.max(30, (x2 - x1) / 2);
    return `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
  }

  return { layOut };
})();
