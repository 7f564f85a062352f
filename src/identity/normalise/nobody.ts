import blocked from "../../../includes/blocked_values.json" with { type: "json" };
import { latin } from "./latin.js";

/**
 * Whether a value stands for nobody ("unknown", info@, +4900000000), by the list that the identity models read as well. Identifiers
 * land whatever they are and are judged there; a description is of somebody, so here such a value says nothing.
 */
const WORDS: ReadonlySet<string> = new Set(blocked.words);
const MAILBOXES: ReadonlySet<string> = new Set([...blocked.words, ...blocked.mailboxes]);
const NAMES: ReadonlySet<string> = new Set([...blocked.words, ...blocked.names]);
const ANY = patternOf(blocked.any);
const EMAIL = patternOf([...blocked.any, ...blocked.types.email]);
const PHONE = patternOf([...blocked.any, ...blocked.types.phone]);

const NO_LETTER_OR_DIGIT = /[^\p{L}\p{N}]/gu;
const ONLY_ZEROS = /^0*$/;

/** Words that stand for a missing name and are names as well: Li Na, Nil, Nan, Joe Root. */
const ALSO_NAMES: ReadonlySet<string> = new Set(["guest", "na", "nan", "nil", "root"]);

export function isNobodysText(value: string): boolean {
  const text = bare(value);
  return ONLY_ZEROS.test(text) || WORDS.has(text) || ANY.test(text);
}

/** Of a canonical address. */
export function isNobodysEmail(email: string): boolean {
  const mailbox = /^(.?[^@+]*)/.exec(email)?.[1] ?? "";
  const text = bare(mailbox);
  return text === "" || MAILBOXES.has(text) || EMAIL.test(email);
}

/** Of a number in E.164. */
export function isNobodysPhone(phone: string): boolean {
  return ONLY_ZEROS.test(bare(phone)) || PHONE.test(phone);
}

/** Of a part of a name, folded; `isWhole` where there is no other part. */
export function isNobodysName(name: string, isWhole: boolean): boolean {
  return (NAMES.has(name) && (isWhole || !ALSO_NAMES.has(name))) || ANY.test(name);
}

function bare(value: string): string {
  return latin(value).replace(NO_LETTER_OR_DIGIT, "");
}

/** The list's patterns are RE2, which writes `\x{80}` where JavaScript writes `\u{80}`. */
function patternOf(patterns: readonly string[]): RegExp {
  return new RegExp(patterns.join("|").replaceAll("\\x{", "\\u{"), "iu");
}
