import { expect, test } from "vitest";
import { query } from "./query.js";

test.each(["", "SELECT 1; SELECT 2", "DELETE FROM gold.profiles WHERE TRUE"])(
  "what is no query is refused before any warehouse is opened: %j",
  async (sql) => {
    const asked = query(sql, { home: "/dev/null/nowhere", format: "table", unmask: false, scratch: false });
    await expect(asked).rejects.toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringContaining("--scratch runs a whole script"),
    });
  },
);
