import { describe, expect, it } from "vitest";
import { parseMapping } from "../evaluate/mapping.js";
import { IDENTIFIER_STRENGTH } from "../normalise/types.js";
import { MAPPING_YAML } from "./mapping.js";
import { COLUMNS } from "./record.js";

describe("the mapping file", () => {
  it("is one that evaluate reads, and names columns of the file only", () => {
    const mapping = parseMapping("students.mapping.yaml", MAPPING_YAML, IDENTIFIER_STRENGTH);
    expect(mapping).toMatchObject({ truth: { column: "person_id" }, source: "feed", arrival: "ingested_order" });
    for (const { column } of mapping.columns) expect(COLUMNS).toContain(column);
  });

  it("maps every column but the labels", () => {
    const mapped = parseMapping("students.mapping.yaml", MAPPING_YAML, IDENTIFIER_STRENGTH).columns.map(
      ({ column }) => column,
    );
    expect(COLUMNS.filter((column) => !mapped.includes(column))).toEqual(["household_id", "trap"]);
  });
});
