import { afterEach, beforeEach, describe } from "vitest";
import type { ChildModule } from "../testing/child.js";
import { appendingTests } from "./contract-append.js";
import { consumingTests } from "./contract-consume.js";
import { pruningTests } from "./contract-prune.js";
import { LIMITS, TOPIC } from "./contract-support.js";
import type { EventLog } from "./port.js";

/** A log of its own for one test. */
export interface EventLogSubject {
  /** Opens the same log once more, as another process would. */
  open(): Promise<EventLog>;
  /** Lets that much time pass for the log: what was appended before is that much older. */
  advance(ms: number): void;
  /** Opens the same log in a process of its own; exports `openForChild(config)`. */
  readonly child: ChildModule;
  /** Removes everything; all that was opened is closed by then. */
  dispose(): Promise<void>;
}

/** What the contract asks an adapter to set up. */
export interface EventLogLimits {
  readonly retentionMs: number;
  /** Ignored by a log without a cap of its own. */
  readonly maxBytes: number;
}

export interface EventLogFeatures {
  /** Whether `append` answers LOG_FULL at `maxBytes`. */
  readonly hasSizeCap: boolean;
}

/** What the tests of one area work with. */
export interface Fixture {
  /** A connection with the topic made; closed after the test. */
  open(): Promise<EventLog>;
  readonly subject: EventLogSubject;
}

/** The contract of the event log: every adapter passes it. */
export function describeEventLog(
  name: string,
  create: (limits: EventLogLimits) => Promise<EventLogSubject>,
  features: EventLogFeatures,
): void {
  describe(`event log: ${name}`, () => {
    let subject: EventLogSubject;
    let opened: EventLog[] = [];

    beforeEach(async () => {
      subject = await create(LIMITS);
    });
    afterEach(async () => {
      await Promise.all(opened.map((log) => log.close()));
      opened = [];
      await subject.dispose();
    });

    const fixture: Fixture = {
      get subject() {
        return subject;
      },
      open: async () => {
        const log = await subject.open();
        opened.push(log);
        await log.ensureTopics([TOPIC]);
        return log;
      },
    };
    appendingTests(fixture);
    consumingTests(fixture);
    pruningTests(fixture, features);
  });
}
