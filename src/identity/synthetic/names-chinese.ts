import type { NamePart } from "./name-part.js";

/** Character, Pinyin, and the romanisation usual in Hong Kong. The commonest family names first. */
const FAMILIES = `王 Wang Wong,李 Li Lee,张 Zhang Cheung,刘 Liu Lau,陈 Chen Chan,杨 Yang Yeung,黄 Huang Wong,赵 Zhao Chiu,
吴 Wu Ng,周 Zhou Chow,徐 Xu Tsui,孙 Sun Suen,马 Ma Ma,朱 Zhu Chu,胡 Hu Wu,郭 Guo Kwok,何 He Ho,林 Lin Lam,高 Gao Ko,
罗 Luo Law,郑 Zheng Cheng,梁 Liang Leung,谢 Xie Tse,宋 Song Sung,唐 Tang Tong,许 Xu Hui,邓 Deng Tang,冯 Feng Fung,
韩 Han Hon,曹 Cao Tso,曾 Zeng Tsang,彭 Peng Pang,蔡 Cai Choi,潘 Pan Poon,余 Yu Yu,叶 Ye Yip,程 Cheng Ching,苏 Su So,
魏 Wei Ngai,卢 Lu Lo,蒋 Jiang Tseung,丁 Ding Ting,任 Ren Yam,姚 Yao Yiu,方 Fang Fong,欧阳 Ouyang Auyeung`;

const SYLLABLES = `伟 wei wai,芳 fang fong,敏 min man,静 jing ching,丽 li lai,强 qiang keung,磊 lei lui,军 jun kwan,
洋 yang yeung,勇 yong yung,艳 yan yim,杰 jie kit,娟 juan kuen,涛 tao to,明 ming ming,超 chao chiu,秀 xiu sau,霞 xia ha,
平 ping ping,刚 gang kong,桂 gui kwai,英 ying ying,华 hua wah,玉 yu yuk,兰 lan lan,红 hong hung,梅 mei mui,文 wen man,
辉 hui fai,建 jian kin,国 guo kwok,志 zhi chi,海 hai hoi,春 chun chun,晓 xiao hiu,雪 xue suet,婷 ting ting,欣 xin yan,
怡 yi yee,佳 jia kai,嘉 jia ka,俊 jun chun,浩 hao ho,宇 yu yu,轩 xuan hin,梓 zi tsz,涵 han ham,思 si sze,雨 yu yue,
诗 shi sze,安 an on,乐 le lok,家 jia ka,颖 ying wing,慧 hui wai,健 jian kin,荣 rong wing,永 yong wing,美 mei mei,
珍 zhen chun,天 tian tin,大 da tai,振 zhen chun,凯 kai hoi,晨 chen sun,琪 qi ki,瑞 rui sui,莹 ying ying,博 bo pok,子 zi chi`;

/** In Hong Kong many go by an English name as well. */
const ENGLISH =
  "Jacky,Kelvin,Winnie,Vivian,Raymond,Eric,Tony,Carmen,Phoebe,Jason,Ivy,Ricky,Cherry,Calvin,Fiona,Ken".split(",");

type Spelling = readonly [character: string, pinyin: string, hongKong: string];

function spellings(table: string): readonly Spelling[] {
  return table.split(",").map((row) => row.trim().split(" ") as unknown as Spelling);
}

const FAMILY_SPELLINGS = spellings(FAMILIES);
const SYLLABLE_SPELLINGS = spellings(SYLLABLES);

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export type Romanisation = "pinyin" | "hong_kong";

/** Family names by rank, the commonest first. */
export function chineseFamily(rank: number, romanisation: Romanisation): NamePart {
  const [native, pinyin, hongKong] = FAMILY_SPELLINGS[rank % FAMILY_SPELLINGS.length] as Spelling;
  const text = romanisation === "pinyin" ? pinyin : hongKong;
  // A family's passports and school papers often disagree about the system.
  const other = romanisation === "pinyin" ? hongKong : pinyin;
  return { text, native, variants: other === text ? [] : [other] };
}

/** A given name of one or two of the syllables; written apart, joined or with a hyphen, by clerk. */
export function chineseGiven(first: number, second: number | null, romanisation: Romanisation): NamePart {
  const column = romanisation === "pinyin" ? 1 : 2;
  const one = SYLLABLE_SPELLINGS[first % SYLLABLE_SPELLINGS.length] as Spelling;
  const english = romanisation === "hong_kong" ? [ENGLISH[first % ENGLISH.length] as string] : [];
  if (second === null) return { text: capital(one[column]), native: one[0], variants: english };
  const two = SYLLABLE_SPELLINGS[second % SYLLABLE_SPELLINGS.length] as Spelling;
  const [head, tail] = [one[column], two[column]];
  const apart = `${capital(head)} ${capital(tail)}`;
  const joined = capital(head) + tail;
  const hyphened = `${capital(head)}-${capital(tail)}`;
  const native = one[0] + two[0];
  return romanisation === "pinyin"
    ? { text: joined, native, variants: [apart, hyphened] }
    : { text: apart, native, variants: [hyphened, joined, ...english] };
}
