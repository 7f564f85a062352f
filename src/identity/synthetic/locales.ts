import type { DateHabit } from "./dates.js";
import { type NAMES, STREETS } from "./name-lists.js";
import type { PhonePlan, PhoneRange } from "./phones.js";

export type LocaleCode = keyof typeof NAMES | "zh_CN" | "zh_HK" | "ar_AE";

export interface Locale {
  readonly code: LocaleCode;
  /** ISO 3166 alpha-2, and the name people write. */
  readonly country: string;
  readonly countryName: string;
  /** Share of the households, in hundredths. */
  readonly weight: number;
  /** Share of the names that are written family name first where a form leaves the choice. */
  readonly familyFirst: number;
  readonly dates: DateHabit;
  readonly phones: PhonePlan;
  /** City and postcode pattern: # a digit, ? a letter. */
  readonly cities: readonly (readonly [city: string, postcode: string])[];
  readonly streets: readonly string[];
  readonly address: (street: string, number: number) => string;
  /** Mail providers of the country, beside the worldwide ones. All under .example (RFC 2606). */
  readonly mailDomains: readonly string[];
}

function range(prefix: string, digits: number, groups: readonly number[]): PhoneRange {
  return { prefix, digits, groups };
}

/** Ofcom's numbers for drama, a thousand to a city; those that number libraries accept. London's is the call centre's. */
const OFCOM_DRAMA = ["113", "114", "116", "117", "118", "121", "131", "141", "151", "161"]
  .map((area) => range(`${area}4960`, 3, [3, 3, 4]))
  .concat(range("1914980", 3, [3, 3, 4]), range("2896496", 3, [2, 4, 4]), range("2920180", 3, [2, 4, 4]));

/** ARCEP's numbers for audiovisual works, ten thousand to a region. */
const ARCEP_DRAMA = ["19900", "26191", "35301", "46571", "53649"].map((prefix) => range(prefix, 4, [1, 2, 2, 2, 2]));

/** The Bundesnetzagentur's numbers for films. */
const BNETZA_DRAMA = [range("17604069", 3, [3, 8]), range("17139200", 2, [3, 7])];

const STREETS_IN =
  "MG Road,Station Road,Nehru Street,Gandhi Nagar,Park Street,Link Road,Lake View Road,Temple Street".split(",");
const STREETS_FR =
  "rue de la Paix,rue Victor Hugo,avenue de la République,rue des Lilas,rue du Moulin,place du Marché,rue Pasteur,boulevard Voltaire,rue de l'Église,allée des Tilleuls".split(
    ",",
  );
const STREETS_ES =
  "Calle Mayor,Calle de Alcalá,Avenida de la Constitución,Calle Real,Plaza de España,Calle San José,Calle Nueva,Paseo del Prado".split(
    ",",
  );
const STREETS_PL =
  "Długa,Polna,Leśna,Słoneczna,Krótka,Szkolna,Ogrodowa,Lipowa,Łąkowa,Kwiatowa,Mickiewicza,Sienkiewicza".split(",");
const STREETS_CN =
  "Zhongshan Road,Renmin Road,Jiefang Road,Nanjing Road,Beijing Road,Jianshe Street,Wenhua Road,Xinhua Street".split(
    ",",
  );
const STREETS_HK =
  "Nathan Road,Queen's Road,Hennessy Road,King's Road,Castle Peak Road,Prince Edward Road,Canton Road".split(",");
const STREETS_AE =
  "Al Wasl Road,Sheikh Zayed Road,Al Maktoum Street,Al Nahda Street,Corniche Road,Jumeirah Road,Airport Road".split(
    ",",
  );
const STREETS_BR =
  "Rua das Flores,Rua São João,Avenida Brasil,Rua XV de Novembro,Rua Sete de Setembro,Avenida Paulista,Rua da Praia,Travessa Olinda".split(
    ",",
  );

