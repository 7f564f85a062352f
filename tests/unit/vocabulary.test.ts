import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";

/** What gate 1 lets in and what `includes/event_names.json` gives a meaning are one list. */

const ROOT = path.resolve(import.meta.dirname, "../..");

const CATEGORIES: Readonly<Record<string, string>> = {
  programme_viewed: "browsing",
  search_performed: "browsing",
  app_opened: "browsing",
  push_opened: "browsing",
  consent_updated: "identity",
  pricing_viewed: "intent",
  brochure_downloaded: "intent",
  form_submitted: "intent",
  webinar_registered: "intent",
  application_started: "intent",
  application_submitted: "intent",
  lesson_started: "learning",
  lesson_completed: "learning",
  video_watched: "learning",
  forum_posted: "learning",
  assessment_submitted: "assessment",
  certificate_earned: "assessment",
};

interface Vocabulary {
  readonly unknown: string;
  readonly events: Readonly<Record<string, { readonly category: string }>>;
}

function contracted(source: "website" | "mobile"): string[] {
  return readdirSync(path.join(ROOT, "loaders/sources", source, "contracts"));
}

const vocabulary = JSON.parse(readFileSync(path.join(ROOT, "includes/event_names.json"), "utf8")) as Vocabulary;
const contracts = [...new Set([...contracted("website"), ...contracted("mobile")])].sort();

describe("the vocabulary of events", () => {
  it("names what has a contract, and nothing else", () => {
    expect(Object.keys(vocabulary.events).sort()).toEqual(contracts);
  });

  it.each(contracts)("puts %s where it belongs", (event) => {
    expect(vocabulary.events[event]?.category).toBe(CATEGORIES[event]);
  });

  it("takes nothing unknown for a sign of learning", () => {
    expect(vocabulary.unknown).toBe("browsing");
  });
});
