import assert from "node:assert/strict";
import { type CloudErrorCode, isCloudError } from "../../src/node/core/cloud-error.ts";
import { asWriterId, type WriterId } from "../../src/node/core/ids.ts";
import { compareStamps, showStamp } from "../../src/node/core/stamp.ts";
import { changesOf, parseStamp } from "../../src/node/history/changes.ts";
import { type LogRecord, logRecord } from "../../src/node/history/moment.ts";
import { logKey } from "../../src/node/history/revision.ts";
import { revise, type Tip } from "../../src/node/history/tip.ts";
import { createTestSpace, joined, putFile, writerOf } from "./test-spaces.ts";

/** Writers of which the first four bytes of two are the same. */
const alike = (last: number): WriterId => asWriterId(new Uint8Array(16).fill(0xab).fill(last, 15));

describe("the changes of a history", () => {
  const space = createTestSpace();
  let tip: Tip;

  const change = (base: Tip | undefined, writer: WriterId, time: number): Promise<Tip> =>
    revise(space.sealer, space.blocks, base, { writer, time }, async (_, edit) => {
      await putFile(edit, `/${showStamp(edit.stamp)} at ${time.toString()}`);
    });

  /** Names of all changes from one on, as they come. */
  async function list(of: Tip, before?: LogRecord): Promise<string[]> {
    const found: string[] = [];
    for await (const { stamp } of changesOf(space.sealer, of, before)) found.push(showStamp(stamp));
    return found;
  }

  before(async () => {
    // a's clock goes ahead of b's; its second change and b's bear one time, its third and c's too.
    const [a, b, c] = [writerOf("a"), writerOf("b"), writerOf("c")];
    const first = await change(undefined, a, 1000);
    const second = await change(first, a, 2000);
    const byA = await change(second, a, 5000);
    const byB = await change(await change(first, b, 2000), b, 3000);
    const byC = await change(first, c, 5000);
    tip = await joined(space, await joined(space, byA, byB), byC);
  });

  it("come newest first: by time, then by counter, then by writer", async () => {
    const expected = ["3-61616161", "2-63636363", "3-62626262", "2-62626262", "2-61616161"];
    assert.deepEqual(await list(tip), [...expected, "1-61616161"]);
  });

  it("go on after any of them", async () => {
    const all = await list(tip);
    for (const [i, name] of all.entries()) {
      const record = await logRecord(space.sealer, tip.revision, parseStamp(tip, name));
      assert.ok(record !== undefined);
      assert.deepEqual(await list(tip, record), all.slice(i + 1));
    }
  });

  it("leave out what retention let go of, also all of one writer", async () => {
    const as = { writer: writerOf("d"), time: 6000 };
    const kept = await revise(space.sealer, space.blocks, tip, as, async (draft) => {
      for (const [counter, letter] of [
        [2, "a"],
        [2, "b"],
        [3, "b"],
      ] as const) {
        draft.log.delete(logKey({ counter, writer: writerOf(letter) }));
      }
      return Promise.resolve();
    });
    const expected = ["4-64646464", "3-61616161", "2-63636363", "1-61616161"];
    assert.deepEqual(await list(kept), expected);
  });

  it("are named by the beginning of their writer's id", () => {
    const stamp = parseStamp(tip, `12-${"62".repeat(4)}`);
    assert.equal(compareStamps(stamp, { counter: 12, writer: writerOf("b") }), 0);
  });

  it("are not named by a counter that no stamp has", () => {
    const isRight = (error: unknown): boolean => isCloudError(error, "usage");
    assert.throws(() => parseStamp(tip, `9007199254740992-${"62".repeat(4)}`), isRight);
    assert.equal(parseStamp(tip, `9007199254740991-${"62".repeat(4)}`).counter, 2 ** 53 - 1);
  });

  it("are not named by what fits no writer or two, or is no name", async () => {
    const both = await change(await change(tip, alike(1), 7000), alike(2), 8000);
    const cases: readonly (readonly [name: string, code: CloudErrorCode])[] = [
      ["12-abababab", "not-found"],
      ["12-00000000", "not-found"],
      ["12-6161616", "usage"],
      ["0-61616161", "usage"],
      ["61616161", "usage"],
    ];
    for (const [name, code] of cases) {
      const isRight = (error: unknown): boolean => isCloudError(error, code);
      assert.throws(() => parseStamp(both, name), isRight, name);
    }
    const { writer } = parseStamp(both, `12-${"ab".repeat(15)}02`);
    assert.deepEqual(writer, alike(2));
  });
});
