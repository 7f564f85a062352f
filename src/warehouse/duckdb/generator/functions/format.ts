import { quoteText } from "../sql.js";
import { type Call, constantText, type FunctionHandler } from "./call.js";
import { formatText } from "./format-text.js";

const SPECIFIER = /%([-+ #0']*)(\d+|\*)?(\.\d+|\.\*)?([a-zA-Z%])/g;

/** FORMAT with a constant format: one concatenation, each specifier written for the type of its argument. */
export const format: FunctionHandler = (call) => {
  const text = constantText(call, 0);
  if (text === null) return call.generator.unsupported("FORMAT with a computed format", call.node);
  const parts: string[] = [];
  let argument = 1;
  let last = 0;
  for (const match of text.matchAll(SPECIFIER)) {
    if (match.index > last) parts.push(quoteText(text.slice(last, match.index)));
    last = match.index + match[0].length;
    const [, flags = "", width = "", precision = "", letter = ""] = match;
    if (letter === "%") {
      parts.push("'%'");
      continue;
    }
    parts.push(specifier(call, argument, { flags, width, precision, letter }));
    argument += 1;
  }
  if (last < text.length) parts.push(quoteText(text.slice(last)));
  return parts.length === 0 ? "''" : `(${parts.join(" || ")})`;
};

interface Specifier {
  readonly flags: string;
  readonly width: string;
  readonly precision: string;
  readonly letter: string;
}

function specifier(call: Call, index: number, { flags, width, precision, letter }: Specifier): string {
  const node = call.nodes[index];
  const value = call.args[index];
  const refuse = (): never =>
    call.generator.unsupported(`FORMAT with %${flags}${width}${precision}${letter}`, call.node);
  if (node === undefined || value === undefined || width === "*" || precision === ".*") return refuse();
  const padded = (sql: string): string => {
    if (width === "") return sql;
    return `${flags.includes("-") ? "rpad" : "lpad"}(${sql}, CAST(greatest(${width}, length(${sql})) AS INTEGER), ' ')`;
  };
  if ("stT".includes(letter) && (precision !== "" || !/^-?$/.test(flags))) return refuse();
  if (letter === "s") return padded(value);
  if (letter === "t" || letter === "T") return padded(formatText(call, node.type, value, letter));
  if (flags.includes("'")) {
    return "di".includes(letter) && flags === "'" && precision === "" ? padded(`format('{:,}', ${value})`) : refuse();
  }
  if (call.kinds[index] === "NUMERIC" && "fF".includes(letter)) {
    const places = precision === "" ? 6 : Number(precision.slice(1));
    return flags.replace("-", "") === "" && places <= 9 ? padded(fixedPoint(value, places)) : refuse();
  }
  if ("oxX".includes(letter)) return padded(signAndSize(value, { flags, width, precision, letter }));
  return "diufFeEgG".includes(letter)
    ? `printf(${quoteText(`%${flags}${width}${precision}${letter}`)}, ${value})`
    : refuse();
}

/** A negative number is a sign and its size, where printf shows its bits. Zeros go between them, spaces before. */
function signAndSize(value: string, { flags, width, precision, letter }: Specifier): string {
  const isFilled = flags.includes("0") && !flags.includes("-") && precision === "" && width !== "";
  const size = (sign: number): string => {
    const zeros = isFilled ? `0${Math.max(1, Number(width) - sign)}` : "";
    return `printf('%${flags.includes("#") ? "#" : ""}${zeros}${precision}${letter}', abs(CAST(${value} AS HUGEINT)))`;
  };
  return `(CASE WHEN ${value} < 0 THEN '-' || ${size(1)} ELSE ${size(0)} END)`;
}

/** %f of a NUMERIC: by way of FLOAT64, as DuckDB's printf goes, the last of its digits would be others. */
function fixedPoint(value: string, places: number): string {
  return `CAST(CAST(${value} AS DECIMAL(38,${places})) AS VARCHAR)`;
}
