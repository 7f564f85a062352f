/** Family names of one syllable, in Pinyin, as Hong Kong writes them, of Korea and of Vietnam. */
const FAMILIES: ReadonlySet<string> = new Set(
  (
    "wang wong li lee zhang cheung liu lau chen chan yang yeung huang zhao chiu wu ng zhou chow xu tsui sun suen zhu chu hu guo kwok he ho lin lam " +
    "gao luo law lo zheng cheng liang leung xie tse song sung tang tong hui deng feng fung cao tso zeng tsang peng cai choi pan poon ye yip su " +
    "wei lu jiang ding ren yao yiu fang fong kim park jung kang cho yoon jang lim shin kwon hwang nguyen tran pham hoang phan dang bui ngo duong " +
    "so ma ko pang yu cai ngai ting yam ouyang auyeung tseung ching han wan mak mok kwan leong tan goh teo koh chua lai"
  ).split(" "),
);
/** Of these families those whose name is a given name elsewhere. */
const ALSO_GIVEN: ReadonlySet<string> = new Set("lee li kim lin ren lu dang cho han ma so ko cai wan".split(" "));
const SYLLABLE = /^(?:[bcdfghjklmnpqrstvwxz]{0,3}[aeiouy]{1,3}(?:n|ng|nh|m|k|ck|t|p|c|ch|h|w)?|ng)$/;
/** A given name of two syllables of Pinyin in one word: Xiaoming, Hanjia. */
const TWO_OF_PINYIN =
  /^(?:(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?(?:i?ang|i?ong|u?ang|eng|ing|i?an|i?ao|u?ai|u?an|ei|ou|en|in|un|ie|iu|u?a|ia|ui|u?o|ue|e|i|u)){2}$/;
/** Where the family comes first also in Latin letters. */
const FAMILY_FIRST: ReadonlySet<string> = new Set(["CN", "TW", "MO", "KR", "VN", "SG", "MY"]);

/**
 * Which of three words is the family's where all are single syllables, as in Tsui Hao Le and Hao Le Tsui: the given name then has two.
 * Null where that is not known.
 */
export function familyOfThreeSyllables(words: readonly string[], region: string): "first" | "last" | null {
  const [first = "", , last = ""] = words;
  if (words.length !== 3 || !words.every((word) => SYLLABLE.test(word))) return null;
  const [isFirst, isLast] = [FAMILIES.has(first), FAMILIES.has(last)];
  if (isFirst && isLast) return FAMILY_FIRST.has(region) ? "first" : "last";
  if (isFirst) return "first";
  return isLast ? "last" : null;
}

/**
 * Whether of two parts of a name the first is the family's, where both are syllables as these names are written: Wang Hanjia, Lau
 * Juan-Zi. False where that is not known.
 */
export function isFamilyFirst(family: string, given: readonly string[], region: string): boolean {
  const whole = given.join("");
  if (!FAMILIES.has(family) || FAMILIES.has(whole)) return false;
  if (ALSO_GIVEN.has(family) && !FAMILY_FIRST.has(region)) return false;
  return given.length === 2 ? given.every((word) => SYLLABLE.test(word)) : TWO_OF_PINYIN.test(whole);
}
