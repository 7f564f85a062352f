import { describe, expect, it } from "vitest";
import { canonicalBirthDate } from "./birth-date.js";

describe("canonicalBirthDate", () => {
  it.each([
    ["1999-03-02", "GB", "1999-03-02"],
    [" 1999-03-02T00:00:00.000Z ", "GB", "1999-03-02"],
    ["1999/3/2", "GB", "1999-03-02"],
    ["19990302", "GB", "1999-03-02"],
    ["02/03/1999", "GB", "1999-03-02"],
    ["02/03/1999", "US", "1999-02-03"],
    ["2.3.1999", "DE", "1999-03-02"],
    ["02-03-1999", "IN", "1999-03-02"],
    // Only one order gives a day.
    ["03/25/1999", "GB", "1999-03-25"],
    ["25/03/1999", "US", "1999-03-25"],
    ["29.02.2000", "DE", "2000-02-29"],
  ])("%s in %s is %s", (raw, region, date) => {
    expect(canonicalBirthDate(raw, region)).toBe(date);
  });

  it.each([
    "",
    "unknown",
    "1999-02-30",
    "29.02.1900",
    "1999-13-13",
    "31/31/1999",
    "02/03/99",
    "1/2-1999",
    "19990",
    "1999-3",
    "0999-01-01",
    "1900-01-01",
    "1970-01-01",
    "30.12.1899",
    "01/01/1901",
    "1999-00-10",
  ])("%s is none", (raw) => {
    expect(canonicalBirthDate(raw, "GB")).toBeNull();
  });
});
