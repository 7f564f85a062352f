import { describe, expect, it } from "vitest";
import { canonicalBirthDate, canonicalBirthYear } from "./birth-date.js";

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
    ["2 March 1999", "US", "1999-03-02"],
    ["2nd Mar. 1999", "GB", "1999-03-02"],
    ["March 2, 1999", "GB", "1999-03-02"],
    ["02-MAR-1999", "GB", "1999-03-02"],
    ["2. März 1999", "GB", "1999-03-02"],
    ["2 de marzo de 1999", "ES", "1999-03-02"],
  ])("%s in %s is %s", (raw, region, date) => {
    expect(canonicalBirthDate(raw, region)).toBe(date);
  });

  it("takes a year before people who live today only when told to", () => {
    expect(canonicalBirthDate("31.12.1889", "DE")).toBeNull();
    expect(canonicalBirthDate("31.12.1889", "DE", 1889)).toBe("1889-12-31");
    expect(canonicalBirthDate("2 March 1888", "GB", 1889)).toBeNull();
    expect(canonicalBirthYear("1753", 1700)).toBe("1753");
    expect(canonicalBirthYear("1753")).toBeNull();
  });

  it.each([
    "",
    "unknown",
    "1999-02-30",
    "29.02.1900",
    "1999-13-13",
    "31/31/1999",
    "02/03/99",
    "2 Smarch 1999",
    "30 Feb 1999",
    "Mar 1999",
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

describe("canonicalBirthYear", () => {
  it.each(["1999", " 1999 ", "1999-00-00", "19990000", "1999-03", "1999-3", "1999-12-00", "00.00.1999", "00/03/1999"])(
    "of %s is 1999",
    (raw) => {
      expect(canonicalBirthYear(raw)).toBe("1999");
      expect(canonicalBirthDate(raw, "GB")).toBeNull();
    },
  );

  it.each(["", "1999-13", "1999-03-02", "02.03.1999", "199903", "1999-2000", "1900-00-00", "1889", "2100", "99"])(
    "of %s is none",
    (raw) => {
      expect(canonicalBirthYear(raw)).toBeNull();
    },
  );
});
