import { describe, expect, it } from "vitest";
import { createManualClock, type Micros } from "../platform/clock.js";
import type { RollcallError } from "../platform/errors.js";
import { createEngine, type Engine } from "./engine.js";

/** An engine over a landing, cycles and syncs that only note what was asked of them. */
function createScene() {
  const done: string[] = [];
  const failures: Error[] = [];
  const startFailures: Error[] = [];
  const unsettled: boolean[] = [];
  let closedUpTo: Micros = 0;
  let idle: Promise<void> = Promise.resolve();
  let lag = 0;
  const clock = createManualClock(0);
  const engine: Engine = createEngine(
    { gatherMs: 200, pollMs: 50, settleMs: 60_000 },
    {
      landing: {
        start: async () => {
          const failure = startFailures.shift();
          if (failure) throw failure;
        },
        idle: () => idle,
        lag: async () => lag,
        closedUpTo: () => closedUpTo,
        stop: async () => undefined,
      },
      runner: {
        runCycle: async ({ windowTo }) => {
          done.push(`cycle ${windowTo}`);
          return { windowTo, isUnsettled: unsettled.shift() ?? false };
        },
      },
      sync: {
        run: async ({ marker }) => {
          const failure = failures.shift();
          if (failure) throw failure;
          done.push(`sync ${marker}`);
        },
      },
      clock,
      logger: { error: () => undefined } as never,
    },
  );
  return {
    engine,
    done,
    failures,
    startFailures,
    unsettled,
    /** Landing never gets done; so many records wait. */
    pauseLanding: (waiting: number): void => {
      idle = new Promise(() => undefined);
      lag = waiting;
    },
    land: (upTo: Micros): void => {
      closedUpTo = upTo;
    },
    /** Lets that much time pass, poll by poll. */
    pass: async (ms: number): Promise<void> => {
      for (let passed = 0; passed < ms; passed += 50) {
        clock.advance(50);
        for (let turn = 0; turn < 20; turn++) await Promise.resolve();
      }
    },
  };
}

describe("the engine", () => {
  it("starts landing again when it could not start", async () => {
    const scene = createScene();
    scene.startFailures.push(new Error("the warehouse is busy"));
    await expect(scene.engine.land()).rejects.toThrow("the warehouse is busy");
    await scene.engine.land();
    await scene.engine.stop();
  });

  it("cycles and syncs what landed, once", async () => {
    const scene = createScene();
    await scene.engine.start();
    scene.land(7);
    await scene.pass(1000);
    expect(scene.done).toEqual(["cycle 7", "sync 7"]);
    await scene.engine.stop();
  });

  it("tries a failed sync again although nothing new lands", async () => {
    const scene = createScene();
    scene.failures.push(new Error("the warehouse is busy"));
    await scene.engine.start();
    scene.land(7);
    await scene.pass(3000);
    expect(scene.done).toEqual(["cycle 7", "cycle 7", "sync 7"]);
    await scene.engine.stop();
  });

  it("delivers what a run on demand has published", async () => {
    const scene = createScene();
    await scene.engine.start();
    scene.land(7);
    await scene.engine.fresh(async (windowTo) => scene.done.push(`on demand ${windowTo}`));
    expect(scene.done).toEqual(["on demand 7"]);
    await scene.pass(1000);
    expect(scene.done).toEqual(["on demand 7", "cycle 7", "sync 7"]);
    await scene.engine.stop();
  });

  it("cycles again, later and although nothing lands, until everything is settled", async () => {
    const scene = createScene();
    scene.unsettled.push(true, true);
    await scene.engine.start();
    scene.land(7);
    await scene.pass(59_000);
    expect(scene.done).toEqual(["cycle 7", "sync 7"]);
    await scene.pass(200_000);
    expect(scene.done).toHaveLength(6);
    await scene.engine.stop();
  });

  it("syncs at once when told to deliver again, although nothing new lands", async () => {
    const scene = createScene();
    await scene.engine.start();
    scene.land(7);
    await scene.pass(1000);
    scene.engine.redeliver();
    await scene.pass(1000);
    expect(scene.done).toEqual(["cycle 7", "sync 7", "cycle 7", "sync 7"]);
    await scene.engine.stop();
  });

  it("waits for landing as long as it moves, and a minute without", async () => {
    const scene = createScene();
    scene.pauseLanding(100);
    let outcome = "";
    scene.engine.land().catch((error: RollcallError) => {
      outcome = `${error.code} ${error.message}`;
    });
    await scene.pass(59_000);
    scene.pauseLanding(90);
    await scene.pass(59_000);
    scene.land(3);
    await scene.pass(59_000);
    expect(outcome).toBe("");
    await scene.pass(3000);
    expect(outcome).toMatch(/^ENGINE_UNAVAILABLE 90 records of the event log wait to land, and for 60 s none did/);
    await scene.engine.stop();
  });
});
