/**
 * The tag that says by which columns a person's rows of a table are erased: `erase_by:<id>` where the column is called as the id is,
 * `erase_by:<id>=<column>,<column>` where a row is about several. A row goes when any of the columns names somebody erased.
 */
const ERASE_TAG = /^erase_by:([^=]*)(?:=(.*))?$/;

/** What rows may be erased by: all that an erasure knows of the person. */
export const ERASE_IDS = [
  "node_id",
  "profile_id",
  "event_id",
  "event_key",
  "hmac",
  "description_id",
  "key",
  "value_hash",
] as const;
export type EraseId = (typeof ERASE_IDS)[number];

export interface EraseTag {
  readonly tag: string;
  /** As it is written: maybe none of `ERASE_IDS`. */
  readonly id: string;
  readonly columns: readonly string[];
}

export function eraseTagsOf(tags: readonly string[]): EraseTag[] {
  return tags.flatMap((tag) => {
    const match = ERASE_TAG.exec(tag);
    if (match === null) return [];
    const [, id = "", columns = id] = match;
    return [{ tag, id, columns: columns.split(",").map((column) => column.trim()) }];
  });
}

export function isEraseId(id: string): id is EraseId {
  return (ERASE_IDS as readonly string[]).includes(id);
}
