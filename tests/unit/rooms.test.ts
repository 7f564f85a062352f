import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";

/** The rooms of docs/architecture.md and whom each may import. A room may always import itself. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  "src/platform": [],
  "src/warehouse": ["src/platform"],
  "src/identity/normalise": [],
  "src/identity/evaluate": ["src/platform"],
  "src/identity/explain": ["src/platform", "src/warehouse", "src/identity/normalise"],
  "src/identity/preview": ["src/platform", "src/warehouse"],
  "src/identity/synthetic": ["src/platform"],
  "src/identity/train": ["src/platform", "src/warehouse"],
  "src/privacy": ["src/platform", "src/warehouse", "src/identity/normalise"],
  "src/serving": ["src/platform", "src/privacy"],
  "src/docs-site": ["src/platform", "src/warehouse"],
  "src/orchestration": ["src/platform", "src/warehouse", "loaders", "syncs"],
  "src/cli": [
    "src/platform",
    "src/warehouse",
    "src/identity/normalise",
    "src/identity/evaluate",
    "src/identity/explain",
    "src/identity/preview",
    "src/identity/synthetic",
    "src/identity/train",
    "src/privacy",
    "src/serving",
    "src/orchestration",
    "src/docs-site",
    "loaders",
    "syncs",
  ],
  loaders: ["src/platform", "src/warehouse", "src/identity/normalise", "src/privacy"],
  syncs: ["src/platform", "src/warehouse", "src/privacy"],
};

/** Vendor packages behind a port: who else imports one is not an adapter. */
const ADAPTERS: Readonly<Record<string, RegExp>> = {
  "@duckdb/node-api": /^src\/warehouse\/duckdb\//,
  "@fivetrandevelopers/zetasql": /^src\/warehouse\/googlesql\//,
  "@grpc/grpc-js": /^src\/warehouse\/googlesql\//,
  "@google-cloud/bigquery": /^src\/warehouse\/bigquery\//,
  "@dataform/core": /^src\/warehouse\/project\//,
  "@photostructure/sqlite": /^src\/platform\/sqlite\//,
  pino: /^src\/platform\/telemetry\//,
  "prom-client": /^src\/platform\/telemetry\//,
  "node-cron": /^src\/orchestration\//,
  commander: /^src\/cli\//,
  "libphonenumber-js": /^src\/identity\/normalise\//,
  "any-ascii": /^src\/identity\/normalise\/latin\.ts$/,
};

const root = resolve(import.meta.dirname, "../..");

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return sources(path);
    return path.endsWith(".ts") && !path.endsWith(".test.ts") ? [path] : [];
  });
}

function roomOf(path: string): string {
  const room = Object.keys(ROOMS)
    .filter((name) => path.startsWith(`${name}/`))
    .sort((a, b) => b.length - a.length)[0];
  if (room === undefined) throw new Error(`${path} lies in no room of docs/architecture.md`);
  return room;
}

const IMPORT = /(?:from|import)\s*\(?\s*"([^"]+)"/g;
const files = ["src", "loaders", "syncs"].flatMap(sources);
const imports = files.flatMap((file) =>
  [...readFileSync(join(root, file), "utf8").matchAll(IMPORT)].map((match) => ({ file, target: match[1] as string })),
);

describe("rooms", () => {
  it("import only the rooms they may", () => {
    const broken = imports
      .filter(({ target }) => target.startsWith("."))
      .map(({ file, target }) => ({ file, to: relative(root, resolve(root, dirname(file), target)) }))
      .filter(({ to }) => /^(src|loaders|syncs)\//.test(to))
      .filter(({ file, to }) => roomOf(file) !== roomOf(to) && !ROOMS[roomOf(file)]?.includes(roomOf(to)))
      .map(({ file, to }) => `${file} imports ${to}`);
    expect(broken).toEqual([]);
  });

  it("keep vendor packages inside their adapters", () => {
    const broken = imports.flatMap(({ file, target }) => {
      const vendor = Object.keys(ADAPTERS).find((name) => target === name || target.startsWith(`${name}/`));
      return vendor !== undefined && !ADAPTERS[vendor]?.test(file) ? [`${file} imports ${vendor}`] : [];
    });
    expect(broken).toEqual([]);
  });

  it("were found at all", () => {
    expect(files.length).toBeGreaterThan(20);
  });
});
