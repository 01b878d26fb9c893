import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { decodeHead, openHead } from "../../src/node/account/heads.ts";
import type { KeptSpace } from "../../src/node/account/kept-space.ts";
import { encodeRecordLink } from "../../src/node/blocks/link.ts";
import { encodeRecord } from "../../src/node/blocks/record.ts";
import { openBlock, sealBlock } from "../../src/node/blocks/seal.ts";
import { sealInto } from "../../src/node/blocks/seal-into.ts";
import { equalBytes, fromUtf8, toUtf8 } from "../../src/node/core/bytes.ts";
import { IdSet } from "../../src/node/core/id-map.ts";
import type { BlockId } from "../../src/node/core/ids.ts";
import { readTip, type Tip } from "../../src/node/history/tip.ts";
import { nodePrimitives as primitives } from "../../src/node/platform/primitives.ts";
import type { OpenSpace } from "../../src/node/space/open-space.ts";
import { defaultSettings } from "../../src/node/space/settings.ts";
import { type SpaceKeys, spaceKeys } from "../../src/node/space/space-keys.ts";
import { openParts, type SpaceParts } from "../../src/node/space/space-parts.ts";
import { resolveTarget } from "../../src/node/tree/lookup.ts";
import { put } from "../../src/node/tree/put.ts";
import { refuses } from "../blocks/refuses.ts";
import {
  addTestDevice,
  driveOf,
  knowing,
  makeTestAccount,
  type TestAccount,
  withNewEpoch,
  withoutDevice,
} from "../support/devices.ts";
import { openTestDrive, openTestSpace, quietCall, type TestDrive } from "../support/open-drive.ts";
import { walkAll } from "../support/walk-all.ts";

const mebibyte = 1024 * 1024;
const text = async ({ drive }: TestDrive, path: string): Promise<string | undefined> =>
  fromUtf8(await drive.read(path, {}));

/** Bytes that don't compress, others for each seed. */
function noise(length: number, seed: number): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}

