import { describe, expect, it } from "vitest";
import { createCsvFramer } from "./csv-rows.js";

function read(text: string): unknown[] {
  const framer = createCsvFramer();
  const lines = text.split("\n").map((line, n) => ({
    kind: "line" as const,
    number: n + 1,
    end: 0,
    bytes: Buffer.from(line),
  }));
  return [...lines.flatMap((line) => framer.push(line)), ...framer.end()].map(({ line, record, original }) =>
    record.ok ? [line, ...record.cells] : [line, record.reason, original.toString()],
  );
}

describe("createCsvFramer", () => {
  it.each([
    [
      "plain rows",
      "a,b\nc,",
      [
        [1, "a", "b"],
        [2, "c", ""],
      ],
    ],
    [
      "empty lines between",
      "a,b\n\nc,d\n",
      [
        [1, "a", "b"],
        [3, "c", "d"],
      ],
    ],
    ["quoted cells", '"a,1","b ""x"""', [[1, "a,1", 'b "x"']]],
    [
      "a line break in a cell",
      'a,"b\nc"\nd,e',
      [
        [1, "a", "b\nc"],
        [3, "d", "e"],
      ],
    ],
    ["an empty line in a cell", 'a,"b\n\nc"', [[1, "a", "b\n\nc"]]],
    [
      "a stray quote",
      'a,b"c\nd,e',
      [
        [1, "broken_row", 'a,b"c'],
        [2, "d", "e"],
      ],
    ],
    [
      "a quote that never closes",
      'a,"b\nc,d\ne,f',
      [
        [1, "broken_row", 'a,"b'],
        [2, "c", "d"],
        [3, "e", "f"],
      ],
    ],
    [
      "a quote closed by a later row's",
      'a,"b\nc,"d"\ne,f',
      [
        [1, "broken_row", 'a,"b'],
        [2, "c", "d"],
        [3, "e", "f"],
      ],
    ],
    [
      "text behind a closing quote",
      'a,"b"c\nd,e',
      [
        [1, "broken_row", 'a,"b"c'],
        [2, "d", "e"],
      ],
    ],
  ])("reads %s", (_, text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  it("refuses a row that is not UTF-8, and only it", () => {
    const framer = createCsvFramer();
    const line = (number: number, bytes: Buffer) => framer.push({ kind: "line", number, end: 0, bytes });
    expect(line(1, Buffer.from([0x61, 0xff]))[0]?.record).toMatchObject({ ok: false, reason: "invalid_utf8" });
    expect(line(2, Buffer.from("ä"))[0]?.record).toEqual({ ok: true, cells: ["ä"] });
  });

  it("gives up on an open quote after a hundred lines, and loses one row by it", () => {
    const rows = read(['a,"b', ...Array.from({ length: 500 }, (_, n) => `${n},x`)].join("\n"));
    expect(rows[0]).toEqual([1, "broken_row", 'a,"b']);
    expect(rows).toHaveLength(501);
  });
});
