import { arg, constantInteger, expandCall, type FunctionHandler, type FunctionTable, library, native } from "./call.js";

/** DuckDB's rounding functions change the type of a decimal. */
function rounding(name: string): FunctionHandler {
  return (call) => {
    const sql = `${name}(${arg(call, 0)})`;
    if (call.type.kind === "NUMERIC") return `${sql}::DECIMAL(38,9)`;
    if (call.type.kind === "BIGNUMERIC") return `${sql}::DECIMAL(38,18)`;
    return sql;
  };
}

/** With a number of digits. DuckDB rounds a decimal only at a place known when it plans. */
function roundingTo(name: "round" | "trunc"): FunctionHandler {
  return (call) => {
    const digits = constantInteger(call, 1);
    if (call.args.length > 2) return call.generator.unsupported("ROUND with a rounding mode", call.node);
    if (call.type.kind !== "BIGNUMERIC") return expandCall(call, name);
    if (call.args.length === 1) return rounding(name)(call);
    if (digits === null || digits < 0 || digits > 17) {
      return call.generator.unsupported(`${name.toUpperCase()} of BIGNUMERIC to these digits`, call.node);
    }
    return `${name}(${arg(call, 0)}, ${digits})::DECIMAL(38,18)`;
  };
}

export const numberFunctions: FunctionTable = {
  round: roundingTo("round"),
  trunc: roundingTo("trunc"),
  ceil: rounding("ceil"),
  ceiling: rounding("ceil"),
  floor: rounding("floor"),
  pow: library("power"),
  power: library("power"),
  is_nan: native("isnan"),
  is_inf: native("isinf"),
  rand: () => "random()",
};
