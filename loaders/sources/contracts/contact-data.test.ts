import { expect, it } from "vitest";
import { holdsContactData } from "./contact-data.js";

it.each([
  "jane@x.org",
  "https://x.org/?e=jane%40x.org",
  "+447911123456",
  "https://wa.me/?p=%2B447911123456",
  "whatsapp:+44 7911 123456",
])("gives contact data away in any place: %s", (text) => {
  expect([holdsContactData(text, "named", "GB"), holdsContactData(text, "unnamed", "GB")]).toEqual([true, true]);
});

it.each(["07911 123456", "07911123456", "my number is 7911 123 456", "born 01/02/2003, call (07911) 123456"])(
  "takes a number without a country code for one where the contract does not name the field: %s",
  (text) => {
    expect([holdsContactData(text, "named", "GB"), holdsContactData(text, "unnamed", "GB")]).toEqual([false, true]);
  },
);

it("does not think for long about a long text", () => {
  const long = ["a", "1", "+1", "0-", "1.1.", "a1 "].map((part) => part.repeat(200_000));
  expect(long.map((text) => holdsContactData(text, "unnamed", "GB"))).toEqual(long.map(() => false));
});

it.each([
  "2024013112",
  "1769850000",
  "2026-01-31T11:00:00Z",
  "updated on 2026-01-31 11:00:00",
  "31/01/2026",
  "https://campus.example/courses/02079460000",
  "550e8400-e29b-41d4-a716-020794600000",
  "A02079460000",
  "Mozilla/5.0 (X11; Linux) AppleWebKit/537.36 Chrome/76.0.3809.100 Safari/537.36",
  "1.02.0207946",
  "@ +",
])("leaves ids, times and links alone: %s", (text) => {
  expect([holdsContactData(text, "named", "GB"), holdsContactData(text, "unnamed", "GB")]).toEqual([false, false]);
});
