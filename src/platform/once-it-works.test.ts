import { expect, it } from "vitest";
import { onceItWorks } from "./once-it-works.js";

it("does the work once for all who ask", async () => {
  let count = 0;
  const ask = onceItWorks(async () => {
    count += 1;
    return { count };
  });
  const [first, second] = await Promise.all([ask(), ask()]);
  expect(second).toBe(first);
  expect(await ask()).toEqual({ count: 1 });
});

it("tries again for whoever asks after it failed, and not for those who waited", async () => {
  let count = 0;
  const ask = onceItWorks(async () => {
    count += 1;
    if (count === 1) throw new Error("not yet");
    return count;
  });
  const both = await Promise.allSettled([ask(), ask()]);
  expect(both.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(await ask()).toBe(2);
});
