/**
 * GoogleSQL in TypeScript that `rollcall check` reads and analyses: a constant, so it takes no `${}`; values go in as query
 * parameters. The text as it is written: a backslash is GoogleSQL's, and only a backtick is escaped.
 */
export function sql(text: TemplateStringsArray): string {
  return text.raw.join("").replaceAll("\\`", "`");
}
