import { afterAll, beforeAll, describe, it } from "vitest";
import { type Case, openTestEngine, type TestEngine } from "./testing.js";
import { expectCase } from "./testing-cases.js";

let engine: TestEngine;
beforeAll(async () => {
  engine = await openTestEngine();
});
afterAll(() => engine.close());

const CASES: readonly Case[] = [
  [
    "format_ts",
    "STRING TIMESTAMP",
    [
      "%a|%A|%b|%B|%c|%d|%D|%e|%F|%G|%h|%H|%I|%j|%m|%M|%n|%p|%Q|%r|%R|%S|%t|%T|%u|%U|%V|%w|%W|%x|%X|%y|%Y|%%",
      "2024-03-09 15:04:05.123456+00",
    ],
    "Sat|Saturday|Mar|March|Sat Mar  9 15:04:05 2024|09|03/09/24| 9|2024-03-09|2024|Mar|15|03|069|03|04|\n|PM|1|03:04:05 PM|15:04|05|\t|15:04:05|6|09|10|6|10|03/09/24|15:04:05|24|2024|%",
  ],
  [
    "format_ts",
    "STRING TIMESTAMP",
    ["%C|%g|%k|%l|%P|%s|%i|%Ey|%Od|%v", "2024-03-09 15:04:05+00"],
    "20|24|15| 3|pm|1709996645|%i|24|09|%v",
  ],
  [
    "format_ts",
    "STRING TIMESTAMP",
    ["%E*S|%E3S|%E0S|%E1S|%E6S|%E9S|%E4Y|%E2f|x%", "2024-03-09 15:04:05.123456+00"],
    "05.123456|05.123|05|05.1|05.123456|05.123456000|2024|12|x%",
  ],
  ["format_ts", "STRING TIMESTAMP", ["%E*S", "2024-03-09 15:04:05+00"], "05"],
  ["format_ts", "STRING TIMESTAMP", ["%E3S %E6S", "1969-12-31 23:59:59.5+00"], "59.500 59.500000"],
  ["format_ts", "STRING TIMESTAMP", ["%Z %z %Ez", "2024-07-02 03:04:05+00"], "UTC +0000 +00:00"],
  [
    "format_ts",
    "STRING TIMESTAMP STRING",
    ["%Z %z %Ez %H", "2024-01-02 03:04:05+00", "America/New_York"],
    "UTC-5 -0500 -05:00 22",
  ],
  ["format_ts", "STRING TIMESTAMP STRING", ["%Z", "2024-01-02 03:04:05+00", "-05:30"], "UTC-0530"],
  ["format_ts", "STRING TIMESTAMP STRING", ["%Z", "2024-01-02 03:04:05+00", "Nowhere/At_All"], /no such time zone/],
  ["format_ts", "STRING DATETIME", ["%Z|%z|%s|%F", "2024-01-02 03:04:05"], "%Z|%z|1704164645|2024-01-02"],
  ["format_ts", "STRING DATE", ["%c %H %F %Q", "2024-03-09"], "%c %H 2024-03-09 1"],
  ["format_ts", "STRING TIME", ["%T %F %p", "15:04:05"], "15:04:05 %F PM"],
  ["format_ts", "STRING TIMESTAMP", ["%Y %G %y %E4Y", "0033-03-09 15:04:05+00"], "33 33 33 0033"],
  ["parse_date", "STRING STRING", ["%Y-%m-%d", "2024-1-2"], "2024-01-02"],
  ["parse_date", "STRING STRING", ["%Y-%m-%d", " 2024-01-02 "], "2024-01-02"],
  ["parse_date", "STRING STRING", ["%Y-%m-%d", "24-01-02"], "0024-01-02"],
  ["parse_date", "STRING STRING", ["%Y-%m-%d", "2024-02-30"], /does not match/],
  ["parse_date", "STRING STRING", ["%Y-%m-%d", "2024-01-02 03"], /does not match/],
  ["parse_date", "STRING STRING", ["%Y-%m-%d", "2024 -01-02"], /does not match/],
  ["parse_date", "STRING STRING", ["%Y-%m-%d", "+2024-01-02"], /does not match/],
  ["parse_date", "STRING STRING", ["%Y-%m-%d", "2024-001-02"], /does not match/],
  ["parse_date", "STRING STRING", ["%Y-%m-%d", "12024-01-02"], /does not match/],
  ["parse_date", "STRING STRING", ["%Y%m%d", "20240102"], "2024-01-02"],
  ["parse_date", "STRING STRING", ["%m/%d/%Y", "1/2/2024"], "2024-01-02"],
  ["parse_date", "STRING STRING", ["%m/%d/%y", "1/2/69"], "1969-01-02"],
  ["parse_date", "STRING STRING", ["%B %d, %Y", "JANUARY 2, 2024"], "2024-01-02"],
  ["parse_date", "STRING STRING", ["%A %d %b %Y", "Tuesday 02 Jan 2024"], "2024-01-02"],
  ["parse_date", "STRING STRING", ["%Y", "2024"], "2024-01-01"],
  ["parse_date", "STRING STRING", ["%Y%j", "2024060"], "2024-02-29"],
  ["parse_date", "STRING STRING", ["%Y-%U", "2024-05"], "2024-02-04"],
  ["parse_date", "STRING STRING", ["%Y-%W", "2024-05"], "2024-01-29"],
  ["parse_date", "STRING STRING", ["%C%y", "2024"], "2024-01-01"],
  ["parse_date", "STRING STRING", ["%Q %Y", "2 2024"], "2024-04-01"],
  ["parse_date", "STRING STRING", ["%G-W%V-%u", "2024-W01-2"], /cannot be parsed/],
  ["parse_ts", "STRING STRING", ["%Y-%m-%d %H:%M:%S", "2024-01-02  3:04:05"], "2024-01-02 03:04:05+00"],
  ["parse_ts", "STRING STRING", ["%Y-%m-%d %H:%M:%S", "2024-01-0203:04:05"], "2024-01-02 03:04:05+00"],
  ["parse_ts", "STRING STRING", ["%Y-%m-%d %H:%M:%S", "2024-01-02 24:00:00"], /does not match/],
  ["parse_ts", "STRING STRING", ["%Y-%m-%d %H:%M:%S", "2024-01-02 03:04:60"], "2024-01-02 03:05:00+00"],
  ["parse_ts", "STRING STRING", ["%Y-%m-%dT%H:%M:%SZ", "2024-01-02T03:04:05Z"], "2024-01-02 03:04:05+00"],
  [
    "parse_ts",
    "STRING STRING",
    ["%Y-%m-%dT%H:%M:%E*SZ", "2024-01-02T03:04:05.1234567Z"],
    "2024-01-02 03:04:05.123456+00",
  ],
  [
    "parse_ts",
    "STRING STRING",
    ["%E4Y-%m-%dT%H:%M:%E6S%Ez", "2024-01-02T03:04:05.123456-05:30"],
    "2024-01-02 08:34:05.123456+00",
  ],
  ["parse_ts", "STRING STRING", ["%E3S", "5.1234"], /does not match/],
  ["parse_ts", "STRING STRING", ["%S", "5.1"], /does not match/],
  ["parse_ts", "STRING STRING", ["%Y-%m-%d %H:%M:%S%z", "2024-01-02 03:04:05+0200"], "2024-01-02 01:04:05+00"],
  ["parse_ts", "STRING STRING", ["%Y-%m-%d %H:%M:%S%z", "2024-01-02 03:04:05+02:00"], /does not match/],
  ["parse_ts", "STRING STRING", ["%Y-%m-%d %Z", "2024-01-02 America/New_York"], "2024-01-02 05:00:00+00"],
  ["parse_ts", "STRING STRING", ["%Y-%m-%d %H:%M:%S %Z", "2024-01-02 03:04:05 UTC+3"], "2024-01-02 00:04:05+00"],
  ["parse_ts", "STRING STRING", ["%s", "1700000000"], "2023-11-14 22:13:20+00"],
  ["parse_ts", "STRING STRING", ["%c", "Thu Dec 25 07:30:00 2008"], "2008-12-25 07:30:00+00"],
  ["parse_ts", "STRING STRING", ["%I:%M %p", "12:30 AM"], "1970-01-01 00:30:00+00"],
  [
    "parse_ts",
    "STRING STRING STRING",
    ["%Y-%m-%d %H:%M", "2024-03-10 02:30", "America/New_York"],
    "2024-03-10 07:30:00+00",
  ],
  [
    "parse_ts",
    "STRING STRING STRING",
    ["%Y-%m-%d %H:%M", "2024-11-03 01:30", "America/New_York"],
    "2024-11-03 05:30:00+00",
  ],
  ["parse_dt", "STRING STRING", ["%Y-%m-%d %H:%M:%E3S", "2024-01-02 03:04:05.12"], "2024-01-02 03:04:05.12"],
  ["parse_time", "STRING STRING", ["%I:%M %p", "03:04 pm"], "15:04:00"],
  [
    "cast_format",
    "DATE STRING",
    ["2024-03-09", 'YYYY YYY YY Y RRRR RR Mon MONTH Day DY D DDD DD "at" MM/DD'],
    "2024 024 24 4 2024 24 Mar MARCH Saturday SAT 7 069 09 at 03/09",
  ],
  [
    "cast_format",
    "TIMESTAMP STRING",
    ["2024-03-09 15:04:05.123456+00", 'YYYY-MM-DD"T"HH24:MI:SS.FF3TZH:TZM'],
    "2024-03-09T15:04:05.123+00:00",
  ],
  [
    "cast_format",
    "TIMESTAMP STRING STRING",
    ["2024-03-09 15:04:05.123456+00", "HH:MI:SS AM HH12 P.M. SSSSS FF6", "America/New_York"],
    "10:04:05 AM 10 A.M. 36245 123456",
  ],
  ["cast_format", "DATETIME STRING", ["2024-03-09 05:04:05", "FF1 hh24 am Pm"], "0 05 am AM"],
  ["cast_format", "DATETIME STRING", ["2024-03-09 05:04:05", "YYYY xx"], /not known/],
  ["parse_format", "STRING STRING", ["2024-03-09", "YYYY-MM-DD"], "2024-03-09 00:00:00"],
  ["parse_format", "STRING STRING", ["March 9, 2024", "MONTH DD, YYYY"], "2024-03-09 00:00:00"],
  [
    "parse_format",
    "STRING STRING",
    ["2024-03-09T15:04:05.123+02:00", 'YYYY-MM-DD"T"HH24:MI:SS.FF3TZH:TZM'],
    "2024-03-09 13:04:05.123",
  ],
  [
    "parse_format",
    "STRING STRING STRING",
    ["2024-03-09 15", "YYYY-MM-DD HH24", "America/New_York"],
    "2024-03-09 20:00:00",
  ],
  ["parse_format", "STRING STRING", ["12:30 A.M.", "HH:MI A.M."], "1970-01-01 00:30:00"],
  ["parse_format", "STRING STRING", ["3600", "SSSSS"], "1970-01-01 01:00:00"],
  ["parse_format", "STRING STRING", ["2024-13-09", "YYYY-MM-DD"], /does not match/],
];

describe("formats", () => {
  it.each(CASES)("%s(%s) of %j", async (...given) => {
    await expectCase(engine, given);
  });
});
