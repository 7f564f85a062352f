import { expect, test } from "vitest";
import { RollcallError } from "../errors.js";
import { createLogger, errorFields, type LogFields, type LogLevel } from "./log.js";

function createRecordedLogger(level?: LogLevel) {
  const lines: unknown[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const clock = { now: () => Date.UTC(2026, 0, 31, 9, 30) };
  return { logger: createLogger(level ? { level } : {}, { clock, destination }), lines };
}

test("a line is one JSON object with level, time, fields and message", () => {
  const { logger, lines } = createRecordedLogger();
  logger.info({ rows: 3, table: "bronze.website_events", is_new: true, batch: null, absent: undefined }, "landed");
  expect(lines).toEqual([
    {
      level: "info",
      time: "2026-01-31T09:30:00.000Z",
      rows: 3,
      table: "bronze.website_events",
      is_new: true,
      batch: null,
      message: "landed",
    },
  ]);
});

test("lines below the level are not written", () => {
  const { logger, lines } = createRecordedLogger("warn");
  logger.debug({}, "debug");
  logger.info({}, "info");
  logger.warn({}, "warn");
  logger.error({}, "error");
  expect(lines).toMatchObject([{ message: "warn" }, { message: "error" }]);
});

test("a child carries its fields into every line", () => {
  const { logger, lines } = createRecordedLogger();
  logger.child({ process: "engine" }).child({ run: 5 }).error({ rows: 1 }, "failed");
  expect(lines).toMatchObject([{ process: "engine", run: 5, rows: 1, message: "failed" }]);
});

test("what is not flat is not written, even where the compiler was not asked", () => {
  const { logger, lines } = createRecordedLogger();
  const smuggled = {
    profile: { email: "amina@example.org" },
    emails: ["amina@example.org"],
    error: new Error("amina@example.org"),
  };
  logger.info(smuggled as unknown as LogFields, "done");
  logger.child(smuggled as unknown as LogFields).info({}, "done");
  expect(lines).toMatchObject(Array(2).fill({ profile: "[object]", emails: "[list]", error: "[object]" }));
  expect(JSON.stringify(lines)).not.toContain("amina");
});

test("of our errors the message is told, of foreign ones only the class and the place", () => {
  const ours = new RollcallError("LOG_FULL", "The event log is full", { isRetriable: true });
  expect(errorFields(ours)).toEqual({ error_code: "LOG_FULL", error: "The event log is full", is_retriable: true });

  const foreign = errorFields(new TypeError("amina@example.org\nis not a number"));
  expect(foreign).toMatchObject({ error: "TypeError", stack: expect.stringContaining("log.test.ts") });
  expect(JSON.stringify([foreign, errorFields("amina@example.org")])).not.toContain("amina");
});
