import assert from "node:assert/strict";
import { toHex } from "../../src/node/core/bytes.ts";
import { type EntryId, rootId } from "../../src/node/core/ids.ts";
import { revise, type Tip } from "../../src/node/history/tip.ts";
import type { OpenSpace } from "../../src/node/space/open-space.ts";
import { ImportCache } from "../../src/node/transfer/import/import-cache.ts";
import type { MatchedFolder, SeenItem } from "../../src/node/transfer/import/import-item.ts";
import { ImportMatch } from "../../src/node/transfer/import/import-match.ts";
import { Notes } from "../../src/node/transfer/notes.ts";
import type { Entry } from "../../src/node/tree/entry.ts";
import { list } from "../../src/node/tree/lookup.ts";
import { byEntry, place } from "../../src/node/tree/place.ts";
import { viewState } from "../../src/node/tree/state-view.ts";
import { makeTestDrive, openTestSpace, type TestDrive } from "../support/open-drive.ts";
import { fakeLink, testId } from "../tree/test-trees.ts";

const folder: MatchedFolder = { path: "/source", below: "", depth: 0, id: rootId };

function seen(name: string): SeenItem {
  const times = { mtimeMs: 1, ctimeMs: 1 };
  return { folder, name, kind: "file", size: 1, inode: 1, mode: 0o644, owner: 0, ...times };
}

describe("matching a folder of the disk", () => {
  let test: TestDrive;
  let space: OpenSpace;

  beforeEach(async () => {
    test = await makeTestDrive();
    space = openTestSpace(test.store, test.contents);
  });

  afterEach(() => test.remove());

  /** A state whose root has these names, of which several may be the same. */
  async function tipWith(names: readonly string[]): Promise<Tip> {
    const batch = test.store.begin();
    const as = { writer: space.writerId, time: 1 };
    const tip = await revise(space.sealer, batch, undefined, as, async (draft, { stamp }) => {
      const entries = names.map((name, i): Entry => {
        const content = [{ stamp, link: fakeLink(name) }];
        const id = testId(`${name} ${i.toString()}`);
        return { id, kind: "file", parent: rootId, name, at: stamp, content, live: [stamp] };
      });
      await place(draft.state, byEntry(entries.map((next) => ({ next }))));
    });
    await batch.commit();
    return tip;
  }

  /** What stands in the drive at the place of each name, by its id; in parts of so many. */
  async function matched(tip: Tip, names: readonly string[], each: number): Promise<unknown[]> {
    const cache = new ImportCache(space, "/source", "/");
    const match = await ImportMatch.begin(space, tip, cache, new Notes());
    const found: unknown[] = [];
    for (let at = 0; at < names.length; at += each) {
      const items = names.slice(at, at + each).map(seen);
      for (const item of await match.match({ folder, items, first: at === 0 })) {
        assert.equal(item.outcome, "open");
        found.push(item.entry === undefined ? undefined : toHex(item.entry.id));
      }
    }
    return found;
  }

  async function listed(tip: Tip): Promise<Map<string, EntryId>> {
    const ids = new Map<string, EntryId>();
    const view = viewState(space.sealer, tip.state);
    for await (const { name, entry } of list(view, rootId)) ids.set(name, entry.id);
    return ids;
  }

  async function check(tip: Tip, names: readonly string[]): Promise<void> {
    const all = await listed(tip);
    const expected = names.map((name) => {
      const id = all.get(name);
      return id && toHex(id);
    });
    for (const each of [1, 2, 7, 1000]) {
      assert.deepEqual(await matched(tip, names, each), expected, each.toString());
    }
  }

  const many = Array.from({ length: 400 }, (_, i) => `n${(1000 + i).toString()}`);

  it("finds what is listed there, few or many, and nothing else", async () => {
    const tip = await tipWith(many);
    await check(tip, many);
    await check(tip, ["a", "n1000", "n1000a", "n1250", "n1399", "n1399a", "z"]);
    await check(tip, ["n1000", "n1399"]);
    await check(tip, ["z"]);
    await check(tip, ["a"]);
  });

  it("finds names that the disk sorts otherwise than the drive", async () => {
    // By UTF-16 a character of two units comes before those from U+E000 on, by UTF-8 after them.
    const high = ["\ue000", "\ufb00", "\uffee", "\u{1f600}", "\u{10000}"];
    const names = [...many.slice(0, 90), ...high, ...high.map((x) => `n1050${x}`)].sort();
    await check(await tipWith(names), names);
    const more = [...names, ...high.map((x) => `${x}-new`)].sort();
    await check(await tipWith(names), more);
  });

  it("finds namesakes by the names under which they are listed", async () => {
    const tip = await tipWith([...many.slice(0, 200), "n1050", "n1050", "n1199", "b.txt", "b.txt"]);
    const names = [...(await listed(tip)).keys()].sort();
    assert.equal(names.filter((name) => name.includes("~")).length, 4);
    await check(tip, names);
    await check(tip, [...names.filter((name) => name.includes("~")), "n1050~00000000"].sort());
  });
});
