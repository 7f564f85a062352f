import { latin } from "./latin.js";

/** Names in Chinese or Korean script: the family comes first, in one character or, of a few families, in two. */
const HAN = /^\p{Script=Han}{2,6}$/u;
const HANGUL = /^\p{Script=Hangul}{2,5}$/u;

const TWO_CHARACTER_FAMILIES: ReadonlySet<string> = new Set(
  "欧阳 歐陽 司马 司馬 诸葛 諸葛 上官 司徒 夏侯 慕容 皇甫 尉迟 尉遲 公孙 公孫 令狐 东方 東方 端木 轩辕 軒轅 长孙 長孫 宇文 南宫 南宮 西门 西門 남궁 황보 제갈 선우 독고".split(
    " ",
  ),
);

/** Characters that are read otherwise in a family's name than elsewhere, and Korean families as their passports spell them. */
const READINGS: ReadonlyMap<string, string> = new Map(
  (
    "曾 zeng,单 shan,單 shan,解 xie,仇 qiu,查 zha,盖 ge,区 ou,區 ou,任 ren,朴 piao,覃 qin,翟 zhai,华 hua,尉迟 yuchi,尉遲 yuchi," +
    "김 kim,이 lee,박 park,최 choi,정 jung,강 kang,조 cho,윤 yoon,장 jang,임 lim,한 han,오 oh,서 seo,신 shin,권 kwon,황 hwang,안 ahn,송 song,류 ryu,홍 hong,문 moon,양 yang,배 bae,백 baek,유 yoo,노 noh,심 shim,하 ha"
  )
    .split(",")
    .map((row) => row.split(" ") as [string, string]),
);

/** Null where a text is not the whole name of somebody in one of these scripts, written as one word. */
export function splitFamilyFirst(name: string): { readonly family: string; readonly given: string } | null {
  if (!HAN.test(name) && !HANGUL.test(name)) return null;
  const characters = [...name];
  const two = characters.slice(0, 2).join("");
  const familyLength = characters.length > 2 && TWO_CHARACTER_FAMILIES.has(two) ? 2 : 1;
  return {
    family: readFamily(characters.slice(0, familyLength).join("")),
    given: latin(characters.slice(familyLength).join("")),
  };
}

/** A family name in any script, as its bearers read it. */
export function readFamily(name: string): string {
  return READINGS.get(name) ?? latin(name);
}
