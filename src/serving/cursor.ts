import { HttpProblem } from "./problem.js";

/** Cursors are opaque to callers: what is inside may change with any version. */
export function encodeCursor(parts: readonly string[]): string {
  return Buffer.from(JSON.stringify(parts)).toString("base64url");
}

/** Throws BAD_REQUEST for a cursor that was not made here. */
export function decodeCursor(text: string, length: number): string[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
    if (Array.isArray(parts) && parts.length === length && parts.every((part) => typeof part === "string")) {
      return parts;
    }
  } catch {
    // Falls through: whatever is wrong with it, the advice is the same.
  }
  throw new HttpProblem("BAD_REQUEST", "This cursor is not one of ours: start again without it.");
}
