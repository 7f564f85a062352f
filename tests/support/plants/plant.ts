/** A mistake for a copy of one of this project's files; `¦` in the planted text says where it is to be found. */
export interface Plant {
  readonly mistake: string;
  readonly file: string;
  /** What of the file is replaced; the whole file when absent. */
  readonly find?: string;
  readonly plant: string;
  readonly says: RegExp;
  readonly code?: string;
  /** What it breaks as well. */
  readonly also?: { readonly code: string; readonly says: RegExp };
}
