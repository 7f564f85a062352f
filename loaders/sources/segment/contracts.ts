import { fileURLToPath } from "node:url";
import { type Contract, mergeNodes } from "../contracts/contract.js";
import { type ContractSet, contractOf, loadContracts } from "../contracts/load.js";
import type { Violation } from "../contracts/validate.js";
import { mobileContracts } from "../mobile/contracts.js";
import { websiteContracts } from "../website/contracts.js";

export type SegmentTable = "website_events" | "mobile_events";

const shared = loadContracts("segment", fileURLToPath(new URL("./contracts", import.meta.url)));
const message = contractOf(shared, "message");

const TRACKED: Readonly<Record<SegmentTable, ContractSet>> = {
  website_events: withEnvelope(websiteContracts),
  mobile_events: withEnvelope(mobileContracts),
};
const UNTRACKED = withEnvelope(shared);

/** What is wrong with the parts every message has; null when nothing is. */
export function checkEnvelope(value: unknown): Violation | null {
  return message.check(value);
}

/** The contract of a track event by its name, of any other message by its type; null when there is none. */
export function findContract(table: SegmentTable, type: string, event: string | undefined): Contract | null {
  if (type !== "track") return UNTRACKED.get(type) ?? null;
  return TRACKED[table].get(event ?? "") ?? null;
}

export function trackedEvents(table: SegmentTable): string[] {
  return [...TRACKED[table].keys()].sort();
}

/** An event's contract speaks of its own fields; which fields of the envelope are personal is added here. */
function withEnvelope(contracts: ContractSet): ContractSet {
  return new Map(
    [...contracts].map(([event, contract]) => [event, { ...contract, root: mergeNodes(contract.root, message.root) }]),
  );
}
