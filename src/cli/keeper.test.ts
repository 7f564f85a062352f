import { EventEmitter } from "node:events";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { keepEngine } from "./keeper.js";

class FakeEngine extends EventEmitter {
  readonly signals: string[] = [];
  kill(signal: NodeJS.Signals): boolean {
    this.signals.push(signal);
    return true;
  }
}

function createScene() {
  const engines: FakeEngine[] = [];
  const firsts: boolean[] = [];
  const said: string[] = [];
  const keeper = keepEngine(
    { firstPauseMs: 1000, longestPauseMs: 30_000, stopMs: 30_000 },
    {
      launch: (isFirst) => {
        firsts.push(isFirst);
        const engine = new FakeEngine();
        engines.push(engine);
        return engine as never;
      },
      now: () => Date.now(),
      say: (message) => said.push(message),
    },
  );
  const last = (): FakeEngine => engines.at(-1) as FakeEngine;
  return { keeper, engines, firsts, said, last };
}

describe("the engine's keeper", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("starts an engine that ended again, with pauses that grow to half a minute", () => {
    const { engines, firsts, last } = createScene();
    for (const pauseMs of [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]) {
      const count = engines.length;
      last().emit("exit", 1, null);
      vi.advanceTimersByTime(pauseMs - 1);
      expect(engines).toHaveLength(count);
      vi.advanceTimersByTime(1);
      expect(engines).toHaveLength(count + 1);
    }
    expect(firsts).toEqual([true, ...Array.from({ length: 7 }, () => false)]);
  });

  it("starts one that had lived long at once", () => {
    const { engines, said, last } = createScene();
    for (let n = 0; n < 5; n++) {
      last().emit("exit", 1, null);
      vi.advanceTimersByTime(30_000);
    }
    vi.advanceTimersByTime(60_000);
    last().emit("exit", null, "SIGKILL");
    vi.advanceTimersByTime(1000);
    expect(engines).toHaveLength(7);
    expect(said.at(-1)).toBe("The engine ended (SIGKILL); starting it again. Next start in 1 s.");
  });

  it("tries again when an engine could not be started", () => {
    const { engines, said, last } = createScene();
    last().emit("error", new Error("spawn EAGAIN"));
    last().emit("exit", -11, null);
    expect(said).toEqual(["The engine ended (spawn EAGAIN); starting it again. Next start in 1 s."]);
    vi.advanceTimersByTime(1000);
    expect(engines).toHaveLength(2);
  });

  it("asks an engine to stop, and kills it when it does not", async () => {
    const { keeper, engines, last } = createScene();
    const stopped = keeper.stop();
    vi.advanceTimersByTime(29_999);
    expect(last().signals).toEqual(["SIGTERM"]);
    vi.advanceTimersByTime(1);
    expect(last().signals).toEqual(["SIGTERM", "SIGKILL"]);
    last().emit("exit", null, "SIGKILL");
    await stopped;
    vi.advanceTimersByTime(60_000);
    expect(engines).toHaveLength(1);
  });

  it("kills nobody who stops in time, and starts nothing once stopped", async () => {
    const { keeper, engines, last } = createScene();
    const stopped = keeper.stop();
    last().emit("exit", 0, null);
    await stopped;
    vi.advanceTimersByTime(60_000);
    expect(last().signals).toEqual(["SIGTERM"]);
    expect(engines).toHaveLength(1);
  });
});
