import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import pc from "picocolors";
import type { IdentityPreview, ProfileMove } from "../../identity/preview/report.js";
import { acceptedText, previewText, versionsText } from "../../identity/preview/text.js";
import { messageOf, RollcallError } from "../../platform/errors.js";
import type { EngineControl } from "../control.js";
import { withControl } from "../engine-access.js";
import { createStepView } from "../step-view.js";
import { watched } from "../watched.js";

export interface PreviewCommand {
  readonly home: string;
  readonly limit: number;
  /** Where every move is written. */
  readonly to?: string;
  readonly json: boolean;
}

export interface AcceptCommand {
  readonly home: string;
  readonly reason?: string;
  readonly by?: string;
  readonly withoutPreview: boolean;
  readonly json: boolean;
}

/** How often an engine is asked how far it is. */
const LOOK_MS = 200;
/** More ids than there are. */
const ALL = Number.MAX_SAFE_INTEGER;
const UNCHANGED = "Nothing would change: the project's rules are those that are published.";

/** Says what changed rules would change. Throws INPUT_INVALID while nothing is published and for a file that cannot be written. */
export async function preview({ home, limit, to, json }: PreviewCommand): Promise<void> {
  const found = await withControl({ home }, (control) => previewWatched(control, to === undefined ? limit : ALL));
  if (found !== null && to !== undefined) writeMoves(to, found.moves);
  const shown: IdentityPreview | null = found === null ? null : { ...found, moves: found.moves.slice(0, limit) };
  if (json) process.stdout.write(`${JSON.stringify(shown, null, 2)}\n`);
  else process.stdout.write(`${shown === null ? UNCHANGED : previewText(shown, pc)}\n`);
}

/** Records that changed rules may be published. */
export async function accept({ home, reason, by, withoutPreview, json }: AcceptCommand): Promise<void> {
  const request = { by: by ?? userInfo().username, reason: reason ?? null, withoutPreview };
  const accepted = await withControl({ home }, (control) => control.acceptIdentity(request));
  process.stdout.write(json ? `${JSON.stringify(accepted, null, 2)}\n` : `${acceptedText(accepted, pc)}\n`);
}

/** By which rules people were resolved, since when, and who let them. */
export async function versions({ home, json }: { readonly home: string; readonly json: boolean }): Promise<void> {
  const found = await withControl({ home }, (control) => control.identityVersions());
  process.stdout.write(json ? `${JSON.stringify(found, null, 2)}\n` : `${versionsText(found)}\n`);
}

/** Shows on standard error how far the preview is, wherever the engine is. */
function previewWatched(control: EngineControl, limit: number): Promise<IdentityPreview | null> {
  const ticket = randomUUID();
  const look = () => control.previewProgress({ ticket });
  return watched({ look, view: createStepView(process.stderr), everyMs: LOOK_MS }, () =>
    control.previewIdentity({ limit, ticket }),
  );
}

function writeMoves(file: string, moves: readonly ProfileMove[]): void {
  try {
    writeFileSync(file, moves.map((move) => `${JSON.stringify(move)}\n`).join(""));
  } catch (cause) {
    throw new RollcallError("INPUT_INVALID", `The list cannot be written to ${file}: ${messageOf(cause)}`, {
      isRetriable: false,
      cause,
    });
  }
}
