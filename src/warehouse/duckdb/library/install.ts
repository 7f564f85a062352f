import type { DuckDBConnection } from "@duckdb/node-api";
import { byteFunctions } from "./functions/bytes.js";
import { castFormatFunctions } from "./functions/castformat.js";
import { cryptoFunctions } from "./functions/crypto.js";
import { type ScriptFunction, script, TEXT, toScalarFunction } from "./functions/define.js";
import { jsonFunctions } from "./functions/json.js";
import { netFunctions } from "./functions/net.js";
import { numericTextFunctions } from "./functions/numerictext.js";
import { regexpFunctions } from "./functions/regexp.js";
import { textFunctions } from "./functions/text.js";
import { timeFormatFunctions } from "./functions/timeformat.js";
import { timeParseFunctions } from "./functions/timeparse.js";

const failing: ScriptFunction = script("u_fail", [TEXT], TEXT, (message: string) => {
  throw new RangeError(message);
});

const FUNCTIONS: readonly ScriptFunction[] = [
  failing,
  ...textFunctions,
  ...regexpFunctions,
  ...jsonFunctions,
  ...numericTextFunctions,
  ...byteFunctions,
  ...timeFormatFunctions,
  ...timeParseFunctions,
  ...castFormatFunctions,
  ...netFunctions,
  ...cryptoFunctions,
];

/**
 * Registers the JavaScript functions that expanded SQL calls (`u_*`) in the connection's instance. Everything else is
 * plain SQL. Installing twice changes nothing.
 */
export async function installLibrary(connection: DuckDBConnection): Promise<void> {
  for (const one of FUNCTIONS) connection.registerScalarFunction(toScalarFunction(one));
}
