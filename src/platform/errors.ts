/**
 * The one error class of Rollcall and its closed list of codes.
 *
 * Bad data is a value (an outcome, a dead letter); a broken dependency or a broken promise is one of these.
 * `isRetriable` is required: whoever throws knows best whether trying again can help.
 */
export const ERROR_CODES = [
  "CONFIG_INVALID",
  "INPUT_INVALID",
  "NOT_FOUND",
  "CONFLICT",
  "UNAUTHORIZED",
  "FORBIDDEN",
  "TOO_LARGE",
  "LOG_FULL",
  "LOG_FAILED",
  "DOCUMENTS_FAILED",
  "OBJECTS_FAILED",
  "KEYS_FAILED",
  "WAREHOUSE_BUSY",
  "WAREHOUSE_FAILED",
  "SQL_INVALID",
  "SQL_UNSUPPORTED",
  "PROJECT_INVALID",
  "ASSERTION_FAILED",
  "IDENTITY_HELD",
  "ENGINE_UNAVAILABLE",
  "TARGET_FAILED",
  "CANCELLED",
  "INTERNAL",
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

export interface RollcallErrorOptions {
  readonly isRetriable: boolean;
  readonly cause?: unknown;
  /** Facts for the reader of the log. Nothing personal: these are printed as they are. */
  readonly details?: Readonly<Record<string, unknown>>;
}

export class RollcallError extends Error {
  override readonly name = "RollcallError";
  readonly code: ErrorCode;
  readonly isRetriable: boolean;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: RollcallErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.isRetriable = options.isRetriable;
    this.details = options.details ?? {};
  }
}

/** The message of whatever was thrown, for logs and chained errors. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
