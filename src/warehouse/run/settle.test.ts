import { expect, it } from "vitest";
import { settle } from "./settle.js";

async function settleWith(left: readonly number[]) {
  let cycle = 0;
  const settled = await settle(
    async () => {
      cycle += 1;
    },
    async () => left[cycle - 1] ?? 0,
  );
  return { ...settled, ran: cycle };
}

it.each([
  ["one cycle is enough", [0], { cycleCount: 1, unsettledCount: 0 }],
  ["each leaves fewer", [90, 20, 0], { cycleCount: 3, unsettledCount: 0 }],
  ["no headway", [90, 20, 20, 0], { cycleCount: 3, unsettledCount: 20 }],
  ["a step back", [20, 30, 0], { cycleCount: 2, unsettledCount: 30 }],
])("cycles run while they make headway: %s", async (_, left, expected) => {
  expect(await settleWith(left)).toEqual({ ...expected, ran: expected.cycleCount });
});
