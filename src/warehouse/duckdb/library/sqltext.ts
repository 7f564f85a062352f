/**
 * DuckDB SQL as text: just enough lexing to put arguments into a body without touching its string literals.
 */
const TOKEN = /'(?:[^']|'')*'|"(?:[^"]|"")*"|\$[A-Za-z_]\w*|[A-Za-z_]\w*|[()[\]{}]|[^'"$A-Za-z_()[\]{}]+|[\s\S]/g;

const LITERAL = /^(?:'(?:[^']|'')*'|-?\d+(?:\.\d+)?|NULL|TRUE|FALSE)(?:::[A-Za-z_]\w*(?:\(\d+(?:,\s*\d+)?\))?)?$/i;
const COLUMN = /^(?:[A-Za-z_]\w*|"(?:[^"]|"")*")(?:\.(?:[A-Za-z_]\w*|"(?:[^"]|"")*"))*$/;
const VOLATILE_CALL = /^(?:random|uuid|uuidv4|uuidv7|gen_random_uuid|nextval|u_new_keyset|u_aead_encrypt)$/i;

export function tokensOf(sql: string): readonly string[] {
  return sql.match(TOKEN) ?? [];
}

/** A text, number, boolean or NULL, with at most one cast. */
export function isLiteral(sql: string): boolean {
  return LITERAL.test(sql);
}

/** Needs no parentheses wherever it is put. */
export function isAtomic(sql: string): boolean {
  return COLUMN.test(sql) || (isLiteral(sql) && !sql.startsWith("-"));
}

/** Whether two occurrences of the text could give two values. */
export function isVolatile(sql: string): boolean {
  return tokensOf(sql).some((token) => VOLATILE_CALL.test(token));
}

export function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** The text inside a plain string literal, or null when the SQL is anything else. */
export function literalText(sql: string): string | null {
  return /^'(?:[^']|'')*'$/.test(sql) ? sql.slice(1, -1).replaceAll("''", "'") : null;
}

/** The value of an integer literal such as `2` or `2::BIGINT`, or null when the SQL is anything else. */
export function literalInteger(sql: string): number | null {
  const digits = /^\(?(-?\d{1,9})\)?(?:::(?:BIGINT|INTEGER))?$/.exec(sql)?.[1];
  return digits === undefined ? null : Number(digits);
}

export interface PlaceholderUse {
  readonly count: number;
  /** Mentioned where a lambda's body is: evaluated once per element, and no place for subqueries or aggregates. */
  readonly isInLambda: boolean;
}

/** How often a body mentions each `$name`. */
export function placeholdersOf(body: string): ReadonlyMap<string, PlaceholderUse> {
  const uses = new Map<string, PlaceholderUse>();
  const lambdaDepths: number[] = [];
  let depth = 0;
  for (const token of tokensOf(body)) {
    if (token === "(" || token === "[" || token === "{") depth += 1;
    else if (token === ")" || token === "]" || token === "}") {
      depth -= 1;
      while ((lambdaDepths.at(-1) ?? -1) > depth) lambdaDepths.pop();
    } else if (token === "lambda") lambdaDepths.push(depth);
    else if (token.startsWith("$") && token.length > 1) {
      const before = uses.get(token.slice(1));
      uses.set(token.slice(1), {
        count: (before?.count ?? 0) + 1,
        isInLambda: (before?.isInLambda ?? false) || lambdaDepths.length > 0,
      });
    }
  }
  return uses;
}

/** Replaces every `$name` outside string literals. */
export function substitute(body: string, values: ReadonlyMap<string, string>): string {
  return tokensOf(body)
    .map((token) => (token.startsWith("$") && token.length > 1 ? (values.get(token.slice(1)) ?? token) : token))
    .join("");
}
