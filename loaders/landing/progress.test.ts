import { describe, expect, it } from "vitest";
import { createBacklog } from "./backlog.js";
import { createProgress } from "./progress.js";

const batch = (partition: number, nextOffset: number, ingestedAt: number) => ({
  topic: "website",
  partition,
  nextOffset,
  ingestedAt,
});

describe("progress", () => {
  it("closes up to just above the last landed batch", () => {
    const progress = createProgress();
    const stamp = progress.stamp(1);
    progress.landed(batch(0, 5, stamp));
    expect(stamp).toBe(1000);
    expect(progress.closedUpTo()).toBe(1001);
  });

  it("closes no further than the earliest batch that is still on its way", () => {
    const progress = createProgress();
    progress.reset({ landed: [batch(0, 5, 2000)], open: [1500, 1800], latestGiven: 2000 });
    expect(progress.closedUpTo()).toBe(1500);
    progress.landed(batch(1, 1, 1500));
    expect(progress.closedUpTo()).toBe(1800);
    progress.landed(batch(2, 1, 1800));
    expect(progress.closedUpTo()).toBe(2001);
  });

  it("stamps above whatever was given before, in this run or an earlier one", () => {
    const progress = createProgress();
    progress.reset({ landed: [batch(0, 5, 2000)], open: [], latestGiven: 3000 });
    expect([progress.stamp(1), progress.stamp(1), progress.stamp(9)]).toEqual([3001, 3002, 9000]);
  });

  it("wakes who waits when the last partition arrives, or with the failure", async () => {
    const progress = createProgress();
    const targets = [0, 1].map((partition) => ({ topic: "website", partition, end: 5 }));
    const reached = progress.reached(targets).then(() => "reached");
    const failed = progress
      .reached([{ topic: "website", partition: 2, end: 1 }])
      .catch((error: Error) => error.message);
    progress.landed(batch(0, 5, 1));
    progress.landed(batch(1, 9, 2));
    progress.fail(new Error("broken"));
    expect(await Promise.all([reached, failed])).toEqual(["reached", "broken"]);
  });
});

describe("backlog", () => {
  const states = [
    { topic: "website", partition: 0, start: 3, end: 10 },
    { topic: "website", partition: 1, start: 4, end: 4 },
  ];
  const log = { partitions: async (topic: string) => (topic === "website" ? states : []) };

  it("starts behind what has landed, and without that at the first record there is", async () => {
    const progress = createProgress();
    progress.landed(batch(0, 7, 1));
    const backlog = createBacklog(log, progress);
    expect(await backlog.startAt("website", 0)).toBe(7);
    expect(await backlog.startAt("website", 1)).toBe(4);
  });

  it("counts what has not landed, pruned records not among them", async () => {
    const progress = createProgress();
    const backlog = createBacklog(log, progress);
    expect(await backlog.lag()).toBe(7);
    progress.landed(batch(0, 8, 1));
    expect([await backlog.lag("website"), await backlog.lag("email")]).toEqual([2, 0]);
  });

  it.each([
    [2, /landed up to offset 2, which the event log does not hold/],
    [11, /landed up to offset 11/],
  ])("refuses a log that does not reach offset %i", async (nextOffset, message) => {
    const backlog = createBacklog(log, createProgress());
    await expect(backlog.refuseReplacedLog([batch(0, nextOffset, 1)])).rejects.toThrow(message);
  });

  it("takes a log that begins or ends exactly where landing stands", async () => {
    const backlog = createBacklog(log, createProgress());
    await backlog.refuseReplacedLog([batch(0, 3, 1), batch(0, 10, 1), batch(1, 4, 1)]);
  });
});
