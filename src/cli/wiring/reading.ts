import { randomBytes } from "node:crypto";
import { type ApiKeys, createApiKeys } from "../../serving/api-keys.js";
import { openProfileStore, type ProfileStore } from "../../serving/profile-store.js";
import type { Config } from "../config.js";
import { clock, createLookup, openAll, openDocuments, openIdentify } from "./shared.js";

export interface Reading {
  readonly store: ProfileStore;
  readonly apiKeys: ApiKeys;
  readonly lookup: (type: string, value: string, namespace?: string) => readonly string[];
  close(): Promise<void>;
}

/** What commands read and write without an engine: profiles and API keys. */
export function openReading(config: Config): Promise<Reading> {
  return openAll(async (closers) => {
    const documents = openDocuments(config, closers);
    return {
      store: await openProfileStore({ documents }),
      apiKeys: createApiKeys({ documents, random: randomBytes, clock }),
      lookup: createLookup(config, await openIdentify(config)),
      close: () => closers.close(),
    };
  });
}
