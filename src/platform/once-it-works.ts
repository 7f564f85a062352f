/**
 * Work that is done once for all who ask, also at the same time: the first asks for it, the others get what it gave. When it fails, those
 * who waited get its error, and whoever asks next has it tried again.
 */
export function onceItWorks<T>(work: () => Promise<T>): () => Promise<T> {
  let done: Promise<T> | null = null;
  return () => {
    done ??= work().catch((error: unknown) => {
      done = null;
      throw error;
    });
    return done;
  };
}
