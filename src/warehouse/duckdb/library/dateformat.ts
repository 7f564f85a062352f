import { quote } from "./sqltext.js";

/**
 * Formats DuckDB can write or read by itself, at a hundredth of the cost of a JavaScript function.
 * What it cannot gives null, and the general functions take over.
 */
const ELEMENT = /%(E\*S|E[0-9]S|E4Y|Ez|[\s\S])|%$|[^%]+/g;

const SAME_IN_BOTH = new Set("YmdHMSyjBbAaIpUWwGVu%");

/** Elements that stand for others. */
const STANDS_FOR: Readonly<Record<string, string>> = {
  F: "%Y-%m-%d",
  T: "%H:%M:%S",
  X: "%H:%M:%S",
  D: "%m/%d/%y",
  x: "%m/%d/%y",
  R: "%H:%M",
  h: "%b",
  c: "%a %b %e %H:%M:%S %Y",
  r: "%I:%M:%S %p",
  n: "\n",
  t: "\t",
};
const TEXT_OF: Readonly<Record<string, (x: string) => string>> = {
  e: (x) => `lpad(day(${x})::VARCHAR, 2, ' ')`,
  Q: (x) => `quarter(${x})::VARCHAR`,
};
const FRACTIONS: Readonly<Record<string, string>> = { E0S: "%S", E3S: "%S.%g", E6S: "%S.%f" };

/** What is written: a DATE has no time elements and a TIME no others, and GoogleSQL leaves those as they stand. */
export type Subject = "DATE" | "TIME" | "DATETIME";

const TIME_ELEMENT = /^(?:[HIklMPpRrSTX]|E.*S)$/;
const OF_NO_DATE_OR_TIME = /^[cs]$/;

function hasForeignElement(format: string, subject: Subject): boolean {
  if (subject === "DATETIME") return false;
  return [...format.matchAll(ELEMENT)].some(([, element]) => {
    if (element === undefined || "%nt".includes(element)) return false;
    return OF_NO_DATE_OR_TIME.test(element) || TIME_ELEMENT.test(element) !== (subject === "TIME");
  });
}

/** A run of `strftime` text, or SQL for one element. */
type Piece = { readonly format: string } | { readonly sql: string };

/**
 * SQL that writes `expr` (DuckDB DATE or TIMESTAMP, the UTC reading of a TIMESTAMP) in this format, or null.
 * Elements of the time zone are left to the general function, as they depend on the type.
 */
export function nativeFormat(format: string, expr: string, subject: Subject = "DATETIME"): string | null {
  const pieces = hasForeignElement(format, subject) ? null : piecesOf(format, expr);
  if (pieces === null) return null;
  const joined: string[] = [];
  let run = "";
  for (const piece of [...pieces, { sql: "" }]) {
    if ("format" in piece) run += piece.format;
    else {
      if (run !== "") joined.push(`strftime(${expr}, ${quote(run)})`);
      if (piece.sql !== "") joined.push(piece.sql);
      run = "";
    }
  }
  return joined.length === 0 ? "''" : joined.length === 1 ? (joined[0] ?? null) : `(${joined.join(" || ")})`;
}

function piecesOf(format: string, expr: string): readonly Piece[] | null {
  const pieces: Piece[] = [];
  for (const [token, element] of format.matchAll(ELEMENT)) {
    if (token === "%") return null;
    const standsFor = element === undefined ? undefined : STANDS_FOR[element];
    const fraction = element === undefined ? undefined : FRACTIONS[element];
    const sql = element === undefined ? undefined : TEXT_OF[element];
    if (element === undefined) pieces.push({ format: token });
    else if (SAME_IN_BOTH.has(element)) pieces.push({ format: `%${element}` });
    else if (fraction !== undefined) pieces.push({ format: fraction });
    else if (sql !== undefined) pieces.push({ sql: sql(expr) });
    else if (standsFor !== undefined) {
      const inner = piecesOf(standsFor, expr);
      if (inner === null) return null;
      pieces.push(...inner);
    } else return null;
  }
  return pieces;
}

/** Formats that leave no room: fixed order, each part apart from the next, no white space that may vary. */
const READABLE = /^%Y([-/.])%m\1%d(?:([T ])%H:%M(?::%S)?Z?)?$|^%m([/-])%d\3%Y$|^%d([/.-])%m\4%Y$/;

/**
 * The `strptime` format that reads what GoogleSQL reads with this one, or null. DuckDB refuses some texts GoogleSQL
 * takes (white space around, one space for none or many): `try_strptime`, then the general function for the rest.
 */
export function nativeParse(format: string): string | null {
  const spelled = format
    .replaceAll("%F", "%Y-%m-%d")
    .replaceAll("%T", "%H:%M:%S")
    .replaceAll("%R", "%H:%M")
    .replaceAll("%E4Y", "%Y");
  return READABLE.test(spelled) ? spelled : null;
}
