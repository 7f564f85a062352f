import type { School } from "./person.js";

/** Invented. Their domains lie under .example, which nobody can register (RFC 2606). */
const NAMES = `Northfield College,Ashdown University,Meridian Institute,Kestrel School of Business,Harbour View Academy,
Larkspur College,Stonebridge University,Westmere Institute of Technology,Silverbrook Academy,Fernhill College,
Copperfield University,Riverside School of Design,Oakhurst College,Beacon Institute,Highmoor University,Thistle College,
Clearwater Academy,Foxglove School of Nursing,Greystone Law School,Elmwood University,Sandpiper College,Bluebell Academy,
Ravensgate Institute,Willowbank University`;

export const SCHOOLS: readonly School[] = NAMES.split(",").map((text) => {
  const name = text.trim();
  const slug = (name.split(" ")[0] as string).toLowerCase();
  return { name, domain: `students.${slug}.example` };
});
