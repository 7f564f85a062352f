/** So many results are kept; then the memory begins anew. Names repeat, and what is kept stays small. */
const MAX_KNOWN = 20_000;
/** What is longer comes once. */
const MAX_LENGTH = 64;

/** The same function of a text with a bounded memory of its results. */
export function remember<Result>(work: (text: string) => Result): (text: string) => Result {
  const known = new Map<string, Result>();
  return (text) => {
    const seen = known.get(text);
    if (seen !== undefined) return seen;
    const result = work(text);
    if (text.length > MAX_LENGTH) return result;
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(text, result);
    return result;
  };
}
