import type { Plant } from "./plant.js";

const TYPESCRIPT_HEAD = 'import { sql } from "./warehouse/sql.js";\n\n';

/** Mistakes in statements that TypeScript holds. */
export const TYPESCRIPT_PLANTS: readonly Plant[] = [
  {
    mistake: "a misspelled column in TypeScript",
    file: "src/state.ts",
    plant: `${TYPESCRIPT_HEAD}export const STATES = sql\`\nSELECT model, ¦widow_to FROM ops.watermarks\`;\n`,
    says: /Unrecognized name: widow_to; Did you mean window_to\?/,
  },
  {
    mistake: "a parameter of a type its column has not, behind an escaped backtick",
    file: "src/state.ts",
    plant: `${TYPESCRIPT_HEAD}const A = sql\`SELECT \\\`model\\\` FROM ops.watermarks WHERE ¦window_to > 1 AND model = @model\`;\n`,
    says: /No matching signature for operator >/,
  },
  {
    mistake: "a table of the ledger that is not there, in the second statement",
    file: "src/state.ts",
    plant: `${TYPESCRIPT_HEAD}const A = sql\`DELETE FROM ops.sync_log WHERE TRUE;\n  DELETE FROM ¦ops.sync_logs WHERE TRUE\`;\n`,
    says: /Table not found: ops\.sync_logs/,
  },
  {
    mistake: "a value put into the text",
    file: "src/state.ts",
    plant: `${TYPESCRIPT_HEAD}const A = sql\`SELECT 1 FROM ops.runs WHERE run_id = ¦$\{id}\`;\n`,
    says: /give values as query parameters/,
  },
];
