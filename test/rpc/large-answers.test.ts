import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import { CloudError } from "../../src/node/core/cloud-error.ts";
import type { Call } from "../../src/node/rpc/handlers.ts";
import { oneLargeAnswerAtATime } from "../../src/node/rpc/large-answers.ts";
import { refuses } from "../blocks/refuses.ts";
import { makeTestDrive } from "../support/open-drive.ts";
import { callOf, handlersFor } from "./handlers-for-drive.ts";

/** Work that says how much of it is under way at once. */
function countedWork(): { most: number; run: () => Promise<string> } {
  let running = 0;
  const work = {
    most: 0,
    run: async () => {
      work.most = Math.max(work.most, ++running);
      await nextTurn();
      running--;
      return "built";
    },
  };
  return work;
}

describe("large answers", () => {
  it("are built one after the other, however many ask", async () => {
    const large = oneLargeAnswerAtATime();
    const work = countedWork();
    const calls = Array.from({ length: 6 }, () => callOf());
    const answers = await Promise.all(calls.map((call) => large.buildOf(call, Infinity, work.run)));
    assert.deepEqual(answers, Array(6).fill("built"));
    assert.equal(work.most, 1);
    for (const { reserved } of calls) assert.deepEqual(reserved, [64 * 1024 * 1024]);
  });

  it("do not hold up small ones", async () => {
    const large = oneLargeAnswerAtATime();
    const block = Promise.withResolvers<string>();
    const first = large.buildOf(callOf(), Infinity, () => block.promise);
    const call = callOf();
    assert.equal(await large.buildOf(call, 10, () => Promise.resolve("small")), "small");
    assert.deepEqual(call.reserved, []);
    block.resolve("large");
    assert.equal(await first, "large");
  });

  it("give up their turn when they fail or nobody waits for them", async () => {
    const large = oneLargeAnswerAtATime();
    const fail = (): Promise<never> => Promise.reject(new CloudError("damaged", "a node is gone"));
    const failed = large.buildOf(callOf(), Infinity, fail);
    const aborting = new AbortController();
    const cancelled = large.buildOf(callOf(aborting.signal), Infinity, fail);
    const last = large.buildOf(callOf(), Infinity, () => Promise.resolve("last"));
    aborting.abort();
    await refuses(() => failed, "damaged");
    await refuses(() => cancelled, "cancelled");
    assert.equal(await last, "last");
  });

  it("are differences, long journals and listings of many entries", async function () {
    this.timeout(30_000);
    const test = await makeTestDrive();
    try {
      const { drive } = test;
      const handlers = handlersFor(() => drive);
      await drive.makeFolder("/few", false);
      await drive.makeFolder("/many", false);
      const names = Array.from({ length: 4200 }, (_, i) => `/many/${i.toString()}`);
      await Promise.all(names.map((path) => drive.write({ path }, new Uint8Array(0))));
      const reserves = async (ask: (call: Call) => Promise<unknown>): Promise<boolean> => {
        const call = callOf();
        await ask(call);
        return call.reserved.length > 0;
      };
      assert.equal(await reserves((call) => handlers.list({ path: "/few" }, call)), false);
      assert.equal(await reserves((call) => handlers.list({ path: "/many" }, call)), true);
      assert.equal(await reserves((call) => handlers.diff({ from: "0" }, call)), true);
      assert.equal(await reserves((call) => handlers.journal({}, call)), true);
      assert.equal(await reserves((call) => handlers.journal({ limit: 5 }, call)), false);
      assert.equal(await reserves((call) => handlers.removed({ path: "/" }, call)), false);
    } finally {
      await test.remove();
    }
  });
});
