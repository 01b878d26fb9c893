import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { commitment, saltedLeaves } from "../../src/node/account/commitment.ts";
import { decodeHead, type Head, openHead } from "../../src/node/account/heads.ts";
import { ContentReader } from "../../src/node/blocks/content/content-reader.ts";
import { decodeRecordLink } from "../../src/node/blocks/link.ts";
import { diffMaps } from "../../src/node/blocks/map-diff.ts";
import { toUtf8 } from "../../src/node/core/bytes.ts";
import { decodeVersion, parseVersionKey } from "../../src/node/history/revision.ts";
import { readTip, type Tip } from "../../src/node/history/tip.ts";
import { nodePrimitives } from "../../src/node/platform/primitives.ts";
import { makeTestDrive, openTestSpace, quietCall, type TestDrive } from "../support/open-drive.ts";

/** The head and revision that a drive has come to, read from its store. */
async function latest({ store, contents }: TestDrive): Promise<{ head: Head; tip: Tip }> {
  const space = openTestSpace(store, contents);
  const [row] = store.heads(contents.drive);
  const head = decodeHead(nodePrimitives, row?.bytes ?? assert.fail());
  const link = openHead(head, space.keys.headKeys) ?? assert.fail();
  return { head, tip: await readTip(space.sealer, link) };
}

/** What a head must commit to, from what it leads to and the head before alone. */
async function expectedCommit(
  test: TestDrive,
  before: { head: Head; tip: Tip } | undefined,
  tip: Tip,
): Promise<{ commit: Uint8Array; puts: number }> {
  const space = openTestSpace(test.store, test.contents);
  const content = new ContentReader(space.sealer);
  const puts = [];
  const maps = [before?.tip.revision.versions, tip.revision.versions] as const;
  for await (const { key, a, b } of diffMaps(space.sealer, ...maps)) {
    if (a !== undefined || b === undefined) continue;
    const link = decodeRecordLink(decodeVersion(b).link);
    const record = nodePrimitives.sha256(await content.recordPayload(link));
    const { id, place } = link;
    const { stamp } = parseVersionKey(key);
    puts.push({ stamp, id, record, ...(place === undefined ? {} : { place }) });
  }
  const previous = before?.head.commit ?? new Uint8Array(32);
  const leaves = saltedLeaves(nodePrimitives, space.keys.saltKey, space.writerId, previous, puts);
  return { commit: commitment(nodePrimitives, previous, leaves), puts: puts.length };
}

describe("the puts that a head commits to", () => {
  it("name each record by its own bytes, whatever made it", async () => {
    const test = await makeTestDrive();
    const { drive, folder } = test;
    const source = join(folder, "source");
    mkdirSync(join(source, "sub"), { recursive: true });
    for (let i = 0; i < 60; i++)
      writeFileSync(join(source, "sub", `${i.toString()}.txt`), i.toString());
    writeFileSync(join(source, "large"), Buffer.alloc(3_000_000, 7));
    const write = (path: string, text: string): Promise<unknown> =>
      drive.write({ path }, toUtf8(text));
    const steps: [puts: number, () => Promise<unknown>][] = [
      [1, () => write("/a", "one")],
      [63, () => drive.import(source, "/in", quietCall)],
      [63, () => drive.copy("/in", "/copy", false)],
      [1, () => write("/a", "two")],
      [1, () => drive.move("/in/sub/1.txt", "/in/sub/2.txt", true)],
      [0, () => drive.remove("/copy", true)],
      [1, () => drive.makeFolder("/new", false)],
      [1, () => drive.setMeta("/in/sub", { mode: 0o700 })],
      [0, () => drive.restore("/copy", { at: "2026-01-01T00:04:30Z" })],
      [1, () => drive.restore("/a", { at: "2026-01-01T00:01:30Z" })],
    ];
    try {
      let before: { head: Head; tip: Tip } | undefined;
      for (const [count, step] of steps) {
        test.clock.now += 60_000;
        await step();
        const now = await latest(test);
        const { commit, puts } = await expectedCommit(test, before, now.tip);
        assert.deepEqual([puts, now.head.commit], [count, commit]);
        before = now;
      }
    } finally {
      await test.remove();
    }
  });
});
