/**
 * Whoever reads what we print may have read enough and gone, as `head` does: then the work goes on to its end, and the rest of what it
 * prints goes nowhere.
 */
export function outliveReader(stream: NodeJS.WritableStream): void {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}
