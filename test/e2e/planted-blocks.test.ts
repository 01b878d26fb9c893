import assert from "node:assert/strict";
import { encodeCanonical } from "../../src/node/blocks/cbor.ts";
import { ContentReader } from "../../src/node/blocks/content/content-reader.ts";
import { type EncodedRecordLink, encodeRecordLink, type Link } from "../../src/node/blocks/link.ts";
import { encodeNode } from "../../src/node/blocks/map-node.ts";
import { encodePack } from "../../src/node/blocks/pack.ts";
import { maxBlockBytes, type SealedBlock } from "../../src/node/blocks/ports.ts";
import { encodeRecord } from "../../src/node/blocks/record.ts";
import { type BlockKind, sealBlock } from "../../src/node/blocks/seal.ts";
import { sealInto } from "../../src/node/blocks/seal-into.ts";
import { concatBytes, equalBytes, toUtf8 } from "../../src/node/core/bytes.ts";
import { showCid } from "../../src/node/core/cid.ts";
import type { CloudErrorCode } from "../../src/node/core/cloud-error.ts";
import { isCloudError } from "../../src/node/core/cloud-error.ts";
import { rootId } from "../../src/node/core/ids.ts";
import type { Stamp } from "../../src/node/core/stamp.ts";
import { asEpochKey, epochKeys } from "../../src/node/crypto/derive.ts";
import { encodeRevision } from "../../src/node/history/revision.ts";
import { nodePrimitives } from "../../src/node/platform/primitives.ts";
import { type Change, CommitLoop } from "../../src/node/space/commit-loop.ts";
import { findTip } from "../../src/node/space/heads/find-tip.ts";
import { HeadChain } from "../../src/node/space/heads/head-chain.ts";
import type { OpenSpace } from "../../src/node/space/open-space.ts";
import type { StoreBatch } from "../../src/node/store/store.ts";
import type { Entry } from "../../src/node/tree/entry.ts";
import { resolve, resolveTarget } from "../../src/node/tree/lookup.ts";
import { put } from "../../src/node/tree/put.ts";
import { encodeState } from "../../src/node/tree/state.ts";
import type { StateDraft } from "../../src/node/tree/state-draft.ts";
import { nextStamp, withStamp } from "../../src/node/tree/version-vector.ts";
import { blockOf, seededBytes } from "../store/blocks.ts";
import { damageBlock } from "../store/damage.ts";
import { makeTestDrive, openTestSpace, quietCall, type TestDrive } from "../support/open-drive.ts";

/** Seals anything at all as a block of a kind, and puts it. */
type Plant = (kind: BlockKind, payload: Uint8Array) => Link;

/** A link that leads to what it should not. */
interface Trap {
  readonly name: string;
  /** To the version of the file `/bad`. */
  readonly make: (plant: Plant, batch: StoreBatch, space: OpenSpace) => EncodedRecordLink;
  readonly code?: CloudErrorCode;
  readonly sentence: RegExp;
}

const record = (content: Uint8Array) =>
  encodeRecord({ size: content.length, mtime: 0, mode: 0o644, content });
const chunked = (plant: Plant, chunk: Link): EncodedRecordLink =>
  encodeRecordLink(
    plant("record", encodeRecord({ size: 100_000, mtime: 0, mode: 0o644, content: [chunk] })),
  );

/** `[[[[…]]]]`, so many deep. */
function nested(depth: number): Uint8Array {
  const bytes = new Uint8Array(depth + 1).fill(0x81);
  bytes[depth] = 0x80;
  return bytes;
}

