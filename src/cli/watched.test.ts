import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { watched } from "./watched.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function createScene(look: () => Promise<number | null>) {
  const seen: (readonly [string, number | null])[] = [];
  const view = {
    draw: (progress: number | null) => seen.push(["draw", progress]),
    finish: (progress: number | null) => seen.push(["finish", progress]),
  };
  const work = { resolve: (_: string) => {}, reject: (_: Error) => {} };
  const result = watched({ look, view, everyMs: 100 }, () => {
    return new Promise<string>((resolve, reject) => Object.assign(work, { resolve, reject }));
  });
  return { seen, work, result };
}

it("draws how far the work is, and what was seen last where no answer comes", async () => {
  const answers = [null, 1, new Error("no answer"), 3];
  const { seen, work, result } = createScene(async () => {
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer ?? null;
  });
  await vi.advanceTimersByTimeAsync(300);
  work.resolve("done");
  expect(await result).toBe("done");
  expect(seen).toEqual([
    ["draw", null],
    ["draw", 1],
    ["draw", 1],
    ["finish", 3],
  ]);
});

it("asks one question at a time, and draws none that is answered after the end", async () => {
  const waiting: ((progress: number) => void)[] = [];
  const { seen, work, result } = createScene(() => new Promise((resolve) => waiting.push(resolve)));
  await vi.advanceTimersByTimeAsync(500);
  expect(waiting).toHaveLength(1);
  const failed = expect(result).rejects.toThrow("it failed");
  work.reject(new Error("it failed"));
  await vi.advanceTimersByTimeAsync(0);
  expect(waiting).toHaveLength(2);
  waiting[0]?.(1);
  await vi.advanceTimersByTimeAsync(0);
  waiting[1]?.(2);
  await failed;
  expect(seen).toEqual([["finish", 2]]);
});
