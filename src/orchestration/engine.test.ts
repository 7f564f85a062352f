import { describe, expect, it } from "vitest";
import { createManualClock, type Micros } from "../platform/clock.js";
import { createEngine, type Engine } from "./engine.js";

/** An engine over a landing, cycles and syncs that only note what was asked of them. */
function createScene() {
  const done: string[] = [];
  const failures: Error[] = [];
  let closedUpTo: Micros = 0;
  const clock = createManualClock(0);
  const engine: Engine<string> = createEngine(
    { gatherMs: 200, pollMs: 50 },
    {
      landing: {
        start: async () => undefined,
        idle: async () => undefined,
        closedUpTo: () => closedUpTo,
        stop: async () => undefined,
      },
      runner: {
        runCycle: async ({ windowTo }) => {
          done.push(`cycle ${windowTo}`);
          return "report";
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
    await scene.engine.runOnce();
    expect(scene.done).toEqual(["cycle 7"]);
    await scene.pass(1000);
    expect(scene.done).toEqual(["cycle 7", "cycle 7", "sync 7"]);
    await scene.engine.stop();
  });
});