const traps: readonly Trap[] = [
  {
    name: "of another kind",
    make: (plant) => encodeRecordLink(plant("content", record(toUtf8("x")))),
    sentence: /the record block bafkrei.* can't be opened: it is of another kind or was altered/,
  },
  {
    name: "content of another kind",
    make: (plant) => chunked(plant, plant("record", seededBytes(1, 100_000))),
    sentence: /the content block bafkrei.* can't be opened: it is of another kind/,
  },
  {
    name: "a pack of another kind",
    make: (plant) => encodeRecordLink({ ...plant("record", record(toUtf8("x"))), place: 0 }),
    sentence: /the pack block bafkrei.* can't be opened: it is of another kind/,
  },
  {
    name: "sealed by another key",
    make: (plant) => {
      const [one, other] = [
        plant("record", record(toUtf8("x"))),
        plant("record", record(toUtf8("y"))),
      ];
      return encodeRecordLink({ ...one, key: other.key });
    },
    sentence: /the record block bafkrei.* can't be opened: it was sealed by another key/,
  },
  {
    name: "sealed in another account",
    make: (_plant, batch, { primitives }) => {
      const key = epochKeys(primitives, asEpochKey(seededBytes(9, 32))).contentKey;
      const { link, block } = sealBlock(primitives, key, "record", record(toUtf8("x")), false);
      batch.put(block);
      return encodeRecordLink({ ...link, key: seededBytes(8, 32) as typeof link.key });
    },
    sentence: /the record block bafkrei.* can't be opened: it was sealed by another key/,
  },
  {
    name: "not sealed at all",
    make: (_plant, batch) => putRaw(batch, seededBytes(2, 5000)),
    sentence: /the record block bafkrei.* can't be opened: it was sealed by another key/,
  },
  {
    name: "empty",
    make: (_plant, batch) => putRaw(batch, new Uint8Array(0)),
    sentence: /the record block bafkrei.* can't be opened: it has 0 bytes/,
  },
  {
    name: "too large",
    make: (_plant, batch) => putRaw(batch, new Uint8Array(maxBlockBytes + 1)),
    sentence: /the record block bafkrei.* can't be opened: it has 1048577 bytes/,
  },
  {
    name: "that is not there",
    make: () => encodeRecordLink(rawLink(blockOf(seededBytes(3, 10)))),
    sentence: /block bafkrei.* is missing from the store, though the drive needs it/,
  },
  {
    name: "that opens to no record",
    make: (plant) => encodeRecordLink(plant("record", toUtf8("no cbor"))),
    sentence: /a version record is not canonical dag-cbor/,
  },
  {
    name: "of bytes after its record",
    make: (plant) => encodeRecordLink(plant("record", Uint8Array.of(...record(toUtf8("x")), 0))),
    sentence: /a version record is not canonical dag-cbor: bytes left over/,
  },
  {
    name: "that is not canonical",
    make: (plant) => {
      const bytes = record(toUtf8("x"));
      // The version 1 in two bytes instead of one.
      return encodeRecordLink(
        plant("record", Uint8Array.of(bytes[0] ?? 0, 0x18, 1, ...bytes.subarray(2))),
      );
    },
    sentence: /a version record is not canonical dag-cbor: a number longer than it needs/,
  },
  {
    name: "nested 100,000 deep",
    make: (plant) => encodeRecordLink(plant("record", nested(100_000))),
    sentence: /a version record is not canonical dag-cbor: nested too deep/,
  },
  {
    name: "of half a million values",
    make: (plant) =>
      encodeRecordLink(
        plant(
          "record",
          concatBytes(Uint8Array.of(0x9a, 0, 7, 0xa1, 0x20), new Uint8Array(500_000)),
        ),
      ),
    sentence: /a version record is not canonical dag-cbor: too many values/,
  },
  {
    name: "that says it is larger than it is",
    make: (plant) =>
      encodeRecordLink(plant("record", encodeCanonical([1, 2 ** 50, 0, 0, new Uint8Array(65)]))),
    sentence: /a version record .*links, as its size says/,
  },
  {
    name: "of a newer version",
    make: (plant) =>
      encodeRecordLink(plant("record", encodeCanonical([2, 0, 0, 0, new Uint8Array(0)]))),
    code: "newer",
    sentence: /a version record .*needs a newer IPCloud/,
  },
  {
    name: "beyond the end of a pack",
    make: (plant) => {
      const pack = plant("pack", encodePack([record(toUtf8("x")), record(toUtf8("y"))]));
      return encodeRecordLink({ ...pack, place: 2 });
    },
    sentence: /a link points to record 2 of a pack of 2/,
  },
  {
    name: "shorter than its place",
    make: (plant) => chunked(plant, plant("content", seededBytes(4, 99_999))),
    sentence: /a content block does not have the length its place needs/,
  },
];

const rawLink = ({ id }: SealedBlock): Link => ({
  suite: 1,
  id,
  key: new Uint8Array(32) as Link["key"],
});

function putRaw(batch: StoreBatch, bytes: Uint8Array): EncodedRecordLink {
  const block = blockOf(bytes);
  batch.put(block);
  return encodeRecordLink(rawLink(block));
}

/** Puts a file whose link leads wherever, as a program with the drive's keys could. */
function plantFile(test: TestDrive, path: string, make: Trap["make"]): Promise<void> {
  return changeUnseen(test, path, async ({ edit, draft, batch }, space) => {
    const plant: Plant = (kind, payload) => {
      const { primitives, sealer } = space;
      const { link, block } = sealBlock(
        primitives,
        sealer.contentKey,
        kind,
        payload,
        kind !== "record",
      );
      batch.put(block);
      return link;
    };
    const target = await resolveTarget(draft.state, path);
    const link = make(plant, batch, space);
    // Told, for it can't be read: nothing says that it is that of the record.
    await put(edit, target, { kind: "file", link, record: new Uint8Array(32) });
  });
}

