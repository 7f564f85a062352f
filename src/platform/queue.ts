/** Runs tasks one at a time, in the order they came. A task that fails does not hold up the next. */
export interface Queue {
  run<T>(task: () => Promise<T>): Promise<T>;
  /** Resolves when everything asked for so far is done. */
  idle(): Promise<void>;
}

export function createQueue(): Queue {
  let tail: Promise<unknown> = Promise.resolve();
  return {
    run(task) {
      const result = tail.then(task);
      tail = result.catch(() => undefined);
      return result;
    },
    async idle() {
      await tail;
    },
  };
}
