/**
 * How many cells a terminal takes for a text. The wide ranges are those of East_Asian_Width W and F in Unicode 16 (UAX #11,
 * EastAsianWidth.txt); what an emoji joins, and flags, take two cells as one. Terminals differ in what is newer than they are.
 */
export function cellWidth(text: string): number {
  if (NARROW.test(text)) return text.length;
  let width = 0;
  for (const { segment } of GRAPHEMES.segment(text)) width += widthOfGrapheme(segment);
  return width;
}

/** The text, or as much of its beginning as leaves a cell for an ellipsis. No character is cut through. */
export function cutToWidth(text: string, widest: number): string {
  if (cellWidth(text) <= widest) return text;
  let width = 0;
  let kept = "";
  for (const { segment } of GRAPHEMES.segment(text)) {
    width += widthOfGrapheme(segment);
    if (width >= widest) break;
    kept += segment;
  }
  return `${kept}…`;
}

const GRAPHEMES = new Intl.Segmenter("en", { granularity: "grapheme" });

/** Printable ASCII: nearly every cell. */
const NARROW = /^[ -~]*$/;

/** Emoji are wide as well; those that are only shown as emoji where a selector follows (U+FE0F) are told by that. */
const EMOJI = /\p{Emoji_Presentation}|\ufe0f/u;
const WIDE =
  /[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\u3247\u3250-\ua4c6\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6b\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{1b2fb}\u{1f200}-\u{1f265}\u{20000}-\u{3fffd}]/u;
/** Marks on the letter before, joiners, and the vowels and finals of Hangul that join its initials. */
const WITHOUT_CELL = /[\p{M}\p{Cf}\u1160-\u11ff]/u;

function widthOfGrapheme(grapheme: string): number {
  if (EMOJI.test(grapheme)) return 2;
  let width = 0;
  for (const char of grapheme) {
    if (!WITHOUT_CELL.test(char)) width += WIDE.test(char) ? 2 : 1;
  }
  return width;
}
