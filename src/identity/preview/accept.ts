import type { Micros } from "../../platform/clock.js";
import { RollcallError } from "../../platform/errors.js";
import type { Warehouse } from "../../warehouse/port.js";
import type { IdentityStanding } from "../../warehouse/run/identity-standing.js";
import { recordAcceptance } from "../../warehouse/run/identity-versions.js";
import { findPreview, type StoredPreview } from "./previews.js";

export interface AcceptRequest {
  readonly by: string;
  readonly reason: string | null;
  /** Accepts rules although nobody looked what they change. */
  readonly withoutPreview: boolean;
}

export interface AcceptDeps {
  readonly warehouse: Warehouse;
  /** What the project's match model calls itself. */
  readonly modelVersion: string | null;
  readonly now: Micros;
}

export interface Accepted {
  /** `nothing_to_accept`: the project's rules are those that are published. `already`: they were accepted before. */
  readonly status: "accepted" | "already" | "nothing_to_accept";
  readonly fingerprint: string | null;
  readonly modelVersion: string | null;
  readonly preview: StoredPreview | null;
}

/**
 * Records that the project's rules of who is whom may be published. The next whole run does it; until then nothing changes. Throws
 * INPUT_INVALID when nobody has looked what they change, unless that is wanted.
 */
export async function acceptIdentity(
  { fingerprint, published, state }: IdentityStanding,
  { by, reason, withoutPreview }: AcceptRequest,
  { warehouse, modelVersion, now }: AcceptDeps,
): Promise<Accepted> {
  const common = { fingerprint, modelVersion };
  if (fingerprint === null || state === "unpublished" || state === "published") {
    return { ...common, status: "nothing_to_accept", preview: null };
  }
  const preview = await findPreview(warehouse, { fingerprint, published: published?.fingerprint ?? null });
  if (state === "accepted") return { ...common, status: "already", preview };
  if (preview === null && !withoutPreview) {
    throw new RollcallError(
      "INPUT_INVALID",
      "Nobody has looked yet what these rules change: rollcall identity preview says it. With --without-preview they are " +
        "accepted unseen.",
      { isRetriable: false },
    );
  }
  await recordAcceptance(warehouse, { fingerprint, modelVersion, at: now, by, reason });
  return { ...common, status: "accepted", preview };
}
