import { expect, it } from "vitest";
import { EVENT_TABLES, SOURCES } from "../record.js";
import { SOURCE_SPECS } from "./registry.js";

it("every source is registered, and every table has exactly one source", () => {
  expect(SOURCE_SPECS.map(({ id }) => id)).toEqual([...SOURCES]);
  expect(SOURCE_SPECS.flatMap(({ tables }) => tables)).toEqual([...EVENT_TABLES]);
});
