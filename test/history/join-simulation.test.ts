import { isLong } from "../blocks/random.ts";
import type { Features } from "./simulation/features.ts";
import { runHistory } from "./simulation/history.ts";

const purgesAndCopies: Partial<Features> = { steps: 12, purges: true, copies: true };
/** Of histories found before devices were taken out in any. */
const nobodyOut: Partial<Features> = { cuts: false };

/** Of histories found before states were let go of in any. */
const nothingThinned: Partial<Features> = { thinning: false };

/** Histories in which an earlier form of the rules, or a rule left out, goes wrong. */
const counterexamples: readonly [rule: string, seeds: readonly number[], Partial<Features>][] = [
  ["two join only if neither is behind the other", [142, 198, 423, 513], purgesAndCopies],
  ["a rebase says anew what the other side may have purged", [142, 454, 603], purgesAndCopies],
  ["every removal is kept, not the largest alone", [11, 38, 55, 107], purgesAndCopies],
  ["the floor covers every stamp of what is purged", [198, 477, 947, 1156], purgesAndCopies],
  [
    "what is restored after a purge begins without its removals",
    [463, 1428, 4477],
    { ...nobodyOut, steps: 24, purges: true, retention: false },
  ],
  [
    "who joins takes out of the past what either side had purged",
    [1706, 6772, 87_779, 218_816],
    nobodyOut,
  ],
  ["the same, with devices taken out beside", [5, 117, 304, 655], purgesAndCopies],
  [
    "what a forked copy's purges marked is told anew with its purges",
    [276, 1450, 2459],
    { ...purgesAndCopies, forks: true },
  ],
  ["an edit beats a purge that it had not heard of", [594, 719, 768], purgesAndCopies],
  [
    "what both lines of a forked writer did alike is told anew all the same",
    [7_002_859],
    nobodyOut,
  ],
  ["a file of which two purges left nothing is dead", [5_003_782], {}],
  [
    "a copy whose lost changes nobody knows says a head of what it wrote meanwhile",
    [30_256_631],
    { thinning: true },
  ],
  [
    "who goes back forgets what it had told others of a device that was out",
    [30_372_913],
    { thinning: true },
  ],
  [
    "who lacks what a forked copy overwrote and purged is behind that purge",
    [30_444_591, 30_519_381],
    { clocks: true },
  ],
  [
    "a head that is none of one's own shows a copy whose counters leave a gap where the other's last is",
    [20_471_309],
    { clocks: true },
  ],
  [
    "the log is kept by which a copy finds where it parted, however far a clock leaps",
    [20_263_370],
    { clocks: true },
  ],
];

/** Short ones find as much as long ones do in the same time. */
const short: Partial<Features> = { steps: 10 };

describe("histories of several writers, joined in any order", function () {
  this.timeout(isLong ? 12 * 3600 * 1000 : 300_000);

  for (const [rule, seeds, features] of counterexamples) {
    it(`go right where it matters that ${rule}`, async () => {
      // Found before clocks were set wrong in any.
      for (const seed of seeds) {
        await runHistory(seed, { clocks: false, ...nothingThinned, ...features });
      }
    });
  }

  it("settle, agree, lose nothing and bring nothing deleted back", async () => {
    const count = isLong ? 100_000 : 3000;
    for (let seed = 1; seed <= count; seed++) {
      await runHistory(seed, isLong ? {} : short).catch((error: unknown) => {
        throw new Error(`the history of seed ${seed.toString()} goes wrong`, { cause: error });
      });
    }
  });
});
