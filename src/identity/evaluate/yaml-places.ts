import { LineCounter, parseDocument } from "yaml";
import { RollcallError } from "../../platform/errors.js";

export type YamlPath = readonly (string | number)[];

export interface PlacedYaml {
  readonly value: unknown;
  /** "mapping.yaml:4": where a path stands, or the nearest thing around it that does. */
  place(path: YamlPath): string;
}

/** Throws INPUT_INVALID with file and line where the text is no YAML. */
export function parsePlacedYaml(file: string, text: string): PlacedYaml {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [problem] = document.errors;
  if (problem !== undefined) {
    // Its first line tells what is wrong; the others quote the text.
    const what = problem.message.split("\n")[0]?.replace(/ at line \d+.*$/, "") ?? "";
    throw new RollcallError("INPUT_INVALID", `${file}:${lines.linePos(problem.pos[0]).line}: no YAML: ${what}`, {
      isRetriable: false,
    });
  }
  return {
    value: document.toJS() as unknown,
    place: (path) => {
      for (let length = path.length; length > 0; length--) {
        const node = document.getIn(path.slice(0, length), true);
        const start = rangeStart(node);
        if (start !== null) return `${file}:${lines.linePos(start).line}`;
      }
      return file;
    },
  };
}

function rangeStart(node: unknown): number | null {
  if (typeof node !== "object" || node === null || !("range" in node) || !Array.isArray(node.range)) return null;
  const [start] = node.range as unknown[];
  return typeof start === "number" ? start : null;
}
