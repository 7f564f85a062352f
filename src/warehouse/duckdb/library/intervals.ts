import { entry } from "./entry.js";
import { intervalDays, intervalMicros, intervalMonths } from "./texts.js";

const HOURS_24 = 86_400_000_000;
const months = intervalMonths("$i");
const days = intervalDays("$i");
const micros = intervalMicros("$i");

/** Days with their time as microseconds, so that both parts of the result carry one sign. */
const dayMicros = `(${days} * ${HOURS_24} + ${micros})`;
const allMicros = `((${months} * 30 + ${days}) * ${HOURS_24} + ${micros})`;

export const intervals = [
  entry("make_interval", {
    "y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0":
      "to_years($y::INTEGER) + to_months($mo::INTEGER) + to_days($d::INTEGER) + to_hours($h) + to_minutes($mi) + to_seconds($s)",
  }),
  entry("justify_hours", {
    i: `to_months(${months}::INTEGER) + to_days((${dayMicros} // ${HOURS_24})::INTEGER) + to_microseconds(${dayMicros} % ${HOURS_24})`,
  }),
  entry("justify_days", {
    i: `to_months(((${months} * 30 + ${days}) // 30)::INTEGER) + to_days(((${months} * 30 + ${days}) % 30)::INTEGER) + to_microseconds(${micros})`,
  }),
  entry("justify_interval", {
    i:
      `to_months((${allMicros} // ${HOURS_24} // 30)::INTEGER) + to_days((${allMicros} // ${HOURS_24} % 30)::INTEGER) + ` +
      `to_microseconds(${allMicros} % ${HOURS_24})`,
  }),
];
