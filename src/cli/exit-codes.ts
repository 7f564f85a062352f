import type { ErrorCode } from "../platform/errors.js";

/** What the process says by its exit code alone. Scripts rely on them: a number never changes its meaning. */
export const EXIT = {
  failed: 1,
  misused: 2,
  assertionFailed: 3,
  identityHeld: 4,
  /** 128 and the number of SIGINT, as shells say it. */
  cancelled: 130,
} as const;

const BY_ERROR: Partial<Record<ErrorCode, number>> = {
  CONFIG_INVALID: EXIT.misused,
  INPUT_INVALID: EXIT.misused,
  ASSERTION_FAILED: EXIT.assertionFailed,
  IDENTITY_HELD: EXIT.identityHeld,
  CANCELLED: EXIT.cancelled,
};

export function exitCodeOf(code: ErrorCode): number {
  return BY_ERROR[code] ?? EXIT.failed;
}

export const EXIT_CODES_HELP = `
Exit codes:
  0    done, or there was nothing to do
  1    it failed
  2    the command line, the configuration or a file given is wrong
  3    a check failed: what was published before stays
  4    identity is held: its rules changed and nobody accepted them; what was published before stays
  130  cancelled by Ctrl-C, between two scripts of a run`;
