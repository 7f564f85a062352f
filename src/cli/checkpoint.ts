/**
 * Crash tests end the process at a named point of the work: `ROLLCALL_CRASH_AT=manifest:3` kills it with SIGKILL when it
 * passes `manifest` for the third time. Without the variable there are no checkpoints.
 */
export type CheckpointName =
  | "append"
  | "manifest"
  | "rows"
  | "offsets"
  | "statement"
  | "cycle_before"
  | "cycle_after"
  | "plan"
  | "push"
  | "acknowledge";

const VARIABLE = "ROLLCALL_CRASH_AT";

export interface Checkpoints {
  readonly checkpoint?: (name: CheckpointName) => void;
}

export function checkpointFromEnvironment(environment: NodeJS.ProcessEnv = process.env): Checkpoints {
  const match = /^([a-z_]+):(\d+)$/.exec(environment[VARIABLE] ?? "");
  if (!match) return {};
  const [, name, count] = match;
  let left = Number(count);
  return {
    checkpoint: (passed) => {
      if (passed !== name) return;
      left -= 1;
      if (left === 0) process.kill(process.pid, "SIGKILL");
    },
  };
}

/** For a process that takes the place of one that ended at its checkpoint: it would end there again. */
export function withoutCheckpoint(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { [VARIABLE]: _, ...rest } = environment;
  return rest;
}
