/**
 * Salesforce record ids: 15 characters in which case matters, or 18, where the last three say which of the fifteen are
 * capital letters (help.salesforce.com, "How to convert a 15-character ID to an 18-character ID").
 */
const SUFFIX_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
const SHORT = /^[A-Za-z0-9]{15}$/;
const LONG = /^[A-Za-z0-9]{15}[A-Za-z0-5]{3}$/;

/** The 18-character id; null when the text is not an id. An id whose case a spreadsheet lost gets it back. */
export function canonicalSalesforceId(raw: string): string | null {
  const text = raw.trim();
  if (SHORT.test(text)) return text + suffixOf(text);
  if (!LONG.test(text)) return null;
  const suffix = text.slice(15).toUpperCase();
  const id = restoreCase(text.slice(0, 15), suffix);
  return suffixOf(id) === suffix ? id + suffix : null;
}

/** One character per five: bit n is set when the n-th of the five is a capital letter. */
function suffixOf(id: string): string {
  let suffix = "";
  for (let start = 0; start < 15; start += 5) {
    let bits = 0;
    for (let n = 0; n < 5; n++) if (/[A-Z]/.test(id.charAt(start + n))) bits |= 1 << n;
    suffix += SUFFIX_ALPHABET.charAt(bits);
  }
  return suffix;
}

function restoreCase(id: string, suffix: string): string {
  let restored = "";
  for (let n = 0; n < 15; n++) {
    const bits = SUFFIX_ALPHABET.indexOf(suffix.charAt(Math.floor(n / 5)));
    const isCapital = (bits & (1 << (n % 5))) !== 0;
    restored += isCapital ? id.charAt(n).toUpperCase() : id.charAt(n).toLowerCase();
  }
  return restored;
}
