import { expect, it } from "vitest";
import { createStepTracker } from "./step-tracker.js";
import { createStepView } from "./step-view.js";

it("keeps how far each step is, and how it ended", async () => {
  let now = 0;
  const tracker = createStepTracker(() => now);
  const seen: unknown[] = [];
  await tracker.step("copy", async (report) => {
    report(7);
    now = 5;
    seen.push(tracker.read());
    now = 9;
  });
  const failing = tracker.step("build", async () => {
    throw new Error("no");
  });
  await expect(failing).rejects.toThrow("no");
  expect(seen).toEqual([[{ name: "copy", status: "running", done: 7, ms: 5 }]]);
  expect(tracker.read()).toEqual([
    { name: "copy", status: "done", done: 7, ms: 9 },
    { name: "build", status: "failed", done: 0, ms: 0 },
  ]);
});

it("shows each step once when it is over, and a moving line on a terminal alone", () => {
  const draw = (isTTY: boolean): string => {
    let text = "";
    const write = (chunk: unknown): boolean => {
      text += String(chunk);
      return true;
    };
    const view = createStepView({ isTTY, write });
    const copy = { name: "copy", done: 12_000, ms: 40 };
    const build = { name: "build", done: 0, ms: 1 };
    view.draw([{ ...copy, status: "running" }]);
    view.draw([
      { ...copy, status: "done" },
      { ...build, status: "running" },
    ]);
    view.finish([
      { ...copy, status: "done" },
      { ...build, status: "done" },
    ]);
    return text;
  };
  const plain = draw(false).trimEnd().split("\n");
  expect(plain).toHaveLength(2);
  expect(plain[0]).toMatch(/copy +12,000 +.*40 ms/);
  expect(draw(true).match(/\r/g)).toHaveLength(2);
});
