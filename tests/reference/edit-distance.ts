import { typeToMessage } from "../../src/warehouse/googlesql/types.js";
import type { ValueMessage } from "./values.js";

/**
 * EDIT_DISTANCE for an evaluator that is older than the function: a SQL function that looks a pair of texts up in a table.
 * A pair that is not there fails the query and says itself in the message; its distance is then computed here and the query asked
 * again. So the evaluator decides which texts are compared and what is made of their distance, and only the number is not its own.
 */
export interface EditDistances {
  readonly table: { readonly name: string; readonly column: readonly unknown[] };
  readonly function: object;
  rows(): readonly { readonly cell: readonly ValueMessage[] }[];
  /** Whether a query failed for a pair that was not there, which now is. */
  learn(message: string): boolean;
}

const TABLE = "$edit_distances";
const UNKNOWN = "no edit distance of ";
const BODY = `IF(x IS NULL OR y IS NULL, NULL, IFNULL(
  (SELECT d.distance FROM \`${TABLE}\` AS d WHERE d.left_text = x AND d.right_text = y),
  ERROR(CONCAT("${UNKNOWN}", TO_JSON_STRING([x, y])))))`;

const ANY = { kind: "ARG_TYPE_ARBITRARY", numOccurrences: -1, options: { cardinality: "REQUIRED" } };

export function createEditDistances(): EditDistances {
  const known = new Map<string, readonly ValueMessage[]>();
  return {
    table: {
      name: TABLE,
      column: [
        { name: "left_text", type: typeToMessage({ kind: "STRING" }) },
        { name: "right_text", type: typeToMessage({ kind: "STRING" }) },
        { name: "distance", type: typeToMessage({ kind: "INT64" }) },
      ],
    },
    function: {
      namePath: ["edit_distance"],
      group: "Templated_SQL_Function",
      mode: "SCALAR",
      signature: [{ argument: [ANY, ANY], returnType: ANY, options: {} }],
      parseResumeLocation: { filename: "", input: BODY, bytePosition: 0 },
      templatedSqlFunctionArgumentName: ["x", "y"],
    },
    rows: () => [...known.values()].map((cell) => ({ cell })),
    learn(message) {
      const pair = message.startsWith(UNKNOWN) ? message.slice(UNKNOWN.length) : null;
      if (pair === null || known.has(pair)) return false;
      const [x = "", y = ""] = JSON.parse(pair) as readonly string[];
      known.set(pair, [{ stringValue: x }, { stringValue: y }, { int64Value: String(editDistance(x, y)) }]);
      return true;
    },
  };
}

/** Levenshtein's, of code points, as the function's documentation says. */
export function editDistance(x: string, y: string): number {
  const [left, right] = [[...x], [...y]];
  let above = right.map((_, at) => at + 1);
  for (const [row, letter] of left.entries()) {
    let corner = row;
    let before = row + 1;
    above = above.map((up, at) => {
      const cost = Math.min(up + 1, before + 1, corner + (right[at] === letter ? 0 : 1));
      corner = up;
      before = cost;
      return cost;
    });
  }
  return above.at(-1) ?? left.length;
}
