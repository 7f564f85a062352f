import { expect, it } from "vitest";
import { EVENT_TABLES, SOURCES } from "../record.js";
import { SOURCE_SPECS, sourceOfTable } from "./registry.js";

it("every source is registered, and every table has exactly one source", () => {
  expect(SOURCE_SPECS.map(({ id }) => id)).toEqual([...SOURCES]);
  expect(SOURCE_SPECS.flatMap(({ tables }) => tables)).toEqual([...EVENT_TABLES]);
  expect(EVENT_TABLES.map(sourceOfTable)).toEqual([
    "website",
    "mobile",
    "salesforce",
    "salesforce",
    "salesforce",
    "email",
    "whatsapp",
  ]);
});
