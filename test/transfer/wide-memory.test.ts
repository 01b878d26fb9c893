import assert from "node:assert/strict";
import { rootId } from "../../src/node/core/ids.ts";
import { revise, type Tip } from "../../src/node/history/tip.ts";
import type { OpenSpace } from "../../src/node/space/open-space.ts";
import type { StoreBatch } from "../../src/node/store/store.ts";
import { ImportCache } from "../../src/node/transfer/import/import-cache.ts";
import type { MatchedFolder, SeenItem } from "../../src/node/transfer/import/import-item.ts";
import { ImportMatch } from "../../src/node/transfer/import/import-match.ts";
import { Notes } from "../../src/node/transfer/notes.ts";
import { newEntryId } from "../../src/node/tree/edit.ts";
import type { Entry } from "../../src/node/tree/entry.ts";
import { list, resolve } from "../../src/node/tree/lookup.ts";
import { byEntry, place } from "../../src/node/tree/place.ts";
import { remove } from "../../src/node/tree/remove.ts";
import { viewState } from "../../src/node/tree/state-view.ts";
import { liveHeap } from "../support/live-heap.ts";
import { makeTestDrive, openTestSpace, type TestDrive } from "../support/open-drive.ts";
import { fakeLink, testId } from "../tree/test-trees.ts";

const mebibyte = 1024 * 1024;
const count = 40_000;
/** As objects the entries take some 27 MiB, and 47 where they change. */
const most = 20 * mebibyte;

function nameOf(i: number): string {
  return `file-${(100_000 + i).toString()}.txt`;
}

describe("of a folder of 40,000 entries no more is held than is worked on", function () {
  this.timeout(120_000);
  let test: TestDrive;
  let space: OpenSpace;
  let tip: Tip;
  let batch: StoreBatch;

  before(async () => {
    test = await makeTestDrive();
    space = openTestSpace(test.store, test.contents);
    batch = test.store.begin();
    const as = { writer: space.writerId, time: 1 };
    tip = await revise(space.sealer, batch, undefined, as, async (draft, edit) => {
      const { stamp } = edit;
      const more = { kind: "file", at: stamp, live: [stamp], parent: testId("top") } as const;
      const top = { ...more, kind: "folder", id: testId("top"), parent: rootId } as const;
      await place(draft.state, byEntry([{ next: { ...top, name: "top", content: [] } }]));
      for (let from = 0; from < count; from += 1000) {
        const entries = Array.from({ length: 1000 }, (_, i): Entry => {
          const name = nameOf(from + i);
          const content = [{ stamp, link: fakeLink(name) }];
          return { ...more, id: newEntryId(edit), name, content };
        });
        await place(draft.state, byEntry(entries.map((next) => ({ next }))));
        await draft.state.tree.flush(batch);
        await batch.makeReadable();
      }
    });
  });

  after(async () => {
    batch.abandon();
    await test.remove();
  });

  /** Once the cache of nodes is as full as it gets. */
  async function heapWithNodes(): Promise<number> {
    let listed = 0;
    const view = viewState(space.sealer, tip.state);
    for await (const { entry } of list(view, testId("top")))
      listed += Number(entry.kind === "file");
    assert.equal(listed, count);
    return liveHeap();
  }

  it("while it is removed", async () => {
    const began = await heapWithNodes();
    let highest = 0;
    let runs = 0;
    const as = { writer: space.writerId, time: 2 };
    await revise(space.sealer, batch, tip, as, async (draft, edit) => {
      const { entry } = await resolve(draft.state, "/top");
      await remove(edit, entry as Entry, true, async () => {
        if (++runs % 10 > 0) return;
        await draft.state.tree.flush(batch);
        await draft.state.removed.flush(batch);
        await batch.makeReadable();
        highest = Math.max(highest, liveHeap() - began);
      });
    });
    assert.equal(runs, count / 500);

    assert.ok(highest < most, `${(highest / mebibyte).toFixed(1)} MiB`);
  });

  it("while it is matched with one of the disk", async () => {
    const folder: MatchedFolder = { path: "/top", below: "", depth: 0, id: testId("top") };
    const seen = (i: number): SeenItem => {
      const more = { size: 1, mtimeMs: 1, ctimeMs: 1, inode: 1, mode: 0o644, owner: 0 };
      return { folder, name: nameOf(i), kind: "file", ...more };
    };
    const cache = new ImportCache(space, "/top", "/top");
    const match = await ImportMatch.begin(space, tip, cache, new Notes());
    const began = await heapWithNodes();
    let highest = 0;
    let found = 0;
    for (let from = 0; from < count; from += 1000) {
      const items = Array.from({ length: 1000 }, (_, i) => seen(from + i));
      for (const item of await match.match({ folder, items, first: from === 0 })) {
        if (item.outcome === "open" && item.entry !== undefined) found++;
      }
      if (from % 10_000 === 0) highest = Math.max(highest, liveHeap() - began);
    }
    assert.equal(found, count);

    assert.ok(highest < most, `${(highest / mebibyte).toFixed(1)} MiB`);
  });
});
