import { expect, test } from "vitest";
import { createMetrics } from "./metrics.js";

test("counters, gauges and histograms come out in the text format of Prometheus", async () => {
  const metrics = createMetrics();
  const rows = metrics.counter({ name: "rollcall_rows_total", help: "Rows landed.", labels: ["table", "outcome"] });
  rows.add({ table: "website_events", outcome: "ok" });
  rows.addMany(4, { outcome: "ok", table: "website_events" });
  rows.add({ table: "website_events", outcome: "dead_letter" });
  const errors = metrics.counter({ name: "rollcall_errors_total", help: "Errors." });
  errors.add();
  errors.addMany(2);
  metrics
    .gauge({ name: "rollcall_lag_records", help: "Records not landed.", labels: ["topic"] })
    .set(7, { topic: "website" });
  const seconds = metrics.histogram({ name: "rollcall_append_seconds", help: "Time to append.", buckets: [0.1, 1] });
  for (const value of [0.05, 0.5, 5]) seconds.observe(value);

  const { contentType, text } = await metrics.render();
  expect(contentType).toContain("text/plain");
  expect(text.split("\n").filter((line) => line !== "" && !line.startsWith("# HELP"))).toEqual([
    "# TYPE rollcall_rows_total counter",
    'rollcall_rows_total{table="website_events",outcome="ok"} 5',
    'rollcall_rows_total{table="website_events",outcome="dead_letter"} 1',
    "# TYPE rollcall_errors_total counter",
    "rollcall_errors_total 3",
    "# TYPE rollcall_lag_records gauge",
    'rollcall_lag_records{topic="website"} 7',
    "# TYPE rollcall_append_seconds histogram",
    'rollcall_append_seconds_bucket{le="0.1"} 1',
    'rollcall_append_seconds_bucket{le="1"} 2',
    'rollcall_append_seconds_bucket{le="+Inf"} 3',
    "rollcall_append_seconds_sum 5.55",
    "rollcall_append_seconds_count 3",
  ]);
});

test("registries are apart from each other, and a name is taken once", async () => {
  const metrics = createMetrics();
  metrics.gauge({ name: "rollcall_one", help: "One." });
  expect(() => metrics.gauge({ name: "rollcall_one", help: "One." })).toThrow("rollcall_one");
  expect((await createMetrics().render()).text.trim()).toBe("");
});

test("the process tells about itself when asked to", async () => {
  expect((await createMetrics({ withProcess: true }).render()).text).toContain("process_resident_memory_bytes");
});
