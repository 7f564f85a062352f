import { shortNode } from "./subject.js";
import type { Ink } from "./text.js";
import type { WhatIf, WouldBe } from "./what-if.js";

const STATES = {
  same: "as it is",
  changed: "keeps its id, with other source identities",
  new: "a profile of its own",
} as const;

/** What would be otherwise, as a person reads it. */
export function whatIfText({ profileId, profiles, moved, gone }: WhatIf, ink: Ink): string {
  const { bold, dim } = ink;
  if (moved.length === 0) {
    const what = profiles.length === 1 ? "the one profile" : `all ${profiles.length} profiles`;
    return `${bold("Nothing would change:")} ${what} of the component of ${profileId} would be as they are.`;
  }
  const changed = profiles.filter(({ state }) => state !== "same");
  const same = profiles.length - changed.length;
  const from = new Map(moved.map((move) => [move.nodeId, move.from]));
  return [
    bold(`${moved.length} source ${moved.length === 1 ? "identity" : "identities"} would move.`),
    ...changed.flatMap((profile) => profileLines(profile, from, ink)),
    ...(gone.length === 0 ? [] : ["", `Would lead to another profile: ${gone.join(", ")}`]),
    ...(same === 0
      ? []
      : ["", dim(`${same} more ${same === 1 ? "profile" : "profiles"} of the component would be as they are.`)]),
    "",
    dim("Nothing was written."),
  ].join("\n");
}

function profileLines(
  { profileId, state, nodes }: WouldBe,
  from: ReadonlyMap<string, string | null>,
  { dim }: Ink,
): string[] {
  return [
    "",
    `${profileId}  ${dim(STATES[state])}`,
    ...nodes.map(({ nodeId, source, ownerType }) => {
      const before = from.get(nodeId);
      const came = before === undefined ? "" : dim(before === null ? "  new" : `  from ${before}`);
      return `  ${shortNode(nodeId)}  ${source} by ${ownerType.replaceAll("_", " ")}${came}`;
    }),
  ];
}
