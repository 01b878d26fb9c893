import assert from "node:assert/strict";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeHead, type Head } from "../../src/node/account/heads.ts";
import type { KeystoreContents } from "../../src/node/account/keystore-contents.ts";
import type { Cut } from "../../src/node/account/lists/cuts.ts";
import { equalBytes, toUtf8 } from "../../src/node/core/bytes.ts";
import { nodePrimitives as primitives } from "../../src/node/platform/primitives.ts";
import type { StoredHead } from "../../src/node/store/store.ts";
import {
  addTestDevice,
  driveOf,
  knowing,
  makeTestAccount,
  type TestAccount,
  withNewEpoch,
  withoutDevice,
} from "../support/devices.ts";
import { openTestDrive, quietCall, type TestDrive } from "../support/open-drive.ts";

describe("heads of two devices in one store", function () {
  this.timeout(30_000);
  let account: TestAccount;
  let laptop: TestDrive;
  let desk: TestDrive;

  beforeEach(async () => {
    account = await makeTestAccount();
    const second = await addTestDevice(account, account.laptop);
    laptop = await openNew(knowing(account.laptop, driveOf(second)));
    desk = await openNew(second);
  });
  afterEach(async () => {
    await laptop.remove();
    await desk.remove();
  });

  const write = (on: TestDrive, path: string): Promise<unknown> =>
    on.drive.write({ path }, toUtf8(path));
  const names = async (on: TestDrive): Promise<string[]> =>
    (await on.drive.list("/")).map(({ name }) => name).sort();
  /** Opens a drive again with what its keystore would have now. */
  const reopen = async (test: TestDrive, contents = test.contents): Promise<TestDrive> => {
    await test.close();
    return openTestDrive(test.folder, contents, test.clock);
  };
  /** How many records of the laptop's heads are there that its newest reaches. */
  const chainLength = ({ store }: TestDrive, of: KeystoreContents = laptop.contents): number => {
    let count = 0;
    let bytes: Uint8Array | undefined = headOf(store.heads(of.drive), of)?.bytes;
    while (bytes !== undefined) {
      count++;
      bytes = store.headRecord(decodeHead(primitives, bytes).prev);
    }
    return count;
  };

  it("keep no chain where one device alone may write", async () => {
    const alone = await openNew((await makeTestAccount()).laptop);
    try {
      for (const path of ["/a", "/b", "/c"]) await write(alone, path);
      assert.equal(chainLength(alone, alone.contents), 1);
    } finally {
      await alone.remove();
    }
  });

  it("keep their chain as far back as the other device has not seen", async () => {
    for (const path of ["/a", "/b", "/c"]) await write(laptop, path);
    assert.equal(chainLength(laptop), 3);
    await bring(laptop, desk);
    desk = await reopen(desk);
    await write(desk, "/seen");
    for (const path of ["/d", "/e"]) await write(laptop, path);
    assert.equal(chainLength(laptop), 5, "nobody has told of having seen any");
    await bring(desk, laptop);
    laptop = await reopen(laptop);
    assert.deepEqual(await names(laptop), ["a", "b", "c", "d", "e", "seen"]);
    // Of /c and what came since, the desk has not told that it has seen it; what is older goes.
    await write(laptop, "/f");
    assert.equal(chainLength(laptop), 6, "b, c, d, e, the join, f");
    await bring(laptop, desk);
    desk = await reopen(desk);
    await write(desk, "/seen-too");
    await bring(desk, laptop);
    laptop = await reopen(laptop);
    await write(laptop, "/g");
    assert.equal(chainLength(laptop), 4, "the join, f, the second join, g");
  });

  it("are taken in from a device that may write, and from none that was taken out", async () => {
    await write(laptop, "/laptop");
    await write(desk, "/desk");
    await bring(desk, laptop);
    laptop = await reopen(laptop);
    assert.deepEqual(await names(laptop), ["desk", "laptop"]);

    const bare = withoutDevice(account, driveOf(laptop.contents), desk.contents);
    const without = await withNewEpoch(bare, laptop.contents);
    await write(desk, "/afterwards");
    await bring(desk, laptop);
    laptop = await reopen(laptop, knowing(laptop.contents, without));
    assert.deepEqual(await names(laptop), ["desk", "laptop"], "what was merged before stays");
    await write(laptop, "/later");
    assert.ok((await laptop.drive.verify(quietCall)).ok);
    await laptop.drive.collectGarbage(quietCall);
    laptop = await reopen(laptop);
    assert.deepEqual(await names(laptop), ["desk", "laptop", "later"]);
  });

  it("of a device that was taken out count up to its cut", async () => {
    await write(desk, "/one");
    await write(desk, "/two");
    const cut = cutAt(newestHead(desk));
    await bring(desk, laptop);
    const kept = withoutDevice(account, driveOf(laptop.contents), desk.contents, [cut]);
    const without = await withNewEpoch(kept, laptop.contents);
    laptop = await reopen(laptop, knowing(laptop.contents, without));
    assert.deepEqual(await names(laptop), ["one", "two"]);
    await write(desk, "/three");
    await bring(desk, laptop);
    laptop = await reopen(laptop);
    assert.deepEqual(await names(laptop), ["one", "two"]);
  });

  it("of a device that is not known yet wait, and harm nothing", async () => {
    await write(laptop, "/laptop");
    await write(desk, "/desk");
    await bring(desk, laptop);
    // As the laptop was before it heard of the desk.
    laptop = await reopen(laptop, account.laptop);
    assert.deepEqual(await names(laptop), ["laptop"]);
    assert.ok((await laptop.drive.verify(quietCall)).ok);
    laptop = await reopen(laptop, knowing(account.laptop, driveOf(desk.contents)));
    assert.deepEqual(await names(laptop), ["desk", "laptop"]);
  });
});

async function openNew(contents: KeystoreContents): Promise<TestDrive> {
  const folder = await mkdtemp(join(tmpdir(), "ipcloud-drive-"));
  return openTestDrive(folder, contents, { now: Date.UTC(2026, 0, 1) });
}

/** Brings all blocks of a store to another one, and the newest head of its device. */
async function bring(from: TestDrive, to: TestDrive): Promise<void> {
  const batch = to.store.begin();
  for (const id of from.store.ids()) batch.put({ id, bytes: await from.store.get(id) });
  const { contents, store } = from;
  const head = headOf(store.heads(contents.drive), contents) ?? assert.fail();
  await batch.commit({ head: { ...head, keepFrom: 0 } });
}

function headOf(
  heads: readonly StoredHead[],
  { writer }: KeystoreContents,
): StoredHead | undefined {
  return heads.find((each) => equalBytes(each.writer, writer.id));
}

function newestHead({ store, contents }: TestDrive): Head {
  const stored = headOf(store.heads(contents.drive), contents) ?? assert.fail();
  return decodeHead(primitives, stored.bytes);
}

function cutAt({ certificate, seq, hash }: Head): Cut {
  return { writer: certificate.writer, seq, head: hash };
}
