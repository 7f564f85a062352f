import { RollcallError } from "../../platform/errors.js";

/** One error for all problems: whoever repairs a project wants the whole list, and then what to do next. */
export function projectInvalid(problems: readonly string[], next?: string): RollcallError {
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  return new RollcallError(
    "PROJECT_INVALID",
    [`the project has ${count}:`, ...problems, ...(next === undefined ? [] : [next])].join("\n"),
    {
      isRetriable: false,
      details: { problems },
    },
  );
}