describe("new keys of an open space", function () {
  this.timeout(60_000);
  let account: TestAccount;
  let before: KeptSpace;
  let after: KeptSpace;
  let test: TestDrive;

  beforeEach(async () => {
    account = await makeTestAccount();
    before = driveOf(account.laptop);
    after = await withNewEpoch(before, account.laptop);
    const folder = await mkdtemp(join(tmpdir(), "ipcloud-drive-"));
    test = await openTestDrive(folder, account.laptop, { now: Date.UTC(2026, 0, 1) });
  });
  afterEach(async () => {
    await test.remove();
  });

  const keysOf = (kept: KeptSpace): SpaceKeys => spaceKeys(primitives, kept, account.laptop);
  /** The tip that the head in the store leads to, as whoever has these keys opens it. */
  const tipBy = async (kept: KeptSpace): Promise<Tip | undefined> => {
    const { store } = test;
    const [stored] = store.heads(kept.id);
    const head = decodeHead(primitives, stored?.bytes ?? assert.fail());
    const link = openHead(head, keysOf(kept).headKeys);
    return link && readTip(openTestSpace(store, account.laptop).sealer, link);
  };
  /** Opens the space without the drive. */
  const openTestParts = async (): Promise<SpaceParts> => {
    const { store, contents, clock, drive } = test;
    await drive.close();
    return openParts({
      space: openTestSpace(store, contents),
      now: () => clock.now,
      settings: () => defaultSettings,
      onChanged: () => undefined,
      neighbours: () => [],
    });
  };
  /** Closes the drive and opens it with what the keystore would have now. */
  const reopenKnowing = async (kept: KeptSpace): Promise<void> => {
    await test.close();
    test = await openTestDrive(test.folder, knowing(account.laptop, kept), test.clock);
  };

  it("seal all that comes later, and leave readable what was before", async () => {
    const { drive, store } = test;
    await drive.write({ path: "/small" }, toUtf8("before"));
    const large = noise(mebibyte, 1);
    await drive.write({ path: "/large" }, large);
    assert.deepEqual((await tipBy(before))?.revision.epoch, keysOf(before).epoch);

    await drive.rekey(after);
    const known = new IdSet(store.ids());
    await drive.write({ path: "/small" }, toUtf8("after"));
    await drive.write({ path: "/other" }, noise(mebibyte, 2));
    await drive.tag("later", undefined);
    assert.deepEqual((await tipBy(after))?.revision.epoch, keysOf(after).epoch);
    assert.equal(await tipBy(before), undefined, "the head's box opens by the new key alone");

    const tip = (await tipBy(after)) ?? assert.fail();
    const epochs = [keysOf(before), keysOf(after)];
    const [old, now] = await sealedUnder(openTestSpace(store, account.laptop), tip, epochs);
    assert.ok(old !== undefined && old.size > 4 && now !== undefined && now.size > 10);
    for (const id of old) assert.ok(known.has(id));
    for (const id of now) assert.ok(!known.has(id));

    for (const reopened of [false, true]) {
      if (reopened) await reopenKnowing(after);
      assert.equal(await text(test, "/small"), "after");
      assert.ok(equalBytes(await test.drive.read("/large", {}), large));
      const [, first] = await test.drive.log("/small", 10, true);
      const version = first?.version ?? assert.fail();
      assert.equal(fromUtf8(await test.drive.read("/small", { version })), "before");
      assert.deepEqual((await test.drive.verify(quietCall)).problems, []);
    }
  });

  it("take their turn among changes that wait, and no revision is under two epochs", async () => {
    const { loop, space } = await openTestParts();
    const makeFolder = async (name: string): Promise<Tip> => {
      await loop.apply([`/${name}`], async (change) => {
        const target = await resolveTarget(change.draft.state, `/${name}`);
        const record = encodeRecord({ size: 0, mtime: 0, mode: 0o755, content: toUtf8("") });
        const link = encodeRecordLink(sealInto(space.sealer, change.batch, "record", record));
        // Others have their turn meanwhile, and would like to change the keys.
        for (let i = 0; i < 5; i++) await nextTurn();
        await put(change.edit, target, { kind: "folder", link });
      });
      return loop.tip ?? assert.fail();
    };
    const first = makeFolder("first");
    const rekeyed = loop.rekey(after);
    const second = makeFolder("second");
    await rekeyed;
    const epochs = [keysOf(before), keysOf(after)];
    const [tip, then] = [await second, await first];
    assert.deepEqual(
      [then, tip].map(({ revision }) => revision.epoch),
      epochs.map(({ epoch }) => epoch),
    );
    const [old, none] = await sealedUnder(space, then, epochs);
    assert.equal(none?.size, 0);
    const [left, now] = await sealedUnder(space, tip, epochs);
    for (const id of left ?? []) assert.ok(old?.has(id));
    for (const { id } of [tip.link, tip.revision.state, tip.state.tree ?? assert.fail()]) {
      assert.ok(now?.has(id));
    }
    await loop.close();
  });

  it("are not mixed with what was begun before them", async () => {
    const { loop } = await openTestParts();
    const begun = loop.begin();
    await loop.rekey(after);
    const taken = await loop.apply([], (change) => Promise.resolve(change), [], begun);
    assert.notEqual(taken.draft, begun.draft);
    assert.deepEqual(taken.keys.epoch, keysOf(after).epoch);
    const again = loop.begin();
    assert.equal(
      (await loop.apply([], (change) => Promise.resolve(change), [], again)).draft,
      again.draft,
    );
    await loop.close();
  });

  it("come in the middle of an upload and of an import, and all is there", async () => {
    const { drive } = test;
    const source = await mkdtemp(join(tmpdir(), "ipcloud-source-"));
    try {
      const files = Array.from(
        { length: 40 },
        (_, i) => [i.toString(), noise(200_000, i)] as const,
      );
      await mkdir(join(source, "below"));
      for (const [name, bytes] of files) await writeFile(join(source, "below", name), bytes);
      const upload = drive.beginUpload();
      const parts = [noise(2 * mebibyte, 91), noise(mebibyte, 92)];
      await upload.write(parts[0] as Uint8Array);
      let rekeyed: Promise<void> | undefined;
      const progress = (): void => {
        rekeyed ??= drive.rekey(after);
      };
      await drive.import(source, "/", { ...quietCall, progress });
      await rekeyed;
      assert.ok(rekeyed !== undefined, "the import told how far it was");
      await upload.write(parts[1] as Uint8Array);
      await drive.endUpload(upload, { path: "/uploaded" });
      await reopenKnowing(after);
      for (const [name, bytes] of files) {
        assert.ok(equalBytes(await test.drive.read(`/below/${name}`, {}), bytes));
      }
      const uploaded = await test.drive.read("/uploaded", {});
      assert.ok(equalBytes(uploaded, Buffer.concat(parts)));
      assert.ok((await test.drive.verify(quietCall)).ok);
      assert.deepEqual((await tipBy(after))?.revision.epoch, keysOf(after).epoch);
    } finally {
      await rm(source, { recursive: true });
    }
  });

  it("stop all writing where the device was taken out, and no reading", async () => {
    await test.drive.write({ path: "/a" }, toUtf8("a"));
    const desk = await addTestDevice(account, account.laptop);
    const out = withoutDevice(account, driveOf(desk), account.laptop);
    await test.drive.rekey(out);
    const write = (): Promise<unknown> => test.drive.write({ path: "/a" }, toUtf8("b"));
    await refuses(write, "may-not-write", /was taken out of the drive/u);
    assert.equal(await text(test, "/a"), "a");
    const { revision } = test.drive;
    await reopenKnowing(out);
    await refuses(write, "may-not-write");
    assert.equal(await text(test, "/a"), "a");
    assert.equal(test.drive.revision, revision);
  });

  it("that are not sound change nothing", async () => {
    await refuses(() => test.drive.rekey({ ...after, epochs: after.epochs.slice(1) }), "damaged");
    await test.drive.write({ path: "/a" }, toUtf8("a"));
    assert.deepEqual((await tipBy(before))?.revision.epoch, keysOf(before).epoch);
    await test.drive.rekey(after);
    await test.close();
    await refuses(() => test.drive.rekey(after), "locked");
    test = await openTestDrive(test.folder, knowing(account.laptop, after), test.clock);
  });
});

/** Ids of the blocks that a revision retains, apart by the epoch whose content key sealed them. */
async function sealedUnder(
  { store, sealer }: OpenSpace,
  tip: Tip,
  epochs: readonly SpaceKeys[],
): Promise<IdSet<BlockId>[]> {
  const { parts, damaged } = await walkAll(sealer, tip.link, { content: true });
  assert.deepEqual(damaged, []);
  const found = epochs.map(() => new IdSet<BlockId>());
  for (const { link, kind } of parts) {
    const payload = openBlock(primitives, link, kind, await store.get(link.id));
    const place = epochs.findIndex(({ contentKey }) =>
      equalBytes(sealBlock(primitives, contentKey, kind, payload, true).link.id, link.id),
    );
    (found[place] ?? assert.fail(`no key sealed a ${kind}`)).add(link.id);
  }
  return found;
}
