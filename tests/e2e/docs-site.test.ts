import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findChromium, launchChromium } from "../support/browser.js";
import { removeHome, rollcall, temporaryHome } from "../support/product.js";

const chromium = findChromium();
const home = temporaryHome();
const site = join(home, "site");

beforeAll(async () => {
  const result = await rollcall(["docs", "--home", home, "--out", site]);
  expect(result.stderr).toBe("");
  expect(result.code).toBe(0);
});
afterAll(() => removeHome(home));

test("the same project gives the same bytes", async () => {
  const first = readFileSync(join(site, "data.js"), "utf8");
  await rollcall(["docs", "--home", home, "--out", site]);
  expect(readFileSync(join(site, "data.js"), "utf8")).toBe(first);
});

test("every model has a description, and every column a type, a description and where it is from", () => {
  const text = readFileSync(join(site, "data.js"), "utf8");
  const { models } = JSON.parse(text.slice(text.indexOf("{"), text.lastIndexOf("}") + 1)) as SiteData;
  expect(models.length).toBeGreaterThan(40);
  expect(models.filter(({ description }) => description === "").map(({ id }) => id)).toEqual([]);
  const columns = models.flatMap((model) =>
    model.columns.map((column) => ({ ...column, id: `${model.id}.${column.name}` })),
  );
  expect(columns.filter(({ description, type }) => description === "" || type === "").map(({ id }) => id)).toEqual([]);
  const email = columns.find(({ id }) => id === "gold.profiles.email");
  expect(email?.isPersonal).toBe(true);
  expect(email?.origins.map((origin) => origin.text)).toContain("bronze.website_events.identifiers[].value");
});

test.runIf(existsSync("/proc/self"))("a folder that cannot be made is told, and nobody waits for ever", () => {
  const entry = join(import.meta.dirname, "../../src/cli/rollcall.mjs");
  const args = [entry, "docs", "--home", home, "--out", "/proc/rollcall/site"];
  const told = spawnSync(process.execPath, args, {
    encoding: "utf8",
    timeout: 60_000,
    env: { ...process.env, NO_COLOR: "1" },
  });
  expect(told.stderr).toMatch(/^CONFIG_INVALID The site cannot be written to \/proc\/rollcall\/site: ENOENT: /);
  expect(told.status).toBe(2);
});

if (chromium === null) {
  process.stderr.write("No Chromium on this machine (CHROMIUM_PATH): the docs site was not opened in a browser.\n");
}

describe.skipIf(chromium === null)("in a browser, from files", () => {
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    browser = await launchChromium(chromium ?? "");
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(String(error)));
  });
  afterAll(() => browser.close());
  const open = (hash: string) => page.goto(`${pathToFileURL(join(site, "index.html")).href}${hash}`);

  test("every page opens without a complaint", async () => {
    await open("");
    const ids = await page.locator(".tree a").evaluateAll((links) => links.map((link) => link.getAttribute("data-id")));
    expect(ids.length).toBeGreaterThan(40);
    for (const id of ids) {
      await open(`#/model/${id}`);
      expect(await page.locator("h1").textContent()).toBe(id);
    }
    await open("#/graph");
    expect(await page.locator("svg .node").count()).toBe(ids.length);
    await open("#/model/nowhere.nothing");
    expect(await page.locator("h1").textContent()).toBe("Not here");
    expect(complaints).toEqual([]);
  });

  test("search by keyboard leads to a column, opened with where it comes from", async () => {
    await open("");
    await page.keyboard.press("/");
    await page.keyboard.type("gold.profiles.email");
    await page.keyboard.press("Enter");
    await page.waitForURL(/#\/model\/gold\.profiles\/email$/);
    const detail = page.locator("#column-email + tr.detail");
    expect(await detail.isVisible()).toBe(true);
    expect(await detail.textContent()).toContain("silver.trait_observations.value");
    await page.keyboard.press("g");
    await page.waitForURL(/#\/graph\/gold\.profiles$/);
    expect(await page.locator(".node.current").getAttribute("aria-label")).toContain("gold.profiles");
    await page.keyboard.press("?");
    expect(await page.locator("#keys").isVisible()).toBe(true);
    await page.keyboard.press("Escape");
    expect(await page.locator("#keys").isVisible()).toBe(false);
    expect(complaints).toEqual([]);
  });

  test("pointing at a model lights its way and nothing else", async () => {
    await open("#/graph");
    await page.locator('.node[aria-label^="silver.crm_leads,"]').hover();
    const lit = await page
      .locator(".node.lit")
      .evaluateAll((nodes) => nodes.map((node) => node.getAttribute("aria-label")));
    expect(lit.some((label) => label?.startsWith("gold.profiles,"))).toBe(true);
    expect(lit.some((label) => label?.startsWith("silver.web_events,"))).toBe(false);
  });
});
