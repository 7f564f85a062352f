/**
 * Crash tests end the process at a named point of the work: `ROLLCALL_CRASH_AT=manifest:3` kills it with SIGKILL when it
 * passes `manifest` for the third time. Without the variable there are no checkpoints.
 */
export type CheckpointName = "append" | "manifest" | "rows" | "offsets" | "plan" | "push" | "acknowledge";

export function checkpointFromEnvironment(environment: NodeJS.ProcessEnv = process.env): {
  checkpoint?: (name: CheckpointName) => void;
} {
  const match = /^([a-z]+):(\d+)$/.exec(environment.ROLLCALL_CRASH_AT ?? "");
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
