import assert from "node:assert/strict";
import { encodeRecordLink, type Link } from "../../src/node/blocks/link.ts";
import { encodeNode } from "../../src/node/blocks/map-node.ts";
import { encodeRecord } from "../../src/node/blocks/record.ts";
import { sealInto } from "../../src/node/blocks/seal-into.ts";
import { concatBytes, toUtf8 } from "../../src/node/core/bytes.ts";
import { isCloudError } from "../../src/node/core/cloud-error.ts";
import { rootId } from "../../src/node/core/ids.ts";
import type { Stamp } from "../../src/node/core/stamp.ts";
import type { OpenSpace } from "../../src/node/space/open-space.ts";
import type { StoreBatch } from "../../src/node/store/store.ts";
import type { Entry } from "../../src/node/tree/entry.ts";
import { resolve, resolveTarget } from "../../src/node/tree/lookup.ts";
import { put } from "../../src/node/tree/put.ts";
import type { StateDraft } from "../../src/node/tree/state-draft.ts";
import { seededBytes } from "../store/blocks.ts";
import { makeTestDrive, quietCall, type TestDrive } from "../support/open-drive.ts";
import { changeUnseen, nested, plantTree } from "./plant.ts";

describe("a tree that no writer makes", () => {
  type Spoil = (draft: StateDraft, entry: Entry, stamp: Stamp) => Promise<void> | void;
  const swap = async (draft: StateDraft, old: Entry, next: Entry): Promise<void> => {
    await draft.take("tree", rootId, old);
    draft.insert("tree", rootId, next);
  };
  const faults: readonly (readonly [string, Spoil, RegExp])[] = [
    [
      "an entry that stands twice",
      (draft, entry, stamp) => {
        draft.insert("removed", rootId, { ...entry, live: [], gone: [stamp] });
      },
      /^the entry "file" \([0-9a-f]{32}\) stands twice in the tree$/u,
    ],
    [
      "a file without content",
      (draft, entry) => swap(draft, entry, { ...entry, content: [] }),
      /^the entry "file" \([0-9a-f]{32}\) has no content$/u,
    ],
    [
      "a content without a version",
      (draft, entry) => {
        const content = entry.content.map((each) => ({
          ...each,
          stamp: { ...each.stamp, counter: 1 },
        }));
        return swap(draft, entry, { ...entry, content });
      },
      /^the entry "file" \([0-9a-f]{32}\) shows no version of its own$/u,
    ],
    [
      "a content with the version of another",
      async (draft, entry) => {
        const other = (await resolve(draft, "/other")).entry;
        const link = other?.content[0]?.link ?? assert.fail();
        const content = entry.content.map((each) => ({ ...each, link }));
        return swap(draft, entry, { ...entry, content });
      },
      /^the entry "file" \([0-9a-f]{32}\) shows no version of its own$/u,
    ],
  ];
  for (const [name, spoil, sentence] of faults) {
    it(`is told by verify: ${name}`, async () => {
      let test = await makeTestDrive();
      try {
        await test.drive.write({ path: "/other" }, toUtf8("y"));
        await test.drive.write({ path: "/file" }, toUtf8("x"));
        assert.deepEqual((await test.drive.verify(quietCall)).problems, []);
        await changeUnseen(test, "/file", async ({ edit, draft }) => {
          const { entry } = await resolve(draft.state, "/file");
          assert.ok(entry !== undefined);
          await spoil(draft.state, entry, edit.stamp);
        });
        test = await test.reopen();
        const { ok, problems } = await test.drive.verify(quietCall);
        assert.equal(ok, false);
        assert.match(problems.join(), sentence);
      } finally {
        await test.remove();
      }
    });
  }
});

