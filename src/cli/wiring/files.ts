import { landFile } from "../../../loaders/files/land-file.js";
import type { SourceId } from "../../../loaders/record.js";
import { createEventSink } from "../../../loaders/sink.js";
import { sourceSpec } from "../../../loaders/sources/registry.js";
import { createMetrics } from "../../platform/telemetry/metrics.js";
import type { Config } from "../config.js";
import { clock, openAll, openIdentify, openLog, openObjects } from "./shared.js";

export interface Files {
  land(
    source: SourceId,
    path: string,
    onProgress: (accepted: number) => void,
  ): Promise<{ readonly events: number; readonly deadLetters: number }>;
  close(): Promise<void>;
}

/** What reads files into the event log. */
export function openFiles(config: Config): Promise<Files> {
  return openAll(async (closers) => {
    const identify = await openIdentify(config);
    const log = openLog(config, closers);
    const objects = openObjects(config);
    const sink = createEventSink({ log, objects, metrics: createMetrics() });
    return {
      land: (source, path, onProgress) =>
        landFile(
          { source, path },
          {
            sink,
            objects,
            clock,
            context: (id, receivedAt) => ({
              source: sourceSpec(id).feed,
              institution: config.institution,
              region: config.region,
              receivedAt,
              identify,
            }),
            onProgress: (progress) => onProgress(progress.accepted),
          },
        ),
      close: () => closers.close(),
    };
  });
}
