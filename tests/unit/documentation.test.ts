import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { readConfig } from "../../src/cli/config.js";

const ROOT = resolve(import.meta.dirname, "../..");
const PAGES = pagesIn(ROOT);

describe("docs/configuration.md", () => {
  const rows = readFileSync(join(ROOT, "docs/configuration.md"), "utf8").split("\n");
  const documented = rows
    .filter((line) => line.startsWith("| `ROLLCALL_"))
    .flatMap((line) => line.match(/ROLLCALL_[A-Z_]+|(?<=`)_[A-Z_]+/g) ?? [])
    .map((name) => (name.startsWith("_") ? `ROLLCALL_BIGQUERY${name}` : name));

  it("names every variable that is read, and no other", () => {
    // Read by the command line itself, before there is a configuration.
    expect([...new Set(documented)].sort()).toEqual([...variables(), "ROLLCALL_HOME"].sort());
  });
});

describe("links between pages", () => {
  it.each(PAGES)("of %s lead to a file and a heading", (page) => {
    const text = readFileSync(join(ROOT, page), "utf8");
    const links = [...text.matchAll(/\]\(((?!https?:)[^)\s]+)\)/g)].map((match) => match[1] ?? "");
    expect(links.filter((link) => !leadsSomewhere(page, link))).toEqual([]);
  });
});

/** As the answer to a variable that there is not lists them. */
function variables(): readonly string[] {
  try {
    readConfig({ ROLLCALL_NO_SUCH: "x" }, { home: "nowhere" });
  } catch (error) {
    return (
      String(error)
        .match(/ROLLCALL_[A-Z_]+/g)
        ?.filter((name) => name !== "ROLLCALL_NO_SUCH") ?? []
    );
  }
  return [];
}

function pagesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "node_modules" || entry.name.startsWith(".") ? [] : pagesIn(path);
    return entry.name.endsWith(".md") ? [relative(ROOT, path)] : [];
  });
}

function leadsSomewhere(page: string, link: string): boolean {
  const [path = "", anchor] = link.split("#");
  const target = path === "" ? join(ROOT, page) : join(ROOT, dirname(page), path);
  if (!existsSync(target)) return false;
  return anchor === undefined || headingsOf(target).includes(anchor);
}

/** The anchors GitHub makes of headings. */
function headingsOf(path: string): readonly string[] {
  const headings = readFileSync(path, "utf8").match(/^#+ .*$/gm) ?? [];
  return headings.map((line) =>
    line
      .replace(/^#+ /, "")
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .trim()
      .replace(/\s/g, "-"),
  );
}
