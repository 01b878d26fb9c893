import { isLong } from "../blocks/random.ts";
import { runHistory } from "./simulation/history.ts";
import type { Features } from "./simulation/world.ts";

/** Short ones find as much as long ones do in the same time. */
const short: Partial<Features> = { steps: 10 };

describe("histories of several writers, joined in any order", function () {
  this.timeout(isLong ? 12 * 3600 * 1000 : 300_000);

  it("settle, agree, lose nothing and bring nothing deleted back", async () => {
    const count = isLong ? 100_000 : 2500;
    for (let seed = 1; seed <= count; seed++) {
      await runHistory(seed, isLong ? {} : short).catch((error: unknown) => {
        throw new Error(`the history of seed ${seed.toString()} goes wrong`, { cause: error });
      });
    }
  });
});
