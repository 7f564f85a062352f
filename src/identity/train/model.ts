import { createHash } from "node:crypto";
import { z } from "zod";
import { messageOf, RollcallError } from "../../platform/errors.js";

/** How often a level is seen in pairs of one person (m) and of two (u). */
export interface LevelParameters {
  readonly level: string;
  readonly m: number;
  readonly u: number;
}

/** The parameters that `includes/match.js` compiles. Comparisons that nothing could be learnt about are absent. */
export interface MatchModel {
  /** The day it was made, and a digest of everything else. */
  readonly version: string;
  /** ISO 8601, to the second. */
  readonly trainedAt: string;
  readonly source: ModelSource;
  /** log2 of the odds that any two descriptions are one person's. */
  readonly prior: number;
  readonly comparisons: Readonly<Record<string, readonly LevelParameters[]>>;
}

/** What the model was made of. Counts only. */
export interface ModelSource {
  readonly descriptionCount: number;
  readonly sampledPairCount: number;
  /** Pairs of each session that took part. */
  readonly sessions: Readonly<Record<string, number>>;
}

const share = z.number().gt(0).lte(1);
const modelShape = z.object({
  version: z.string().min(1),
  trainedAt: z.iso.datetime(),
  source: z.object({
    descriptionCount: z.int(),
    sampledPairCount: z.int(),
    sessions: z.record(z.string(), z.int()),
  }),
  prior: z.number(),
  comparisons: z.record(z.string(), z.array(z.object({ level: z.string(), m: share, u: share }))),
});

/** Names a model after what it says and when it was made: "2026-03-01-1f0a5c3e9b". */
export function versioned({ trainedAt, source, prior, comparisons }: Omit<MatchModel, "version">): MatchModel {
  const digest = createHash("sha256").update(JSON.stringify({ source, prior, comparisons })).digest("hex");
  return { version: `${trainedAt.slice(0, 10)}-${digest.slice(0, 10)}`, trainedAt, source, prior, comparisons };
}

/** Throws INPUT_INVALID, naming the file, when the text is no match model. */
export function parseModel(text: string, file: string): MatchModel {
  try {
    return modelShape.parse(JSON.parse(text));
  } catch (error) {
    const what = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error);
    throw new RollcallError("INPUT_INVALID", `${file} is no match model: ${what}`, {
      isRetriable: false,
      cause: error,
    });
  }
}

export function modelJson(model: MatchModel): string {
  return `${JSON.stringify(model, null, 2)}\n`;
}
