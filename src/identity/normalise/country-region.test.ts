import { describe, expect, it } from "vitest";
import { regionOfCountry } from "./country-region.js";

describe("regionOfCountry", () => {
  it.each([
    ["GB", "GB"],
    ["gb", "GB"],
    ["UK", "GB"],
    ["England", "GB"],
    ["United Kingdom", "GB"],
    ["Germany", "DE"],
    ["Deutschland", "DE"],
    ["Niemcy", "DE"],
    ["USA", "US"],
    ["U.S.A.", "US"],
    ["United States", "US"],
    ["Estados Unidos", "US"],
    ["Türkiye", "TR"],
    ["Turkey", "TR"],
    ["España", "ES"],
    ["Brasil", "BR"],
    ["中国", "CN"],
    ["भारत", "IN"],
    ["Hong Kong", "HK"],
    ["Hong Kong SAR China", "HK"],
    ["United Arab Emirates", "AE"],
  ])("%s is %s", (country, region) => {
    expect(regionOfCountry(country)).toBe(region);
  });

  it.each(["", "nowhere", "Europe", "ZZ", "EU", "12"])("%s is none", (country) => {
    expect(regionOfCountry(country)).toBeNull();
  });
});
