import { isNobodysEmail } from "./nobody.js";

const TAG = /\+.*$/;
const NO_LETTER = /[^\p{L}]/gu;
/** Of fewer letters too many people's addresses are made. */
const MIN_LETTERS = 3;

/**
 * What a canonical address calls its owner: the letters before the @, without tag, dots and digits. People keep it when they change
 * the provider (anna.nowak@, annanowak7@). Null where it says too little, or names nobody.
 */
export function emailUser(email: string): string | null {
  if (isNobodysEmail(email)) return null;
  const letters = email.slice(0, email.lastIndexOf("@")).replace(TAG, "").replace(NO_LETTER, "");
  return letters.length < MIN_LETTERS ? null : letters;
}