const slashed: DateHabit = { style: "dmy", separator: "/" };
const dotted: DateHabit = { style: "dmy", separator: "." };
const dashed: DateHabit = { style: "dmy", separator: "-" };
const iso: DateHabit = { style: "iso", separator: "-" };

const numberFirst = (street: string, number: number): string => `${number} ${street}`;
const numberLast = (street: string, number: number): string => `${street} ${number}`;
const numberAfterComma = (street: string, number: number): string => `${street}, ${number}`;

export const LOCALES: readonly Locale[] = [
  {
    code: "en_GB",
    country: "GB",
    countryName: "United Kingdom",
    weight: 22,
    familyFirst: 0.01,
    dates: slashed,
    phones: { callingCode: "44", trunk: "0", exit: "00", ranges: [...OFCOM_DRAMA, range("7400", 6, [4, 6])] },
    cities: [
      ["London", "N## #??"],
      ["Manchester", "M## #??"],
      ["Leeds", "LS# #??"],
      ["Birmingham", "B## #??"],
      ["Glasgow", "G## #??"],
      ["Bristol", "BS# #??"],
      ["Sheffield", "S## #??"],
      ["Newcastle upon Tyne", "NE# #??"],
    ],
    streets: STREETS.en_GB,
    address: numberFirst,
    mailDomains: ["btinternet.example", "sky.example"],
  },
  {
    code: "en_IN",
    country: "IN",
    countryName: "India",
    weight: 20,
    familyFirst: 0.08,
    dates: dashed,
    phones: { callingCode: "91", trunk: "0", exit: "00", ranges: [range("981", 7, [5, 5])] },
    cities: [
      ["Mumbai", "4000##"],
      ["Bengaluru", "5600##"],
      ["Chennai", "6000##"],
      ["Hyderabad", "5000##"],
      ["Pune", "4110##"],
      ["New Delhi", "1100##"],
      ["Kolkata", "7000##"],
    ],
    streets: STREETS_IN,
    address: (street, number) => `Flat ${number}, ${street}`,
    mailDomains: ["rediffmail.example"],
  },
  {
    code: "de_DE",
    country: "DE",
    countryName: "Deutschland",
    weight: 12,
    familyFirst: 0.04,
    dates: dotted,
    phones: { callingCode: "49", trunk: "0", exit: "00", ranges: [...BNETZA_DRAMA, range("1511", 7, [3, 8])] },
    cities: [
      ["Berlin", "10###"],
      ["Hamburg", "20###"],
      ["München", "80###"],
      ["Köln", "50###"],
      ["Frankfurt am Main", "60###"],
      ["Düsseldorf", "40###"],
    ],
    streets: STREETS.de_DE,
    address: numberLast,
    mailDomains: ["gmx.example", "web.example", "t-online.example"],
  },
  {
    code: "fr_FR",
    country: "FR",
    countryName: "France",
    weight: 9,
    familyFirst: 0.1,
    dates: slashed,
    phones: { callingCode: "33", trunk: "0", exit: "00", ranges: [...ARCEP_DRAMA, range("61", 7, [1, 2, 2, 2, 2])] },
    cities: [
      ["Paris", "750##"],
      ["Lyon", "6900#"],
      ["Marseille", "130##"],
      ["Besançon", "250##"],
      ["Nîmes", "300##"],
      ["Orléans", "450##"],
    ],
    streets: STREETS_FR,
    address: (street, number) => `${number}, ${street}`,
    mailDomains: ["orange.example", "free.example"],
  },
  {
    code: "es_ES",
    country: "ES",
    countryName: "España",
    weight: 8,
    familyFirst: 0.03,
    dates: slashed,
    phones: { callingCode: "34", trunk: "", exit: "00", ranges: [range("612", 6, [3, 2, 2, 2])] },
    cities: [
      ["Madrid", "280##"],
      ["Barcelona", "080##"],
      ["Sevilla", "410##"],
      ["Málaga", "290##"],
      ["Cádiz", "110##"],
    ],
    streets: STREETS_ES,
    address: numberAfterComma,
    mailDomains: ["telefonica.example"],
  },
  {
    code: "pl_PL",
    country: "PL",
    countryName: "Polska",
    weight: 6,
    familyFirst: 0.05,
    dates: dotted,
    phones: { callingCode: "48", trunk: "", exit: "00", ranges: [range("512", 6, [3, 3, 3])] },
    cities: [
      ["Warszawa", "0#-###"],
      ["Kraków", "31-###"],
      ["Łódź", "90-###"],
      ["Wrocław", "50-###"],
      ["Gdańsk", "80-###"],
    ],
    streets: STREETS_PL,
    address: (street, number) => `ul. ${street} ${number}`,
    mailDomains: ["wp.example", "onet.example"],
  },
  {
    code: "tr_TR",
    country: "TR",
    countryName: "Türkiye",
    weight: 6,
    familyFirst: 0.02,
    dates: dotted,
    phones: { callingCode: "90", trunk: "0", exit: "00", ranges: [range("532", 7, [3, 3, 2, 2])] },
    cities: [
      ["İstanbul", "34###"],
      ["Ankara", "06###"],
      ["İzmir", "35###"],
      ["Diyarbakır", "21###"],
    ],
    streets: STREETS.tr_TR,
    address: (street, number) => `${street} No: ${number}`,
    mailDomains: ["mynet.example"],
  },
  {
    code: "zh_CN",
    country: "CN",
    countryName: "China",
    weight: 5,
    familyFirst: 0.6,
    dates: iso,
    phones: { callingCode: "86", trunk: "", exit: "00", ranges: [range("138", 8, [3, 4, 4])] },
    cities: [
      ["Beijing", "1000##"],
      ["Shanghai", "2000##"],
      ["Guangzhou", "5100##"],
      ["Chengdu", "6100##"],
      ["Xi'an", "7100##"],
    ],
    streets: STREETS_CN,
    address: (street, number) => `No. ${number}, ${street}`,
    mailDomains: ["qq.example", "163.example"],
  },
  {
    code: "zh_HK",
    country: "HK",
    countryName: "Hong Kong",
    weight: 3,
    familyFirst: 0.6,
    dates: slashed,
    phones: { callingCode: "852", trunk: "", exit: "001", ranges: [range("96", 6, [4, 4])] },
    cities: [
      ["Kowloon", ""],
      ["Wan Chai", ""],
      ["Sha Tin", ""],
      ["Tuen Mun", ""],
    ],
    streets: STREETS_HK,
    address: (street, number) => `Flat ${String.fromCharCode(65 + (number % 8))}, ${number} ${street}`,
    mailDomains: ["netvigator.example"],
  },
  {
    code: "ar_AE",
    country: "AE",
    countryName: "United Arab Emirates",
    weight: 5,
    familyFirst: 0.03,
    dates: slashed,
    phones: { callingCode: "971", trunk: "0", exit: "00", ranges: [range("50", 7, [2, 3, 4])] },
    cities: [
      ["Dubai", ""],
      ["Abu Dhabi", ""],
      ["Sharjah", ""],
      ["Al Ain", ""],
    ],
    streets: STREETS_AE,
    address: (street, number) => `Villa ${number}, ${street}`,
    mailDomains: ["eim.example"],
  },
  {
    code: "pt_BR",
    country: "BR",
    countryName: "Brasil",
    weight: 4,
    familyFirst: 0.02,
    dates: slashed,
    phones: { callingCode: "55", trunk: "", exit: "0021", ranges: [range("1198", 7, [2, 5, 4])] },
    cities: [
      ["São Paulo", "0####-###"],
      ["Rio de Janeiro", "20###-###"],
      ["Belém", "66###-###"],
      ["Goiânia", "74###-###"],
    ],
    streets: STREETS_BR,
    address: numberAfterComma,
    mailDomains: ["uol.example", "terra.example"],
  },
];
