import { RollcallError } from "../../platform/errors.js";
import { type Arrival, arrivalOrder, arrivalsOf } from "./arrival.js";
import { createCohort } from "./cohort.js";
import { isoTime } from "./dates.js";
import { createDice } from "./dice.js";
import { MOST_PEOPLE } from "./ids.js";
import { type SyntheticRecord, TRAPS, type Trap } from "./record.js";
import { SCHOOLS } from "./schools.js";
import { createCounters } from "./surroundings.js";

export interface PopulationConfig {
  readonly people: number;
  /** In [0, 2^32). The same seed and number of people give the same records. */
  readonly seed: number;
}

/** People made at a time, and so the most that are in memory. */
const COHORT_SIZE = 400;

/**
 * The records of a made-up student body with the truth about them, cohort by cohort: memory does not grow with the number
 * of people. Everything comes from the seed; no clock, no locale of the machine, no randomness of the platform is asked.
 * Throws INPUT_INVALID for a number of people or a seed out of range.
 */
export function* generateRecords({ people, seed }: PopulationConfig): Generator<SyntheticRecord> {
  requireWhole("people", people, 1, MOST_PEOPLE);
  requireWhole("seed", seed, 0, 0xffff_ffff);
  const counters = createCounters();
  let recordNumber = 0;
  for (let cohort = 0; counters.people < people; cohort++) {
    const dice = createDice(seed, cohort);
    const school = SCHOOLS[cohort % SCHOOLS.length] as (typeof SCHOOLS)[number];
    const { sightings } = createCohort({ dice, counters, school }, Math.min(COHORT_SIZE, people - counters.people));
    for (const sighting of sightings) {
      for (const arrival of arrivalsOf(sighting, dice)) yield toRecord(arrival, recordNumber++);
    }
  }
}

function requireWhole(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new RollcallError("INPUT_INVALID", `${name} is ${value}: give a whole number from ${least} to ${most}`, {
    isRetriable: false,
  });
}

/** Written out: a million objects of one shape are made several times faster than by a loop or a spread. */
function toRecord({ sighting, at }: Arrival, recordNumber: number): SyntheticRecord {
  const { person, cells } = sighting;
  return {
    record_id: `r${String(recordNumber).padStart(8, "0")}`,
    person_id: person.personId,
    household_id: person.householdId,
    feed: sighting.feed,
    occurred_at: isoTime(sighting.at),
    ingested_order: arrivalOrder(at, recordNumber),
    user_id: cells.user_id ?? "",
    student_number: cells.student_number ?? "",
    crm_id: cells.crm_id ?? "",
    lead_id: cells.lead_id ?? "",
    email: cells.email ?? "",
    phone: cells.phone ?? "",
    anonymous_id: cells.anonymous_id ?? "",
    device_id: cells.device_id ?? "",
    first_name: cells.first_name ?? "",
    last_name: cells.last_name ?? "",
    full_name: cells.full_name ?? "",
    birth_date: cells.birth_date ?? "",
    address: cells.address ?? "",
    city: cells.city ?? "",
    postcode: cells.postcode ?? "",
    country: cells.country ?? "",
    institution: cells.institution ?? "",
    programme: cells.programme ?? "",
    trap: trapsText([...person.traps, ...sighting.traps]),
  };
}

function trapsText(traps: readonly Trap[]): string {
  return traps.length < 2 ? (traps[0] ?? "") : TRAPS.filter((trap) => traps.includes(trap)).join(";");
}
