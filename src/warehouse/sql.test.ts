import { describe, expect, it } from "vitest";
import { sql } from "./sql.js";

describe("sql", () => {
  it("is the text as written", () => {
    expect(sql`SELECT "a\n\d" AS a,
      b`).toBe('SELECT "a\\n\\d" AS a,\n      b');
    expect(sql`SELECT \`a b\``).toBe("SELECT `a b`");
  });

  it("takes no values", () => {
    const value = 1;
    // @ts-expect-error values are query parameters
    expect(() => sql`SELECT ${value}`).not.toThrow();
  });
});