describe("a link and a mount that no writer makes", () => {
  let test: TestDrive;
  beforeEach(async () => {
    test = await makeTestDrive();
  });
  afterEach(() => test.remove());

  /** Puts an entry of a kind whose record has a size and content. */
  async function plantEntry(
    kind: "link" | "mount",
    size: number,
    content: (space: OpenSpace, batch: StoreBatch) => Uint8Array | readonly Link[],
  ): Promise<void> {
    await changeUnseen(test, "/odd", async ({ edit, draft, batch }, space) => {
      const payload = encodeRecord({ size, mtime: 0, mode: 0o777, content: content(space, batch) });
      const link = encodeRecordLink(sealInto(space.sealer, batch, "record", payload));
      const target = await resolveTarget(draft.state, "/odd");
      await put(edit, target, { kind: "link", link });
      if (kind === "link") return;
      const { entry } = await resolve(draft.state, "/odd");
      assert.ok(entry !== undefined);
      await draft.state.take("tree", rootId, entry);
      draft.state.insert("tree", rootId, { ...entry, kind });
    });
    test = await test.reopen();
  }

  it("a link that says it is larger than any is refused, and no room is made for it", async () => {
    await plantEntry("link", 2 ** 50, ({ sealer }, batch) =>
      Array.from({ length: 4 }, () => sealInto(sealer, batch, "index", new Uint8Array(65))),
    );
    await assert.rejects(test.drive.readLink("/odd"), (error) => isCloudError(error, "damaged"));
  });

  it("a link that leads nowhere is refused", async () => {
    await plantEntry("link", 0, () => new Uint8Array(0));
    await assert.rejects(test.drive.readLink("/odd"), (error) => isCloudError(error, "damaged"));
  });

  it("a mount is shown as an empty folder that nothing is put into", async () => {
    await plantEntry("mount", 1, () => toUtf8("x"));
    assert.deepEqual(await test.drive.list("/odd"), []);
    assert.equal((await test.drive.stat("/odd")).kind, "folder");
    const into = test.drive.write({ path: "/odd/file" }, toUtf8("x"));
    await assert.rejects(into, (error) => isCloudError(error, "not-a-folder"));
  });
});

describe("a node of the tree", function () {
  this.timeout(20_000);
  const value = new Uint8Array(65).fill(1);
  const [one, two] = [Uint8Array.of(1), Uint8Array.of(2)];
  const key = concatBytes(new Uint8Array(16), seededBytes(1, 30));
  const leftmost = new Uint8Array(0);
  const nodes: readonly (readonly [string, Uint8Array])[] = [
    ["with keys out of order", encodeNode({ level: 0, keys: [two, one], values: [value, value] })],
    ["with an item that is no entry", encodeNode({ level: 0, keys: [key], values: [value] })],
    ["that leads nowhere", encodeNode({ level: 1, keys: [leftmost, one], values: [value, value] })],
    ["that is empty", encodeNode({ level: 0, keys: [], values: [] })],
    ["nested 100,000 deep", nested(100_000)],
    ["of noise", seededBytes(2, 3000)],
  ];
  const damage = (error: unknown): boolean => isCloudError(error, "damaged");
  // Now and then the map of names rightly has such an empty leaf, which is no root for all that.
  const turnsOf = (name: string): number => (name === "that is empty" ? 40 : 1);
  for (const [name, payload] of nodes.flatMap((node) =>
    Array.from({ length: turnsOf(node[0]) }, () => node),
  )) {
    it(`${name} is damage, never an empty folder`, async () => {
      let test = await makeTestDrive();
      try {
        await test.drive.write({ path: "/kept" }, toUtf8("kept"));
        const before = test.drive.revision;
        await plantTree(test, payload);
        test = await test.reopen();
        await assert.rejects(test.drive.list("/"), damage);
        const { ok, damaged } = await test.drive.verify(quietCall);
        assert.equal(ok, false);
        assert.ok(damaged.some(({ paths }) => paths[0]?.startsWith("the tree of files")));
        assert.deepEqual(await test.drive.read("/kept", { at: before }), toUtf8("kept"));
        await assert.rejects(test.drive.collectGarbage(quietCall), damage);
      } finally {
        await test.remove();
      }
    });
  }
});
