import { describe, expect, it } from "vitest";
import { formatBytes, formatDuration, formatRows } from "./print.js";

const result = {
  columns: [
    { name: "module", type: "STRING" },
    { name: "registrations", type: "INT64" },
  ],
  rows: [
    { module: "AAA", registrations: 748 },
    { module: "BBB, evening", registrations: "9007199254740993" },
  ],
};

describe("formatRows", () => {
  it("aligns numbers right and text left", () => {
    expect(formatRows(result, "table").split("\n")).toEqual([
      "module           registrations",
      "────────────  ────────────────",
      "AAA                        748",
      "BBB, evening  9007199254740993",
    ]);
  });

  it("quotes what CSV needs quoted", () => {
    expect(formatRows(result, "csv")).toBe('module,registrations\nAAA,748\n"BBB, evening",9007199254740993');
  });

  it("neutralises texts a spreadsheet would run, and changes no number", () => {
    const columns = [
      { name: "name", type: "STRING" },
      { name: "value", type: "INT64" },
      { name: "amount", type: "NUMERIC" },
      { name: "ratio", type: "FLOAT64" },
      { name: "extra", type: "JSON" },
    ];
    const rows = [{ name: "=HYPERLINK(1)", value: -5, amount: "-1.5", ratio: "-Infinity", extra: "@SUM(1)" }];
    expect(formatRows({ columns, rows }, "csv")).toBe(
      "name,value,amount,ratio,extra\n'=HYPERLINK(1),-5,-1.5,-Infinity,'@SUM(1)",
    );
  });

  it("keeps the order of columns whose names are numbers", () => {
    const columns = ["b", "2", "1"].map((name) => ({ name, type: "STRING" }));
    const rows = [{ 1: "z", 2: "y", b: "x" }];
    expect(formatRows({ columns, rows }, "csv")).toBe("b,2,1\nx,y,z");
    expect(formatRows({ columns, rows }, "table").split("\n")[0]).toBe("b  2  1");
    expect([...formatRows({ columns, rows }, "json").matchAll(/"(\w)":/g)].map((match) => match[1])).toEqual([
      "b",
      "2",
      "1",
    ]);
  });

  it("writes JSON as JSON is written elsewhere", () => {
    const columns = [
      { name: 'a "quoted" name', type: "STRING" },
      { name: "nested", type: "STRUCT<list ARRAY<INT64>, text STRING>" },
    ];
    const rows = [
      { 'a "quoted" name': "two\nlines", nested: { list: [1, 2], text: "x" } },
      { 'a "quoted" name': null, nested: { list: [], text: "" } },
    ];
    expect(formatRows({ columns, rows }, "json")).toBe(JSON.stringify(rows, null, 2));
    expect(formatRows({ columns, rows: [] }, "json")).toBe("[]");
  });
});

describe("a table of data from outside", () => {
  it("shows what would steer the terminal by its code, and leaves scripts alone", () => {
    const rows = [{ a: "x\u001b[31mred\u202e" }, { a: "می‌روم 😀" }];
    expect(
      formatRows({ columns: [{ name: "a" }], rows }, "table")
        .split("\n")
        .slice(2),
    ).toEqual(["x\\u001b[31mred\\u202e", "می‌روم 😀"]);
  });
});

describe("a table", () => {
  const lines = (result: Parameters<typeof formatRows>[0]) =>
    formatRows(result, "table", (text) => `<${text}>`).split("\n");

  it("tells NULL from an empty text and from the word, among numbers as well", () => {
    const columns = [
      { name: "text", type: "STRING" },
      { name: "n", type: "INT64" },
      { name: "list", type: "ARRAY<STRING>" },
    ];
    const rows = [
      { text: null, n: null, list: [""] },
      { text: "", n: 12345, list: [] },
      { text: "NULL", n: 1, list: null },
    ];
    expect(lines({ columns, rows })).toEqual([
      "text      n  list",
      "────  ─────  ────",
      '<NULL>   <NULL>  [""]',
      "      12345  []",
      "NULL      1  <NULL>",
    ]);
  });

  it("keeps spaces, and shows ends of lines and tabs by their codes", () => {
    const rows = [
      { a: "  two  spaces  ", b: "x " },
      { a: "a\tb\r\nc\u2028d", b: "y" },
    ];
    expect(lines({ columns: [{ name: "a" }, { name: "b" }], rows })).toEqual([
      "a                 b",
      "────────────────  ──",
      "  two  spaces     x ",
      "a\\tb\\r\\nc\\u2028d  y",
    ]);
  });

  it("aligns by the cells that characters take, and cuts none through", () => {
    const rows = [
      { "név 名": "漢字", n: 1 },
      { "név 名": "👩‍👩‍👧 x", n: 22 },
      { "név 名": "名".repeat(31), n: 3 },
    ];
    expect(lines({ columns: [{ name: "név 名" }, { name: "n" }], rows })).toEqual([
      `név 名${" ".repeat(53)}   n`,
      `${"─".repeat(59)}  ──`,
      `漢字${" ".repeat(55)}   1`,
      `👩‍👩‍👧 x${" ".repeat(55)}  22`,
      `${"名".repeat(29)}…   3`,
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
