/**
 * Finds the elements of a JSON array in bytes without parsing them: each event of a batch keeps its own original bytes,
 * its own size and its own outcome. One pass, no recursion: nesting costs nothing here.
 *
 * It tells structure only (strings, brackets, commas); whether an element is valid JSON is for the parser of that element.
 */
export interface Span {
  readonly start: number;
  /** The first byte behind it. */
  readonly end: number;
}

export interface ArraySpan extends Span {
  readonly elements: readonly Span[];
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** The array that is the whole text. Null when it is something else, or cut short. */
export function splitArray(bytes: Buffer): ArraySpan | null {
  const start = skipSpace(bytes, 0);
  const array = arrayAt(bytes, start);
  return array && skipSpace(bytes, array.end) === bytes.length ? array : null;
}

/**
 * The array under `name` in the object that is the whole text; of several, the last, as parsers do.
 * Null when there is none, or the text is cut short.
 */
export function splitMember(bytes: Buffer, name: string): ArraySpan | null {
  let at = skipSpace(bytes, 0);
  if (bytes[at] !== OPEN_OBJECT) return null;
  const key = Buffer.from(JSON.stringify(name));
  let found: ArraySpan | null = null;
  at = skipSpace(bytes, at + 1);
  while (bytes[at] === QUOTE) {
    const keyEnd = stringEnd(bytes, at);
    if (keyEnd < 0) return null;
    const colon = skipSpace(bytes, keyEnd);
    if (bytes[colon] !== COLON) return null;
    const valueStart = skipSpace(bytes, colon + 1);
    const isNamed = bytes.subarray(at, keyEnd).equals(key);
    const array = isNamed ? arrayAt(bytes, valueStart) : null;
    const valueEnd = array ? array.end : endOfValue(bytes, valueStart);
    if (valueEnd < 0) return null;
    if (isNamed) found = array;
    at = skipSpace(bytes, valueEnd);
    if (bytes[at] === CLOSE_OBJECT) return skipSpace(bytes, at + 1) === bytes.length ? found : null;
    if (bytes[at] !== COMMA) return null;
    at = skipSpace(bytes, at + 1);
  }
  return null;
}

function arrayAt(bytes: Buffer, start: number): ArraySpan | null {
  if (bytes[start] !== OPEN_ARRAY) return null;
  const elements: Span[] = [];
  let at = skipSpace(bytes, start + 1);
  if (bytes[at] === CLOSE_ARRAY) return { start, end: at + 1, elements };
  for (;;) {
    const end = endOfValue(bytes, at);
    if (end <= at) return null;
    elements.push({ start: at, end });
    at = skipSpace(bytes, end);
    if (bytes[at] === CLOSE_ARRAY) return { start, end: at + 1, elements };
    if (bytes[at] !== COMMA) return null;
    at = skipSpace(bytes, at + 1);
  }
}

/** The first byte behind the value that starts at `start`; -1 when the text ends before it does. */
function endOfValue(bytes: Buffer, start: number): number {
  let depth = 0;
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      const end = stringEnd(bytes, at);
      if (end < 0) return -1;
      if (depth === 0) return end;
      at = end - 1;
    } else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      depth++;
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
      // A bracket of the surrounding array or object ends a bare number or word.
      if (depth === 0) return at;
      depth--;
      if (depth === 0) return at + 1;
    } else if (depth === 0 && (byte === COMMA || isSpace(byte))) {
      return at;
    }
  }
  return -1;
}

/** The first byte behind the string that starts at `start`; -1 when it never ends. */
function stringEnd(bytes: Buffer, start: number): number {
  for (let at = start + 1; at < bytes.length; at++) {
    if (bytes[at] === BACKSLASH) at++;
    else if (bytes[at] === QUOTE) return at + 1;
  }
  return -1;
}

function skipSpace(bytes: Buffer, start: number): number {
  let at = start;
  while (isSpace(bytes[at])) at++;
  return at;
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
