import { RollcallError } from "../../platform/errors.js";

/** One error for all problems: whoever repairs a project wants the whole list. */
export function projectInvalid(problems: readonly string[]): RollcallError {
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  return new RollcallError("PROJECT_INVALID", `the project has ${count}:\n${problems.join("\n")}`, {
    isRetriable: false,
    details: { problems },
  });
}
