import { quoteText } from "../sql.js";
import { arg, type Call, expandCall, type FunctionHandler, type FunctionTable, library } from "./call.js";

/**
 * Dates and times. TIMESTAMP is TIMESTAMPTZ in DuckDB, whose functions go through ICU and are slow: where the zone does not
 * matter the value takes the road through `make_timestamp(epoch_us(x))`.
 */
function utc(timestamp: string): string {
  return `make_timestamp(epoch_us(${timestamp}))`;
}

function fromUtc(timestamp: string): string {
  return `make_timestamptz(epoch_us(${timestamp}))`;
}

function interval(amount: string, part: string): string {
  return `(${amount} * INTERVAL 1 ${part.toUpperCase()})`;
}

function shift(operator: "+" | "-"): FunctionHandler {
  return (call) => {
    const amount = call.args.length === 2 ? arg(call, 1) : interval(arg(call, 1), arg(call, 2));
    const value = arg(call, 0);
    if (call.kinds[0] === "DATE") return `(${value} ${operator} ${amount})::DATE`;
    if (call.kinds[0] === "TIMESTAMP") return fromUtc(`${utc(value)} ${operator} ${amount}`);
    return `(${value} ${operator} ${amount})`;
  };
}

const difference: FunctionHandler = (call) => expandCall(call, `diff_${arg(call, 2)}`, call.args.slice(0, 2));

const truncate: FunctionHandler = (call) => {
  const [value, part, ...rest] = call.args;
  return expandCall(call, `trunc_${part}`, [value ?? "", ...rest], [call.kinds[0], ...call.kinds.slice(2)]);
};

const truncateTime: FunctionHandler = (call) =>
  expandCall(call, "trunc_time", [quoteText(arg(call, 1)), arg(call, 0)], []);

function local(call: Call, timestamp: string, zone: string): string {
  return expandCall(call, "local", [timestamp, zone], ["TIMESTAMP", "STRING"]);
}

const extract: FunctionHandler = (call) => {
  const [value = "", part = "", zone] = call.args;
  if (zone !== undefined) return expandCall(call, `extract_${part}`, [local(call, value, zone)], ["DATETIME"]);
  return expandCall(call, `extract_${part}`, [value], call.kinds.slice(0, 1));
};

/** EXTRACT(DATE FROM x) and its like. */
function extractWhole(type: "DATE" | "TIME" | "TIMESTAMP", converter: string): FunctionHandler {
  return (call) => {
    const zone = call.args[1];
    if (zone === undefined) return expandCall(call, converter, call.args.slice(0, 1));
    return `${local(call, arg(call, 0), zone)}::${type}`;
  };
}

const lastDay: FunctionHandler = (call) => {
  return `${expandCall(call, `last_day_${call.args[1] ?? "month"}`, [arg(call, 0)], call.kinds.slice(0, 1))}::DATE`;
};

const dateArray: FunctionHandler = (call) => {
  const [from = "", to = "", amount, part] = call.args;
  if (amount === undefined) return expandCall(call, "generate_date_array");
  return expandCall(
    call,
    "generate_date_array",
    [from, to, interval(amount, part ?? "day")],
    ["DATE", "DATE", "INTERVAL"],
  );
};

const timestampArray: FunctionHandler = (call) => {
  const [from = "", to = "", amount = "", part = ""] = call.args;
  return expandCall(
    call,
    "generate_timestamp_array",
    [from, to, interval(amount, part)],
    ["TIMESTAMP", "TIMESTAMP", "INTERVAL"],
  );
};

/** The clock in a zone, UTC unless said. */
function current(type: "DATE" | "TIME" | "TIMESTAMP"): FunctionHandler {
  return (call) => {
    const zone = call.args[0];
    const now = zone === undefined ? utc("now()") : local(call, "now()", zone);
    return `CAST(${now} AS ${type})`;
  };
}

const add = shift("+");
const subtract = shift("-");

export const datetimeFunctions: FunctionTable = {
  date_add: add,
  datetime_add: add,
  timestamp_add: add,
  time_add: add,
  date_sub: subtract,
  datetime_sub: subtract,
  timestamp_sub: subtract,
  time_sub: subtract,
  date_diff: difference,
  datetime_diff: difference,
  timestamp_diff: difference,
  time_diff: difference,
  date_trunc: truncate,
  datetime_trunc: truncate,
  timestamp_trunc: truncate,
  time_trunc: truncateTime,
  $extract: extract,
  $extract_date: extractWhole("DATE", "date"),
  $extract_time: extractWhole("TIME", "time"),
  $extract_datetime: extractWhole("TIMESTAMP", "datetime"),
  last_day: lastDay,
  $interval: (call) => interval(arg(call, 0), arg(call, 1)),
  generate_date_array: dateArray,
  generate_timestamp_array: timestampArray,
  current_date: current("DATE"),
  current_time: current("TIME"),
  current_datetime: current("TIMESTAMP"),
  current_timestamp: () => "now()",
  format_date: library("format_ts"),
  format_datetime: library("format_ts"),
  format_time: library("format_ts"),
  format_timestamp: library("format_ts"),
  parse_datetime: library("parse_dt"),
  parse_timestamp: library("parse_ts"),
};
