import { latin } from "./latin.js";

const FEMALE: ReadonlySet<string> = new Set(
  "f female w woman girl weiblich frau femenino feminino mujer femme feminin kobieta kadin mahila nu nv".split(" "),
);
const MALE: ReadonlySet<string> = new Set(
  "m male man boy mannlich herr masculino hombre homme masculin mezczyzna erkek purush nan".split(" "),
);

/** What a form's word says where it says one of two; null for every other answer, which must not tell people apart. */
export function foldGender(raw: string): "f" | "m" | null {
  const word = latin(raw.trim());
  if (FEMALE.has(word)) return "f";
  return MALE.has(word) ? "m" : null;
}
