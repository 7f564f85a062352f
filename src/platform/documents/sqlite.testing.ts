import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DocumentsSubject } from "./contract.js";
import type { Documents } from "./port.js";
import { createSqliteDocuments } from "./sqlite.js";

export interface SqliteDocumentsSubject extends DocumentsSubject {
  readonly file: string;
}

/** The embedded documents for the contract: one file in a folder of its own. */
export async function createSqliteSubject(): Promise<SqliteDocumentsSubject> {
  const folder = await mkdtemp(join(tmpdir(), "rollcall-documents-"));
  const file = join(folder, "documents.db");
  return {
    file,
    open: async () => createSqliteDocuments({ file }),
    child: { module: import.meta.url, config: file },
    dispose: () => rm(folder, { recursive: true }),
  };
}

export async function openForChild(config: string): Promise<Documents> {
  return createSqliteDocuments({ file: config });
}
