import {
  arg,
  type Call,
  constantInteger,
  expandCall,
  type FunctionHandler,
  type FunctionTable,
  library,
  native,
} from "./call.js";

function isDecimal(call: Call): boolean {
  return call.type.kind === "NUMERIC" || call.type.kind === "BIGNUMERIC";
}

/** DuckDB's rounding functions change the type of a decimal. */
function rounding(name: string): FunctionHandler {
  return (call) => {
    const sql = `${name}(${arg(call, 0)})`;
    if (call.type.kind === "NUMERIC") return `${sql}::DECIMAL(38,9)`;
    if (call.type.kind === "BIGNUMERIC") return `${sql}::DECIMAL(38,18)`;
    return sql;
  };
}

const round: FunctionHandler = (call) => {
  const digits = call.args[1];
  if (digits === undefined) return rounding("round")(call);
  if (call.args.length > 2) return call.generator.unsupported("ROUND with a rounding mode", call.node);
  if (!isDecimal(call)) return `round(${arg(call, 0)}, CAST(${digits} AS INTEGER))`;
  const constant = constantInteger(call, 1);
  if (constant === null || call.type.kind === "BIGNUMERIC") return expandCall(call, "round");
  return `round(${arg(call, 0)}, ${constant})::DECIMAL(38,9)`;
};

const truncate: FunctionHandler = (call) => {
  const digits = call.args[1];
  if (digits === undefined) return rounding("trunc")(call);
  if (call.type.kind !== "DOUBLE") return call.generator.unsupported("TRUNC of NUMERIC with digits", call.node);
  return `trunc(${arg(call, 0)}, CAST(${digits} AS INTEGER))`;
};

/** NULL when any argument is NULL, NaN when any is NaN; DuckDB skips the one and sorts the other last. */
function extreme(name: "greatest" | "least"): FunctionHandler {
  return (call) => {
    const all = call.args.join(", ");
    const present = call.args.map((value) => `${value} IS NOT NULL`).join(" AND ");
    if (call.type.kind !== "DOUBLE") return `CASE WHEN ${present} THEN ${name}(${all}) END`;
    const isNan = call.args.map((value) => `isnan(${value})`).join(" OR ");
    return `CASE WHEN ${present} THEN CASE WHEN ${isNan} THEN 'NaN'::DOUBLE ELSE ${name}(${all}) END END`;
  };
}

export const numberFunctions: FunctionTable = {
  round,
  trunc: truncate,
  ceil: rounding("ceil"),
  ceiling: rounding("ceil"),
  floor: rounding("floor"),
  pow: native("pow"),
  power: native("pow"),
  is_nan: native("isnan"),
  is_inf: native("isinf"),
  rand: () => "random()",
  greatest: extreme("greatest"),
  least: extreme("least"),
  sign: library("sign"),
};
