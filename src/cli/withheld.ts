import { RollcallError } from "../platform/errors.js";

/**
 * A failure as they may read it from whom personal values are masked. What is wrong with the text of a statement is said before any
 * row is read, and stays. What a statement ran into may quote rows in words of its author's choice (`ERROR(email)`), so nothing of it
 * is kept, neither as message nor as cause.
 */
export function withheldFailure(error: unknown): RollcallError {
  if (!(error instanceof RollcallError)) return withheld("INTERNAL", false);
  if (!isOfStatement(error) || error.code === "SQL_INVALID" || error.code === "SQL_UNSUPPORTED") return error;
  return withheld(error.code, error.isRetriable);
}

/** Whatever is said of a statement comes with its place. */
function isOfStatement({ details }: RollcallError): boolean {
  return "line" in details;
}

function withheld(code: RollcallError["code"], isRetriable: boolean): RollcallError {
  const message =
    "It failed while it ran. Why is not shown, because that may quote personal values: --unmask shows it.";
  return new RollcallError(code, message, { isRetriable });
}
