import { functionName } from "../../../googlesql/resolved.js";
import { fail } from "../../library/fail.js";
import { captureGroups } from "../../library/functions/regexp.js";
import { quoteText } from "../sql.js";
import {
  arg,
  type Call,
  constantInteger,
  constantText,
  expandCall,
  type FunctionHandler,
  type FunctionTable,
  library,
  native,
} from "./call.js";
import { format } from "./format.js";

/** Strings, bytes, regular expressions and hashes. */

/** DuckDB takes no position beyond. */
const LONGEST_TEXT = 4_294_967_295;

/** Positive constant positions mean the same in DuckDB; zero, negative and computed ones do not. */
const substr: FunctionHandler = (call) => {
  const position = constantInteger(call, 1);
  const length = call.args.length === 3 ? constantInteger(call, 2) : 0;
  const isPlain = (number: number | null, least: number): boolean =>
    number !== null && number >= least && number <= LONGEST_TEXT;
  if (call.kinds[0] === "STRING" && isPlain(position, 1) && isPlain(length, 0)) {
    return `substr(${call.args.join(", ")})`;
  }
  return expandCall(call, "substr");
};

const normalize: FunctionHandler = (call) => {
  const mode = call.args[1];
  return mode === undefined || mode === "'NFC'"
    ? `nfc_normalize(${arg(call, 0)})`
    : `u_normalize(${call.args.join(", ")})`;
};

/** A pattern with more than one group fails where it is used, not before. */
function requireOneGroup(text: string, pattern: string): string | null {
  const failing = fail("A pattern may capture one group at most", "VARCHAR");
  return captureGroups(pattern) > 1 ? `CASE WHEN ${text} IS NOT NULL THEN ${failing} END` : null;
}

function hasGroup(pattern: string): boolean {
  return captureGroups(pattern) > 0;
}

/** The value of the one capturing group, else of the whole match; a constant pattern tells which at once. */
const regexpExtract: FunctionHandler = (call) => {
  const pattern = constantText(call, 1);
  if (call.args.length === 2 && pattern !== null && call.kinds[0] === "STRING") {
    return requireOneGroup(arg(call, 0), pattern) ?? expandCall(call, hasGroup(pattern) ? "rx1" : "rx0");
  }
  return expandCall(call, "regexp_extract");
};

const regexpExtractAll: FunctionHandler = (call) => {
  const pattern = constantText(call, 1);
  if (pattern === null || call.kinds[0] !== "STRING") return expandCall(call, "regexp_extract_all");
  const refused = requireOneGroup(arg(call, 0), pattern);
  if (refused !== null) return `[${refused}]`;
  const found = `regexp_extract_all(${call.args.join(", ")}${hasGroup(pattern) ? ", 1" : ""})`;
  // A pattern that can match nothing matches once more at the end of a text in DuckDB, not in GoogleSQL.
  return `CASE WHEN regexp_matches('', ${arg(call, 1)}) THEN u_regexp_extract_all(${call.args.join(", ")}) ELSE ${found} END`;
};

const HASHES = new Set(["md5", "sha1", "sha256"]);

/** TO_HEX(MD5(x)): DuckDB's md5 is hexadecimal already. */
const toHex: FunctionHandler = (call) => {
  const inner = call.nodes[0];
  if (inner?.kind !== "FunctionCall") return expandCall(call, "to_hex");
  const name = functionName(inner);
  const hashed = inner.nodes("argumentList")[0];
  if (!HASHES.has(name) || hashed === undefined) return expandCall(call, "to_hex");
  return `${name}(${call.generator.expression(hashed)})`;
};

/** The analyzer writes the optional distance left out as NULL. */
const editDistance: FunctionHandler = (call) => {
  const limit = call.nodes[2];
  const isUnbounded = limit === undefined || (limit.kind === "Literal" && constantInteger(call, 2) === null);
  const count = isUnbounded ? 2 : 3;
  return expandCall(call, "edit_distance", call.args.slice(0, count), call.kinds.slice(0, count));
};

const collate: FunctionHandler = (call) => {
  if (constantText(call, 1) !== "und:ci") return call.generator.unsupported("this collation", call.node);
  return `(${arg(call, 0)} COLLATE NOCASE)`;
};

const casefold: FunctionHandler = (call: Call) => `u_casefold(${arg(call, 0)}, ${call.args[1] ?? quoteText("NFC")})`;

export const textFunctions: FunctionTable = {
  char_length: native("length"),
  character_length: native("length"),
  octet_length: library("byte_length"),
  substr,
  substring: substr,
  normalize,
  normalize_and_casefold: casefold,
  collate,
  edit_distance: editDistance,
  format,
  regexp_extract: regexpExtract,
  regexp_substr: regexpExtract,
  regexp_extract_all: regexpExtractAll,
  to_hex: toHex,
};
