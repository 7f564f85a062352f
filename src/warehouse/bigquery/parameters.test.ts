import { describe, expect, it, test } from "vitest";
import { fieldsOf, queryParameters } from "./parameters.js";

const sent = (type: string, value: unknown) => queryParameters({ p: { type, value } })[0];

describe("a parameter", () => {
  test.each([
    ["INT64", 9_223_372_036_854_775_807n, { value: "9223372036854775807" }],
    ["INT64", null, { value: null }],
    ["FLOAT64", 0.1, { value: "0.1" }],
    ["BOOL", false, { value: "false" }],
    ["NUMERIC", "-1.5", { value: "-1.5" }],
    ["BYTES", Buffer.from([0, 255]), { value: "AP8=" }],
    ["TIMESTAMP", -1, { value: "1969-12-31T23:59:59.999999Z" }],
    ["JSON", { a: [1] }, { value: '{"a":[1]}' }],
  ])("of %s travels as text", (type, value, parameterValue) => {
    expect(sent(type, value)).toEqual({ name: "p", parameterType: { type }, parameterValue });
  });

  it("of structs in a list names its fields, and has them though the list is empty", () => {
    const type = "ARRAY<STRUCT<namespace STRING, seen ARRAY<TIMESTAMP>>>";
    const parameterType = {
      type: "ARRAY",
      arrayType: {
        type: "STRUCT",
        structTypes: [
          { name: "namespace", type: { type: "STRING" } },
          { name: "seen", type: { type: "ARRAY", arrayType: { type: "TIMESTAMP" } } },
        ],
      },
    };
    expect(sent(type, [])).toEqual({ name: "p", parameterType, parameterValue: { arrayValues: [] } });
    expect(sent(type, [{ namespace: "web", seen: [0] }, { namespace: null, seen: null }, null])).toEqual({
      name: "p",
      parameterType,
      parameterValue: {
        arrayValues: [
          {
            structValues: {
              namespace: { value: "web" },
              seen: { arrayValues: [{ value: "1970-01-01T00:00:00.000000Z" }] },
            },
          },
          { structValues: { namespace: { value: null }, seen: {} } },
          {},
        ],
      },
    });
    expect(sent(type, null)?.parameterValue).toEqual({});
  });

  test.each([
    ["INT64", "ada@example.com"],
    ["INT64", 2 ** 53],
    ["BOOL", "ada@example.com"],
    ["TIMESTAMP", "ada@example.com"],
    ["BYTES", "ada@example.com"],
    ["STRING", 7],
    ["ARRAY<STRING>", "ada@example.com"],
    ["STRUCT<a INT64>", { a: "ada@example.com" }],
    ["JSON", () => "ada@example.com"],
    ["INTERVAL", "ada@example.com"],
  ])("that is no %s is refused without repeating it", (type, value) => {
    expect(() => sent(type, value)).toThrow(/^Parameter @p is not a value of type/);
    expect(() => sent(type, value)).not.toThrow(/ada/);
  });

  it("with a field that has no name is refused: values travel by name", () => {
    expect(() => sent("STRUCT<INT64, STRING>", { a: 1 })).toThrow(/@p has a field without a name/);
  });
});

test("fields of a table are nullable, and lists repeated", () => {
  expect(
    fieldsOf([
      { name: "score", type: "FLOAT64" },
      { name: "who", type: "ARRAY<STRUCT<name STRING, ids ARRAY<INT64>>>" },
    ]),
  ).toEqual([
    { name: "score", type: "FLOAT64", mode: "NULLABLE" },
    {
      name: "who",
      type: "STRUCT",
      mode: "REPEATED",
      fields: [
        { name: "name", type: "STRING", mode: "NULLABLE" },
        { name: "ids", type: "INT64", mode: "REPEATED" },
      ],
    },
  ]);
});
