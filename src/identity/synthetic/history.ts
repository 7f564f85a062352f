import { DAY_SECONDS, WINDOW_TO } from "./dates.js";
import type { Dice } from "./dice.js";
import {
  admissionsForm,
  crmContact,
  crmLead,
  emailEngagement,
  lms,
  mobileApp,
  type Sighting,
  website,
  whatsapp,
} from "./feeds.js";
import { isStudying, type Person, type Stage } from "./person.js";

type Look = (person: Person, at: number, dice: Dice) => Sighting;

interface Plan {
  readonly look: Look;
  /** Records, from and to, of those whom the feed knows at all. */
  readonly times: readonly [from: number, to: number];
  readonly known: number;
}

const BROWSING: Plan = { look: website, times: [1, 4], known: 1 };
const ENQUIRING: readonly Plan[] = [
  { look: website, times: [2, 4], known: 0.95 },
  { look: crmLead, times: [1, 2], known: 0.7 },
  { look: emailEngagement, times: [1, 4], known: 0.75 },
];
const APPLYING: readonly Plan[] = [
  { look: admissionsForm, times: [1, 2], known: 1 },
  { look: crmContact, times: [1, 3], known: 0.95 },
];

const PLANS: Readonly<Record<Stage, readonly Plan[]>> = {
  visitor: [BROWSING],
  prospect: ENQUIRING,
  applicant: [...ENQUIRING, ...APPLYING],
  student: [...ENQUIRING, ...APPLYING],
  graduate: [...ENQUIRING, ...APPLYING],
  parent: [
    { look: crmLead, times: [1, 1], known: 0.4 },
    { look: crmContact, times: [1, 2], known: 0.5 },
    { look: emailEngagement, times: [1, 3], known: 0.8 },
  ],
};

/** While somebody studies, the learning feeds come on top. */
const STUDYING: readonly Plan[] = [
  { look: lms, times: [3, 5], known: 1 },
  { look: mobileApp, times: [2, 5], known: 0.8 },
  { look: website, times: [0, 2], known: 1 },
];
const MESSAGING: Plan = { look: whatsapp, times: [1, 3], known: 1 };

function follow(plans: readonly Plan[], person: Person, from: number, to: number, dice: Dice): Sighting[] {
  return plans.flatMap(({ look, times, known }) => {
    if (!dice.chance(known)) return [];
    return Array.from({ length: dice.between(...times) }, () => look(person, dice.between(from, to - 1), dice));
  });
}

/** Everything the feeds saw of one person by themselves: at least one record. */
export function historyOf(person: Person, dice: Dice): readonly Sighting[] {
  const { from, until } = person;
  const seen = follow(PLANS[person.stage], person, from, until, dice);
  if (isStudying(person)) {
    const to = Math.min(person.left, WINDOW_TO);
    seen.push(...follow(STUDYING, person, person.enrolled, to, dice));
    // Two contacts of one person are both in the next export.
    if (person.contactIds.length > 1) seen.push(crmContact(person, to - dice.between(1, 20) * DAY_SECONDS, dice));
  }
  if (person.usesWhatsapp && person.stage !== "visitor") seen.push(...follow([MESSAGING], person, from, until, dice));
  return seen.length > 0 ? seen : [(person.stage === "parent" ? crmContact : website)(person, from, dice)];
}
