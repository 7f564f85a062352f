import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openInstance } from "./instance.js";

describe("the temporary folder", () => {
  let folder: string;
  let tempDirectory: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "rollcall-instance-"));
    tempDirectory = join(folder, "tmp");
    mkdirSync(tempDirectory);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("loses what a killed process left in it, and nothing else", async () => {
    for (const name of ["landing-1.ndjson", "duckdb_temp_storage-0.tmp", "notes.txt"]) {
      writeFileSync(join(tempDirectory, name), "");
    }
    const instance = await openInstance({ file: join(folder, "w.duckdb"), tempDirectory });
    expect(readdirSync(tempDirectory)).toEqual(["notes.txt"]);
    await instance.close();
  });

  it("keeps the files of whoever has the database open", async () => {
    const file = join(folder, "w.duckdb");
    const instance = await openInstance({ file, tempDirectory });
    writeFileSync(join(tempDirectory, "landing-1.ndjson"), "");
    await expect(openInstance({ file, tempDirectory })).rejects.toMatchObject({ code: "WAREHOUSE_BUSY" });
    expect(readdirSync(tempDirectory)).toEqual(["landing-1.ndjson"]);
    await instance.close();
  });
});
