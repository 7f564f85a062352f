/** The legacy functions quote a name in brackets, the others after a dot. */
const LEGACY_PATH = /^\$(?:\.[^.[\]'"\s][^.[\]]*|\[\s*-?\d+\s*\]|\['[^']*'\])*$/;
const PATH = /^\$(?:\.[^.[\]'"\s][^.[\]]*|\."(?:[^"\\]|\\.)*"|\[\s*-?\d+\s*\])*$/;

/** Whether GoogleSQL's function of this name, in lower case, takes this path. It tells only when it meets JSON that is not NULL. */
export function isJsonPath(name: string, path: string): boolean {
  return (name.startsWith("json_extract") ? LEGACY_PATH : PATH).test(path);
}
