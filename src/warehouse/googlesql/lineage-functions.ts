import { ELEMENT, merge, part, partAt, through, type Value, within } from "./lineage-values.js";
import type { ResolvedNode } from "./resolved.js";

/** One call, its arguments already traced. */
export interface TracedCall {
  /** "net.host" for NET.HOST, "$add" for +. */
  readonly name: string;
  readonly args: readonly Value[];
  readonly nodes: readonly ResolvedNode[];
  readonly node: ResolvedNode;
}

type Handler = (call: TracedCall) => Value;

const words = (text: string): readonly string[] => text.split(/\s+/).filter((word) => word !== "");

const decided = (value: Value | undefined): Value => through("decide", value ?? []);
const first = ({ args }: TracedCall): Value => args[0] ?? [];
const any = ({ args }: TracedCall): Value => merge(args);

/** The first argument, chosen by the others. */
const chosen = ({ args: [value = [], ...others] }: TracedCall): Value => merge([value, ...others.map(decided)]);

function constantText(node: ResolvedNode | undefined): string | null {
  if (node?.kind !== "Literal" || node.type.kind !== "STRING") return null;
  const value = node.literal();
  return value === null ? null : String(value);
}

/** The members a JSONPath names: $.a['b c'][0] is a, "b c", an element. Null for a path that is computed or of another form. */
export function jsonPath(text: string | null): readonly string[] | null {
  if (text === null || !text.startsWith("$")) return null;
  const steps: string[] = [];
  const step = /\.(?:"([^"]*)"|([^.[\]"]+))|\[(?:(['"])(.*?)\3|\d+)\]/y;
  step.lastIndex = 1;
  while (step.lastIndex < text.length) {
    const found = step.exec(text);
    if (found === null) return null;
    steps.push(found[1] ?? found[2] ?? found[4] ?? ELEMENT);
  }
  return steps;
}

/** Whatever a path may lead to that is not known beforehand. */
function somewhere(value: Value): Value {
  return through("derive", value);
}

const jsonMember: Handler = ({ args: [value = [], path], nodes }) => {
  if (path === undefined) return value;
  const steps = jsonPath(constantText(nodes[1]));
  return steps === null ? merge([somewhere(value), decided(path)]) : partAt(value, steps);
};

const subscript: Handler = ({ args: [value = [], index], nodes: [target, place] }) => {
  if (target?.type.kind === "JSON" && place?.type.kind === "STRING") {
    const name = constantText(place);
    return name === null ? merge([somewhere(value), decided(index)]) : part(value, name);
  }
  return merge([part(value, ELEMENT), decided(index)]);
};

/** `json_object(name, value, name, value, ...)`. */
const jsonObject: Handler = ({ args, nodes }) =>
  merge(
    args.map((value, i) => {
      if (i % 2 === 0) return decided(value);
      const name = constantText(nodes[i - 1]);
      return name === null ? somewhere(value) : within(name, value);
    }),
  );

/** `json_set(json, path, value, path, value, ...)`: what was there stays a possible source. */
const jsonSet: Handler = ({ args, nodes }) =>
  merge(
    args.map((value, i) => {
      if (i === 0) return value;
      if (i % 2 === 1) return decided(value);
      const steps = jsonPath(constantText(nodes[i - 1]));
      return steps === null ? somewhere(value) : steps.reduceRight((inner, name) => within(name, inner), value);
    }),
  );

const list: Handler = ({ args }) => merge(args.map((value) => within(ELEMENT, value)));
const element: Handler = ({ args: [array = [], ...others] }) => merge([part(array, ELEMENT), ...others.map(decided)]);
const chosenElement: Handler = (call) => within(ELEMENT, chosen(call));

const caseOfConditions: Handler = ({ args }) =>
  merge(args.map((value, i) => (i % 2 === 0 && i < args.length - 1 ? decided(value) : value)));

/** `CASE a WHEN b THEN c WHEN d THEN e ELSE f`: a, b, c, d, e, f. */
const caseOfValues: Handler = ({ args }) =>
  merge(args.map((value, i) => (i === 0 || (i % 2 === 1 && i < args.length - 1) ? decided(value) : value)));

const condition: Handler = ({ args: [test, ...values] }) => merge([decided(test), ...values]);

/** JSON made into a scalar is that scalar; the same names make texts and numbers of other things. */
const scalarOfJson: Handler = (call) => (call.nodes[0]?.type.kind === "JSON" ? first(call) : derived(call));

/** A hash or a measure: tells values apart, or how long they are, and shows none. */
const digested: Handler = (call) => through("digest", any(call));
const derived: Handler = (call) => through("derive", any(call));
const counted: Handler = (call) => through("decide", any(call));

function table(entries: readonly (readonly [string, Handler])[]): ReadonlyMap<string, Handler> {
  return new Map(entries.flatMap(([names, handler]) => words(names).map((name) => [name, handler] as const)));
}

const HANDLERS = table([
  ["coalesce ifnull greatest least iferror array_concat", any],
  ["if iff", condition],
  ["$case_no_value", caseOfConditions],
  ["$case_with_value", caseOfValues],
  [
    "nullif nulliferror array_reverse array_slice parse_json to_json to_json_string json_remove json_strip_nulls",
    chosen,
  ],
  ["json_value json_extract_scalar json_query json_extract", jsonMember],
  ["json_value_array json_extract_string_array json_query_array json_extract_array", jsonMember],
  ["$subscript", subscript],
  ["lax_string lax_int64 lax_float64 lax_double lax_bool", first],
  ["string int64 double float64 bool", scalarOfJson],
  ["json_object", jsonObject],
  ["json_set json_array_append", jsonSet],
  ["json_array $make_array make_array", list],
  ["$array_at_offset $array_at_ordinal $safe_array_at_offset $safe_array_at_ordinal", element],
  ["array_first array_last", element],
  ["md5 sha1 sha256 sha512 farm_fingerprint", digested],
  ["length char_length character_length byte_length octet_length array_length", digested],
  ["strpos instr edit_distance", digested],
  // Aggregates and window functions.
  ["min max any_value max_by min_by first_value nth_value last_value array_concat_agg", chosen],
  ["lead lag", ({ args: [value = [], offset, fallback = []] }) => merge([value, decided(offset), fallback])],
  ["array_agg", chosenElement],
  ["count countif approx_count_distinct $count_star hll_count.extract", counted],
]);

/**
 * What a built-in function makes of its arguments. One that is not listed makes another value of all of them; where it gives BOOL it
 * tells no more of them than a yes or no, so they decide.
 */
export function traceCall(call: TracedCall): Value {
  const handler = HANDLERS.get(call.name);
  if (handler !== undefined) return handler(call);
  if (call.args.every((value) => value.length === 0)) return [];
  if (call.node.type.kind !== "BOOL") return derived(call);
  return merge(call.args.map((value, i) => through(call.nodes[i]?.type.kind === "BOOL" ? "derive" : "decide", value)));
}
