import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { COLUMNS } from "../../identity/synthetic/record.js";
import { generate } from "./identity-generate.js";

let folder: string;
let said: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-generate-"));
  said = "";
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    said += String(text);
    return true;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

describe("identity generate", () => {
  it("writes the records, the mapping beside them, and says what it made", async () => {
    const out = join(folder, "students.csv");
    await generate({ people: 300, seed: 7, out });
    expect(readdirSync(folder).sort()).toEqual(["students.csv", "students.mapping.yaml"]);
    const rows = parse(readFileSync(out), { columns: true, record_delimiter: "\r\n" }) as Record<string, string>[];
    expect(Object.keys(rows[0] as object)).toEqual(COLUMNS);
    expect(new Set(rows.map(({ person_id }) => person_id)).size).toBe(300);
    expect(said).toContain(`300 people, ${rows.length} records`);
    expect(said).toMatch(/twins +\d+/);
    expect(readFileSync(join(folder, "students.mapping.yaml"), "utf8")).toContain("truth: person_id");
  });

  it("writes the same bytes again", async () => {
    const [first, second] = [join(folder, "a.csv"), join(folder, "b.csv")];
    await generate({ people: 200, seed: 3, out: first });
    await generate({ people: 200, seed: 3, out: second });
    expect(readFileSync(second).equals(readFileSync(first))).toBe(true);
  });

  it("says which file cannot be written", async () => {
    const out = join(folder, "missing", "students.csv");
    await expect(generate({ people: 10, seed: 1, out })).rejects.toMatchObject({
      code: "INPUT_INVALID",
      message: expect.stringContaining(out) as unknown,
    });
  });

  it("leaves nothing behind when asked for nonsense", async () => {
    const out = join(folder, "students.csv");
    await expect(generate({ people: 0, seed: 1, out })).rejects.toMatchObject({ code: "INPUT_INVALID" });
    expect(existsSync(out)).toBe(false);
    expect(readdirSync(folder)).toEqual([]);
  });
});
