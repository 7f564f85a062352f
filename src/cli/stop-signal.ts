/** Resolves at the first SIGTERM or SIGINT. */
export function stopSignal(): Promise<void> {
  return new Promise((done) => {
    process.once("SIGTERM", () => done());
    process.once("SIGINT", () => done());
  });
}
