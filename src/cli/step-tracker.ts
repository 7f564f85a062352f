/** How far work of several steps is: plain data, asked for again and again by whoever shows it. */
export interface StepProgress {
  readonly name: string;
  readonly status: "running" | "done" | "failed";
  /** Rows, cycles, whatever the step counts; 0 where it counts nothing. */
  readonly done: number;
  /** Milliseconds so far, or in all. */
  readonly ms: number;
}

export interface StepTracker {
  /** Runs a step and keeps how it went. */
  readonly step: <T>(name: string, work: (report: (done: number) => void) => Promise<T>) => Promise<T>;
  /** Steps that began, in order. */
  read(): readonly StepProgress[];
}

export function createStepTracker(now: () => number): StepTracker {
  const steps: (StepProgress & { readonly startedAt: number })[] = [];
  return {
    step: async (name, work) => {
      const startedAt = now();
      const at = steps.push({ name, status: "running", done: 0, ms: 0, startedAt }) - 1;
      const update = (change: Partial<StepProgress>): void => {
        const step = steps[at];
        if (step !== undefined) steps[at] = { ...step, ...change };
      };
      try {
        const result = await work((done) => update({ done }));
        update({ status: "done", ms: now() - startedAt });
        return result;
      } catch (error) {
        update({ status: "failed", ms: now() - startedAt });
        throw error;
      }
    },
    read: () =>
      steps.map(({ startedAt, ...step }) => (step.status === "running" ? { ...step, ms: now() - startedAt } : step)),
  };
}
