import { describe, expect, it } from "vitest";
import { eraseTagsOf, isEraseId } from "./erase-tags.js";

describe("tags erase_by", () => {
  it("name an id and the columns that hold it", () => {
    expect(eraseTagsOf(["silver", "erase_by:node_id", "erase_by:profile_id=profile_a, profile_b"])).toEqual([
      { tag: "erase_by:node_id", id: "node_id", columns: ["node_id"] },
      { tag: "erase_by:profile_id=profile_a, profile_b", id: "profile_id", columns: ["profile_a", "profile_b"] },
    ]);
  });

  it("go by ids that an erasure knows", () => {
    expect(isEraseId("node_id")).toBe(true);
    expect(isEraseId("student_id")).toBe(false);
  });
});
