/** One part of a name, with every honest way to write it. */
export interface NamePart {
  /** As in the passport: Latin letters, accents kept. */
  readonly text: string;
  /** In the person's own script, where that is not Latin. */
  readonly native?: string;
  /** Other spellings in use: romanisations, an English name. */
  readonly variants: readonly string[];
}
