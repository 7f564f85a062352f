import type { SyncMetrics } from "../../syncs/engine/engine.js";
import type { Metrics } from "../platform/telemetry/metrics.js";
import type { ApiMetrics } from "../serving/metrics.js";
import type { Runner } from "../warehouse/run/run.js";

/** What rooms that know no metrics library tell, as Prometheus metrics. Labels are names of ours, never ids or values. */

/** `engineText` gives the engine's metrics, or nothing when it cannot be asked: both processes come out of one page. */
export function createApiMetrics(metrics: Metrics, engineText: () => Promise<string>): ApiMetrics {
  const seconds = metrics.histogram({
    name: "rollcall_api_request_seconds",
    help: "Time from the first byte of a request to the end of its answer.",
    labels: ["method", "route", "status"],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1],
  });
  return {
    answered: (request) =>
      seconds.observe(request.seconds, {
        method: request.method,
        route: request.route,
        status: String(request.status),
      }),
    expose: async () => {
      const [own, engine] = await Promise.all([metrics.render(), engineText()]);
      return { contentType: own.contentType, text: own.text + engine };
    },
  };
}

export function createSyncMetrics(metrics: Metrics): SyncMetrics {
  const rows = metrics.counter({
    name: "rollcall_sync_rows_total",
    help: "Rows by what became of them.",
    labels: ["target", "object", "outcome"],
  });
  return {
    synced: (target, report) => {
      const counts = {
        upserted: report.upserted,
        removed: report.removed,
        rejected: report.rejected,
        retry_later: report.retryLater,
        superseded: report.superseded,
      };
      for (const [outcome, count] of Object.entries(counts)) {
        if (count > 0) rows.addMany(count, { target, object: report.object, outcome });
      }
    },
  };
}

/** Notes after each cycle whether it had to leave identity out. */
export function createHoldMetric(metrics: Metrics, runner: Pick<Runner, "runCycle">): Pick<Runner, "runCycle"> {
  const held = metrics.gauge({
    name: "rollcall_identity_held",
    help: "1 while identity and what is made from it is held, because its rules changed and nobody accepted them.",
  });
  return {
    runCycle: async (options) => {
      const report = await runner.runCycle(options);
      held.set(report.hold === null ? 0 : 1);
      return report;
    },
  };
}

export function createCycleMetrics(metrics: Metrics): (outcome: { readonly ok: boolean; readonly ms: number }) => void {
  const seconds = metrics.histogram({
    name: "rollcall_cycle_seconds",
    help: "Time of a cycle and its sync.",
    labels: ["outcome"],
    buckets: [0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 120],
  });
  return ({ ok, ms }) => seconds.observe(ms / 1000, { outcome: ok ? "succeeded" : "failed" });
}
