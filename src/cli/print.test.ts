import { describe, expect, it } from "vitest";
import { formatBytes, formatDuration, formatRows } from "./print.js";

const result = {
  columns: [{ name: "module" }, { name: "registrations" }],
  rows: [
    { module: "AAA", registrations: 748 },
    { module: "BBB, evening", registrations: 7909n },
  ],
};

describe("formatRows", () => {
  it("aligns numbers right and text left", () => {
    expect(formatRows(result, "table").split("\n")).toEqual([
      "module        registrations",
      "────────────  ─────────────",
      "AAA                     748",
      "BBB, evening           7909",
    ]);
  });

  it("quotes what CSV needs quoted", () => {
    expect(formatRows(result, "csv")).toBe('module,registrations\nAAA,748\n"BBB, evening",7909');
  });

  it("neutralises cells a spreadsheet would run", () => {
    const rows = [{ name: "=HYPERLINK(1)", value: -5 }];
    expect(formatRows({ columns: [{ name: "name" }, { name: "value" }], rows }, "csv")).toBe(
      "name,value\n'=HYPERLINK(1),-5",
    );
  });

  it("keeps integers beyond 2^53 as text in JSON", () => {
    expect(JSON.parse(formatRows({ columns: [{ name: "n" }], rows: [{ n: 9007199254740993n }] }, "json"))).toEqual([
      { n: "9007199254740993" },
    ]);
  });
});

describe("formatDuration", () => {
  it("counts short times in milliseconds and long ones in seconds", () => {
    expect([formatDuration(999), formatDuration(1500)]).toEqual(["999 ms", "1.5 s"]);
  });
});

describe("formatBytes", () => {
  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1.0 KB"],
    [1_234_567, "1.2 MB"],
    [5e15, "5.0 PB"],
    [5e18, "5000.0 PB"],
  ])("writes %d as %s", (bytes, text) => expect(formatBytes(bytes)).toBe(text));
});