/** Makes a change beside the drive, which has to be opened again to see it. */
async function changeUnseen(
  test: TestDrive,
  path: string,
  body: (change: Change, space: OpenSpace) => Promise<void>,
): Promise<void> {
  const space = openTestSpace(test.store, test.contents);
  const found = await findTip(space);
  const told = (): Promise<void> => Promise.resolve();
  const loop = new CommitLoop(
    space,
    new ContentReader(space.sealer),
    new HeadChain(space, found),
    found,
    () => test.clock.now,
    told,
  );
  await loop.apply([path], (change) => body(change, space));
  await loop.close();
}

describe("a link to a block", function () {
  this.timeout(20_000);
  let test: TestDrive;
  const good = seededBytes(5, 300_000);
  beforeEach(async () => {
    test = await makeTestDrive();
    await test.drive.write({ path: "/good" }, good);
  });
  afterEach(() => test.remove());

  for (const { name, make, code = "damaged", sentence } of traps) {
    it(`${name} is refused where it is met, found by verify, and harms nothing else`, async () => {
      await plantFile(test, "/bad", make);
      test = await test.reopen();
      for (const attempt of [
        () => test.drive.read("/bad", {}),
        () => test.drive.read("/bad", {}),
      ]) {
        await assert.rejects(attempt, (error: unknown) => {
          assert.ok(isCloudError(error, code), String(error));
          assert.match(error.message, sentence);
          return true;
        });
      }
      assert.deepEqual(await test.drive.read("/good", {}), good);
      const names = (await test.drive.list("/")).map((item) => item.name);
      assert.deepEqual(names, ["bad", "good"]);
      const report = await test.drive.verify(quietCall);
      assert.equal(report.ok, false);
      const paths = report.damaged.flatMap((each) => each.paths);
      assert.ok(!paths.includes("/good"), paths.join());
      if (code === "damaged") assert.ok(paths.includes("/bad"), paths.join());
      await test.drive.write({ path: "/new" }, good);
      if (code === "newer") await test.drive.remove("/bad", false);
      await test.drive.write({ path: code === "newer" ? "/else" : "/bad" }, toUtf8("mended"));
    });
  }

  it("that was swapped for another in the store is damaged", async () => {
    await test.drive.write({ path: "/other" }, seededBytes(6, 300_000));
    const blocks: { id: SealedBlock["id"]; bytes: Uint8Array }[] = [];
    for (const id of test.store.ids()) {
      const bytes = await test.store.get(id);
      if (bytes.length > 250_000) blocks.push({ id, bytes });
    }
    assert.equal(blocks.length, 2);
    const [one, other] = blocks as [(typeof blocks)[0], (typeof blocks)[0]];
    await test.close();
    await damageBlock(test.folder, one.id, () => other.bytes);
    test = await test.reopen();
    await assert.rejects(test.drive.read("/good", {}), (error: unknown) => {
      assert.ok(isCloudError(error, "damaged"));
      return error.message.includes(showCid(one.id));
    });
    assert.ok(equalBytes(await test.drive.read("/other", {}), seededBytes(6, 300_000)));
  });
});

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

/** Lets the head of a drive lead to a tree of which the root is this node. */
async function plantTree(test: TestDrive, payload: Uint8Array): Promise<void> {
  const space = openTestSpace(test.store, test.contents);
  const found = await findTip(space);
  const { tip } = found;
  assert.ok(tip !== undefined);
  const batch = test.store.begin();
  const plant = (kind: BlockKind, bytes: Uint8Array): Link => {
    const { link, block } = sealBlock(nodePrimitives, space.sealer.contentKey, kind, bytes, false);
    batch.put(block);
    return link;
  };
  const stamp = nextStamp(tip.state.vv, space.writerId);
  const tree = plant("mapNode", payload);
  const state = { ...tip.state, vv: withStamp(tip.state.vv, stamp), tree };
  const revision = {
    ...tip.revision,
    parents: [tip.link.id],
    state: plant("state", encodeState(state)),
    change: { stamp, time: test.clock.now },
  };
  const link = plant("revision", encodeRevision(revision));
  const head = new HeadChain(space, found).sign(space.keys, { link, revision, state }, []);
  await batch.commit({ head: head.record });
}

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
  for (const [name, payload] of nodes) {
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
