import { type DestinationStream, destination, type Logger as PinoLogger, pino } from "pino";
import type { Clock } from "../clock.js";
import { RollcallError } from "../errors.js";

export const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * Flat facts about our own work: counts, ids of ours, names of tables. A payload, a profile or a request does not fit
 * in here, which is how personal data stays out of the log: there is nothing to redact.
 */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

export interface Logger {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  /** A logger whose lines carry these fields as well. */
  child(fields: LogFields): Logger;
}

export interface LoggerConfig {
  /** Lines below it are not written. Default "info". */
  readonly level?: LogLevel;
}

export interface LoggerDeps {
  readonly clock: Pick<Clock, "now">;
  /** Takes one JSON line at a time. Default: standard error, for standard output belongs to answers. */
  readonly destination?: DestinationStream;
}

/** One JSON object per line: `level`, `time` (ISO 8601), the fields, `message`. */
export function createLogger(config: LoggerConfig, { clock, destination: target }: LoggerDeps): Logger {
  const options = {
    level: config.level ?? "info",
    base: null,
    messageKey: "message",
    timestamp: () => `,"time":"${new Date(clock.now()).toISOString()}"`,
    formatters: { level: (level: string) => ({ level }) },
  };
  return wrap(pino(options, target ?? destination({ fd: 2, sync: true })));
}

/**
 * What may be logged of an error. Messages of RollcallErrors are ours and hold nothing personal; a foreign message may
 * quote the value it failed on, so of a foreign error only its class and its place in the code are told.
 */
export function errorFields(error: unknown): LogFields {
  if (error instanceof RollcallError) {
    return { error_code: error.code, error: error.message, is_retriable: error.isRetriable };
  }
  if (!(error instanceof Error)) return { error: typeof error };
  const frames = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  return { error: error.name, stack: frames.map((line) => line.trim()).join("; ") };
}

function wrap(logger: PinoLogger): Logger {
  return {
    debug: (fields, message) => logger.debug(flat(fields), message),
    info: (fields, message) => logger.info(flat(fields), message),
    warn: (fields, message) => logger.warn(flat(fields), message),
    error: (fields, message) => logger.error(flat(fields), message),
    child: (fields) => wrap(logger.child(flat(fields))),
  };
}

/** Holds the promise of LogFields where the compiler was not asked: what is not flat is named, not written. */
function flat(fields: object): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    const isFlat = value === null || ["string", "number", "boolean", "undefined"].includes(typeof value);
    kept[name] = isFlat ? value : `[${Array.isArray(value) ? "list" : typeof value}]`;
  }
  return kept;
}
