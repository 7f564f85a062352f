/** DuckDB SQL as text: quoting. */
export function quoteText(text: string): string {
  const quote = (part: string): string => `'${part.replaceAll("'", "''")}'`;
  // A NUL cannot stand in SQL text.
  return text.includes("\0") ? `(${text.split("\0").map(quote).join(" || chr(0) || ")})` : quote(text);
}

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** The name a resolved column goes by inside generated SQL. */
export function columnName(id: string): string {
  return `_c${id}`;
}

/** A select list is never empty: a scan of no columns still has rows. */
export function selectList(items: readonly string[]): string {
  return items.length === 0 ? "1 AS _" : items.join(", ");
}
