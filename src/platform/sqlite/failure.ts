import { type ErrorCode, messageOf, RollcallError } from "../errors.js";

/** Primary result codes, https://www.sqlite.org/rescode.html */
const SQLITE_BUSY = 5;
const SQLITE_LOCKED = 6;
const SQLITE_READONLY = 8;
const SQLITE_IOERR = 10;
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_CANTOPEN = 14;
const SQLITE_NOTADB = 26;

/** Which of our codes a failure of this file carries. */
export interface FailureCodes {
  readonly failed: ErrorCode;
  /** When the disk is full. */
  readonly full: ErrorCode;
}

/** SQLite's primary result code, or null when `error` did not come from SQLite. */
function resultCode(error: unknown): number | null {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return null;
  return error.errcode & 0xff;
}

export function isBusy(error: unknown): boolean {
  const code = resultCode(error);
  return code === SQLITE_BUSY || code === SQLITE_LOCKED;
}

/** What happened to `file` and what to do next. A RollcallError, and whatever is not SQLite's, is returned as it is. */
export function explainFailure(error: unknown, file: string, codes: FailureCodes): unknown {
  const sqliteCode = resultCode(error);
  if (sqliteCode === null) return error;
  const fail = (code: ErrorCode, message: string, isRetriable: boolean): RollcallError =>
    new RollcallError(code, message, { isRetriable, cause: error, details: { file, sqliteCode } });

  switch (sqliteCode) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return fail(codes.failed, `${file} stayed locked by another process; stop what holds it, then try again`, true);
    case SQLITE_FULL:
      return fail(codes.full, `No space left for ${file}; free disk space, then try again`, true);
    case SQLITE_CANTOPEN:
      return fail(codes.failed, `Cannot open ${file}; check that its folder exists and is writable`, false);
    case SQLITE_READONLY:
      return fail(codes.failed, `${file} cannot be written; check its owner and mode`, false);
    case SQLITE_NOTADB:
      return fail(codes.failed, `${file} is not a SQLite file; move it away or name another file`, false);
    case SQLITE_CORRUPT:
      return fail(codes.failed, `${file} is damaged; restore it from a backup`, false);
    case SQLITE_IOERR:
      return fail(codes.failed, `The disk failed while using ${file}; check the disk, then restart`, false);
    default:
      return fail(codes.failed, `SQLite failed on ${file}: ${messageOf(error)}`, false);
  }
}
