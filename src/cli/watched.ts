export interface Watching<P> {
  /** Asks how far the work is; null while nobody knows. */
  readonly look: () => Promise<P | null>;
  readonly view: { draw(progress: P | null): void; finish(progress: P | null): void };
  /** How often it is asked. */
  readonly everyMs: number;
}

/**
 * Does the work and draws meanwhile how far it is: one question at a time, and none is drawn after the end. Nothing is lost when an answer
 * does not come, because the work's own tells how it went; what was seen last stays then.
 */
export async function watched<P, T>({ look, view, everyMs }: Watching<P>, work: () => Promise<T>): Promise<T> {
  let latest: P | null = null;
  let isLooking = false;
  let isOver = false;
  const lookAgain = async (): Promise<void> => {
    latest = (await look().catch(() => null)) ?? latest;
  };
  const timer = setInterval(() => {
    if (isLooking) return;
    isLooking = true;
    void lookAgain().then(() => {
      isLooking = false;
      if (!isOver) view.draw(latest);
    });
  }, everyMs);
  try {
    return await work();
  } finally {
    isOver = true;
    clearInterval(timer);
    await lookAgain();
    view.finish(latest);
  }
}
