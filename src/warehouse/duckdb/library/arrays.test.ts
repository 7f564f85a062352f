import { afterAll, beforeAll, describe, it } from "vitest";
import { type Case, openTestEngine, type TestEngine } from "./testing.js";
import { expectCase } from "./testing-cases.js";

let engine: TestEngine;
beforeAll(async () => {
  engine = await openTestEngine();
});
afterAll(() => engine.close());

const CASES: readonly Case[] = [
  ["offset", "ARRAY INT64", ["[10, 20]", 1], "20"],
  ["offset", "ARRAY INT64", ["[10, 20]", 2], /no element at this position/],
  ["ordinal", "ARRAY INT64", ["[10, 20]", 0], /no element at this position/],
  ["safe_offset", "ARRAY INT64", ["[10, 20]", -1], null],
  ["safe_offset", "ARRAY INT64", ["[10, 20]", 5], null],
  ["safe_ordinal", "ARRAY INT64", ["[10, 20]", 1], "10"],
  ["in_unnest", "INT64 ARRAY", [2, "[1, NULL]"], null],
  ["in_unnest", "INT64 ARRAY", [1, "[1, NULL]"], "true"],
  ["in_unnest", "INT64 ARRAY", [null, "[]::BIGINT[]"], "false"],
  ["in_unnest", "INT64 ARRAY", [1, "NULL::BIGINT[]"], "false"],
  ["array_to_string", "ARRAY STRING", ["['a', NULL, 'b']", ","], "a,b"],
  ["array_to_string", "ARRAY STRING STRING", ["['a', NULL]", ",", "-"], "a,-"],
  ["array_to_string", "ARRAY STRING", ["[]::VARCHAR[]", ","], ""],
  ["array_to_string", "ARRAY STRING", ["NULL::VARCHAR[]", ","], null],
  ["generate_array", "INT64 INT64", [1, 5], "[1, 2, 3, 4, 5]"],
  ["generate_array", "INT64 INT64 INT64", [5, 1, -2], "[5, 3, 1]"],
  ["generate_array", "INT64 INT64 INT64", [1, 5, -1], "[]"],
  ["generate_array", "INT64 INT64 INT64", [1, 5, 0], /cannot step by 0/],
  ["generate_array", "DOUBLE DOUBLE DOUBLE", [0, 1, 0.25], "[0.0, 0.25, 0.5, 0.75, 1.0]"],
  ["generate_array", "DOUBLE DOUBLE DOUBLE", [0, 0.3, 0.1], "[0.0, 0.1, 0.2]"],
  ["generate_array", "DOUBLE DOUBLE DOUBLE", [1, 0, -0.5], "[1.0, 0.5, 0.0]"],
  ["generate_array", "NUMERIC NUMERIC NUMERIC", ["0", "1", "0.5"], "[0.000000000, 0.500000000, 1.000000000]"],
  ["array_first", "ARRAY", ["[3, 4]"], "3"],
  ["array_last", "ARRAY", ["[3, 4]"], "4"],
  ["array_first", "ARRAY", ["[]::BIGINT[]"], /needs an element/],
  ["array_slice", "ARRAY INT64 INT64", ["[1, 2, 3, 4, 5]", 1, 3], "[2, 3, 4]"],
  ["array_slice", "ARRAY INT64 INT64", ["[1, 2, 3, 4, 5]", -3, -1], "[3, 4, 5]"],
  ["array_slice", "ARRAY INT64 INT64", ["[1, 2, 3]", -10, 1], "[1, 2]"],
  ["array_slice", "ARRAY INT64 INT64", ["[1, 2, 3]", 2, 1], "[]"],
  ["array_slice", "ARRAY INT64 INT64", ["[1, 2, 3]", 1, 10], "[2, 3]"],
  ["array_slice", "ARRAY INT64 INT64", ["[1, 2, 3]", 0, -5], "[]"],
  ["array_slice", "ARRAY INT64 INT64", ["[1, 2, 3]", 5, 10], "[]"],
  ["range_bucket", "INT64 ARRAY", [20, "[0, 10, 20, 30]"], "3"],
  ["range_bucket", "INT64 ARRAY", [null, "[1]"], null],
  ["distance", "ARRAY ARRAY STRING", ["[3.0::DOUBLE, 4.0]", "[0.0::DOUBLE, 0.0]", "EUCLIDEAN"], "5.0"],
  ["distance", "ARRAY ARRAY STRING", ["[1.0::DOUBLE, 0.0]", "[0.0::DOUBLE, 1.0]", "COSINE"], "1.0"],
  ["distance", "ARRAY ARRAY STRING", ["[1.0::DOUBLE]", "[0.0::DOUBLE]", "X"], /EUCLIDEAN and COSINE/],
];

describe("arrays", () => {
  it.each(CASES)("%s(%s) of %j", async (...given) => {
    await expectCase(engine, given);
  });
});
