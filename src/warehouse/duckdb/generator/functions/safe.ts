import { functionName, type ResolvedNode } from "../../../googlesql/resolved.js";
import { quoteText } from "../sql.js";

/** Functions that raise for no argument: with them inside, TRY around a call covers no more than the call itself. */
const TOTAL = new Set(
  (
    "json_value json_query json_extract json_extract_scalar lower upper trim ltrim rtrim concat coalesce ifnull if nullif " +
    "length starts_with ends_with strpos replace to_json_string $equal $not_equal $and $or $not $is_null reverse"
  ).split(" "),
);

/** Whether computing the argument cannot raise. */
function isCalm(node: ResolvedNode): boolean {
  switch (node.kind) {
    case "":
    case "ColumnRef":
    case "Literal":
    case "Parameter":
      return true;
    case "GetStructField":
      return isCalm(node.node("expr"));
    case "FunctionCall":
      return TOTAL.has(functionName(node)) && node.nodes("argumentList").every(isCalm);
    default:
      return false;
  }
}

const BOUND = "safe_args";

type Write = (args: readonly string[]) => string;

/**
 * SAFE_ADD and its like: NULL where the call raises; what raises in an argument still raises. So that is computed outside of TRY, which
 * DuckDB wants for subqueries anyway: by a list of one element, whose lambda holds the call.
 */
export function safely(nodes: readonly ResolvedNode[], args: readonly string[], write: Write): string {
  return nodes.every(isCalm) ? `TRY(${write(args)})` : safelyApart(nodes, args, write);
}

/**
 * The same for SAFE.f(x), always in a lambda: what two such calls have in common, as SAFE.PARSE_DATE and SAFE.PARSE_TIMESTAMP of one text
 * have, DuckDB would else compute once and outside of both TRYs.
 */
export function safelyApart(nodes: readonly ResolvedNode[], args: readonly string[], write: Write): string {
  const isBound = nodes.map((node) => !isCalm(node));
  const fields = args.flatMap((arg, i) => (isBound[i] === true ? [`${quoteText(`a${i}`)}: ${arg}`] : []));
  const outside = args.map((arg, i) => (isBound[i] === true ? `${BOUND}.a${i}` : arg));
  const element = fields.length === 0 ? "0" : `{${fields.join(", ")}}`;
  return `(list_transform([${element}], lambda ${BOUND}: TRY(${write(outside)}))[1])`;
}
