/** Work with an order and a bound: a task starts when all it comes after are done, and never more than `concurrency` run. */
export interface Task {
  readonly id: string;
  /** Ids of other tasks; ids that are no task are taken as done. No circles. */
  readonly after: readonly string[];
  run(): Promise<void>;
}

export type TaskOutcome =
  | { readonly id: string; readonly status: "done" }
  | { readonly id: string; readonly status: "failed"; readonly error: unknown }
  /** Did not start, because of that task. */
  | { readonly id: string; readonly status: "blocked"; readonly by: string }
  /** Did not start, because the signal aborted. */
  | { readonly id: string; readonly status: "cancelled" };

export interface TaskOptions {
  readonly concurrency: number;
  /** Aborting lets what runs finish and starts nothing more. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs all tasks and gives one outcome per task, in their order. A failure throws nothing and holds back only what comes
 * after it, the rest goes on. Among those that may start, the earlier in the list starts first.
 */
export async function runTasks(tasks: readonly Task[], { concurrency, signal }: TaskOptions): Promise<TaskOutcome[]> {
  const ids = new Set(tasks.map(({ id }) => id));
  const outcomes = new Map<string, TaskOutcome>();
  const waiting = new Set(tasks);
  const running = new Map<string, Promise<void>>();

  /** Settles what can no longer start, and gives the next that may. */
  function next(): Task | undefined {
    for (const task of waiting) {
      if (signal?.aborted) {
        settle(task, { id: task.id, status: "cancelled" });
        continue;
      }
      const before = task.after.filter((id) => ids.has(id)).map((id) => outcomes.get(id));
      const failed = before.find((outcome) => outcome !== undefined && outcome.status !== "done");
      if (failed !== undefined) settle(task, { id: task.id, status: "blocked", by: originOf(failed) });
      else if (before.every((outcome) => outcome !== undefined)) return task;
    }
    return undefined;
  }

  function settle(task: Task, outcome: TaskOutcome): void {
    waiting.delete(task);
    outcomes.set(task.id, outcome);
  }

  function start(task: Task): void {
    waiting.delete(task);
    const work = task
      .run()
      .then(
        (): TaskOutcome => ({ id: task.id, status: "done" }),
        (error: unknown): TaskOutcome => ({ id: task.id, status: "failed", error }),
      )
      .then((outcome) => {
        running.delete(task.id);
        outcomes.set(task.id, outcome);
      });
    running.set(task.id, work);
  }

  while (waiting.size > 0 || running.size > 0) {
    const left = waiting.size;
    while (running.size < concurrency) {
      const task = next();
      if (task === undefined) break;
      start(task);
    }
    if (running.size > 0) await Promise.race(running.values());
    else if (waiting.size === left) throw new Error("the tasks wait for each other");
  }
  return tasks.map(({ id }) => outcomes.get(id) ?? { id, status: "cancelled" });
}

/** The failure at the root: what it holds back holds back more. */
function originOf(outcome: TaskOutcome): string {
  return outcome.status === "blocked" ? outcome.by : outcome.id;
}
