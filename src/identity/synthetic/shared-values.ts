import type { Dice } from "./dice.js";
import type { School } from "./person.js";
import type { Cells, Trap } from "./record.js";

/** The call centre's own line, which its staff leave in the phone field. In Ofcom's range for drama. */
export const HUB_PHONE = "020 7946 0999";
const HUB_PHONE_WAYS = [HUB_PHONE, "+442079460999", "+44 20 7946 0999", "02079460999"];

const ROLE_MAILBOXES = ["info", "admissions", "enquiries", "office"];

const PLACEHOLDERS = {
  email: ["test@test.com", "N/A", "none@none.com", "na@na.com", "noemail@noemail.com"],
  phone: ["0000000000", "1234567890", "N/A", "000000", "9999999999"],
  student_number: ["000000", "N/A", "0", "unknown"],
  user_id: ["null", "undefined", "0", "anonymous"],
} as const;

/** How often a field that has a value holds one that stands for nobody, or for everybody. */
export interface ShareHabit {
  readonly placeholder: number;
  readonly roleMail: number;
  readonly hubPhone: number;
}

/** Overwrites identifiers with shared values, and says which traps that set. */
export function plantSharedValues(cells: Cells, school: School, habit: ShareHabit, dice: Dice): readonly Trap[] {
  const traps: Trap[] = [];
  if (cells.phone !== undefined && dice.chance(habit.hubPhone)) {
    cells.phone = dice.pick(HUB_PHONE_WAYS);
    traps.push("hub_phone");
  }
  if (cells.email !== undefined && dice.chance(habit.roleMail)) {
    const domain = school.domain.slice(school.domain.indexOf(".") + 1);
    cells.email = `${dice.pick(ROLE_MAILBOXES)}@${domain}`;
    traps.push("role_mail");
  }
  if (dice.chance(habit.placeholder)) {
    const fields = (["email", "phone", "student_number", "user_id"] as const).filter(
      (cell) => cells[cell] !== undefined,
    );
    if (fields.length > 0) {
      const field = dice.pick(fields);
      cells[field] = dice.pick(PLACEHOLDERS[field]);
      traps.push("placeholder");
    }
  }
  return traps;
}
