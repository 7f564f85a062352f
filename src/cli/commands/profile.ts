import pc from "picocolors";
import { RollcallError } from "../../platform/errors.js";
import type { StoredProfile } from "../../serving/profile-store.js";
import { readConfig } from "../config.js";
import { refuseMissingHome } from "../home.js";
import { formatProfile } from "../profile-text.js";
import { openReading, type Reading } from "../wiring/reading.js";

const PROFILE_ID = /^p_/;

async function find(who: string, reading: Reading): Promise<StoredProfile> {
  const notFound = (message: string): RollcallError => new RollcallError("NOT_FOUND", message, { isRetriable: false });
  if (PROFILE_ID.test(who)) {
    const profile = await reading.store.living(who);
    if (profile === null) throw notFound(`No profile ${who}. After landing events: rollcall run && rollcall sync`);
    return profile;
  }
  const colon = who.indexOf(":");
  const [type, value] = [who.slice(0, colon), who.slice(colon + 1)];
  const hmacs = colon < 1 ? [] : reading.lookup(type, value);
  if (hmacs.length === 0) {
    throw new RollcallError(
      "INPUT_INVALID",
      "Expected a profile id (p_...) or type:value with a valid value, as in email:ana@example.com.",
      { isRetriable: false },
    );
  }
  const profiles = await reading.store.byIdentifiers(hmacs);
  const [profile] = profiles;
  if (profile === undefined)
    throw notFound(`Nobody is known by that ${type}. After landing events: rollcall run && rollcall sync`);
  if (profiles.length > 1) {
    throw notFound(`That ${type} belongs to several profiles: ${profiles.map((found) => found._id).join(", ")}`);
  }
  return profile;
}

export async function profile(who: string, options: { home: string; json: boolean }): Promise<void> {
  refuseMissingHome(options.home);
  const reading = await openReading(readConfig(process.env, options));
  try {
    const found = await find(who, reading);
    const events = await reading.store.events(found, 10, null);
    process.stdout.write(
      options.json ? `${JSON.stringify(found, null, 2)}\n` : `${formatProfile(found, events, pc)}\n`,
    );
  } finally {
    await reading.close();
  }
}
