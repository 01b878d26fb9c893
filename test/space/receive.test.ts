import assert from "node:assert/strict";
import { cp, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newWriter } from "../../src/node/account/create.ts";
import { spaceOf } from "../../src/node/account/kept-space.ts";
import { editorSlot, openKeystore, sealKeystore } from "../../src/node/account/keystore.ts";
import type { KeystoreContents, OwnWriter } from "../../src/node/account/keystore-contents.ts";
import { equalBytes, fromUtf8, toHex, toUtf8 } from "../../src/node/core/bytes.ts";
import { isCloudError } from "../../src/node/core/cloud-error.ts";
import { argon2id } from "../../src/node/platform/argon2.ts";
import { readInstance } from "../../src/node/platform/instance.ts";
import { nodePrimitives } from "../../src/node/platform/primitives.ts";
import { systemRandom } from "../../src/node/platform/random.ts";
import { wentOnAs } from "../../src/node/space/heads/went-on.ts";
import type { When } from "../../src/node/space/types.ts";
import { readKeystoreFile, writeKeystoreFile } from "../../src/node/store/keystore.ts";
import { openVault, testKey } from "../e2e/open-vault.ts";
import { makeTestDrive, openTestDrive, quietCall, type TestDrive } from "../support/open-drive.ts";

const platform = { primitives: nodePrimitives, argon2id };
const dayMs = 24 * 3600 * 1000;
const nothingKept = { keepAllDays: 0, dailyDays: 0, weeklyWeeks: 0, monthlyMonths: 0 };

/** Brings all blocks of a store to another one, and the head of its writer. */
async function bring(from: TestDrive, to: TestDrive): Promise<void> {
  const { store, contents } = from;
  const batch = to.store.begin();
  for (const id of store.ids()) batch.put({ id, bytes: await store.get(id) });
  const head = store
    .heads(contents.drive)
    .find(({ writer }) => equalBytes(writer, contents.writer.id));
  assert.ok(head !== undefined);
  await batch.commit({ head: { ...head, keepFrom: head.seq } });
}

const wentOn = ({ store, contents }: TestDrive): OwnWriter | undefined =>
  wentOnAs(
    { store, primitives: nodePrimitives },
    spaceOf(contents.spaces, contents.drive),
    contents.writer,
  );
const read = async ({ drive }: TestDrive, path: string, at?: When): Promise<string> =>
  fromUtf8(await drive.read(path, at === undefined ? {} : { at })) ?? "";
const names = async ({ drive }: TestDrive, path: string, at?: When): Promise<string[]> =>
  (await drive.list(path, at)).map(({ name }) => name).sort();

describe("the heads of a store", function () {
  this.timeout(30_000);
  let own: TestDrive;
  let copies: TestDrive[] = [];

  beforeEach(async () => {
    own = await makeTestDrive();
    await own.drive.makeFolder("/docs", false);
    await own.drive.write({ path: "/docs/plan" }, toUtf8("a plan"));
    await own.drive.write({ path: "/secret" }, toUtf8("a secret"));
    await own.drive.tag("monday", undefined);
    copies = [];
  });
  afterEach(async () => {
    for (const test of [own, ...copies]) await test.remove();
  });

  const newContents = (): KeystoreContents => ({
    ...own.contents,
    writer: newWriter(systemRandom, own.contents.writer.instance),
  });
  /** Opens a copy of a drive's folder, which goes on beside it. */
  const copyOf = async (test: TestDrive, contents = newContents()): Promise<TestDrive> => {
    const folder = await mkdtemp(join(tmpdir(), "ipcloud-drive-"));
    await cp(test.folder, folder, { recursive: true });
    const copy = await openTestDrive(folder, contents, { ...test.clock });
    copies.push(copy);
    return copy;
  };
  const diverge = async (contents = newContents()): Promise<TestDrive> => {
    await own.close();
    const copy = await copyOf(own, contents);
    own = await openTestDrive(own.folder, own.contents, own.clock);
    return copy;
  };

  it("come together when the drive is opened, for good and told exactly", async () => {
    const copy = await diverge();
    await own.drive.write({ path: "/here" }, toUtf8("here"));
    await copy.drive.write({ path: "/docs/there" }, toUtf8("there"));
    await bring(copy, own);
    own = await own.reopen();
    assert.equal(await read(own, "/here"), "here");
    assert.equal(await read(own, "/docs/there"), "there");
    const told = own.events.flatMap(({ changes }) => changes.map(({ path }) => path));
    assert.deepEqual(told, ["/docs/there"]);
    const { revision } = own.drive;
    own = await own.reopen();
    assert.equal(own.drive.revision, revision);
    assert.deepEqual(own.events, []);
  });

  it("open again after a collection that left of the other's head what shows that it is covered", async () => {
    const copy = await diverge();
    await copy.drive.write({ path: "/docs/there" }, toUtf8("there"));
    await own.drive.write({ path: "/here" }, toUtf8("here"));
    await bring(copy, own);
    own = await own.reopen();
    for (let i = 0; i < 20; i++) {
      await own.drive.write({ path: `/docs/${i.toString()}` }, toUtf8(i.toString()));
      await own.drive.collectGarbage(quietCall);
    }
    own = await own.reopen();
    assert.equal(await read(own, "/docs/there"), "there");
  });

  it("show nowhere what one of them had purged, no moment and no tag", async () => {
    const copy = await diverge();
    await own.drive.purge("/secret", quietCall);
    await copy.drive.write({ path: "/docs/there" }, toUtf8("there"));
    const { revision } = copy.drive;
    await copy.drive.tag("tuesday", undefined);
    await bring(copy, own);
    own = await own.reopen();
    for (const at of [undefined, "monday", "tuesday", revision]) {
      assert.deepEqual(await names(own, "/", at), ["docs"]);
    }
    assert.equal(await read(own, "/docs/there", "tuesday"), "there");
    assert.ok((await own.drive.verify(quietCall)).ok);
  });

  it("come together though one is behind what the other purged", async () => {
    const copy = await diverge();
    own.settings = { ...own.settings, retention: nothingKept };
    await own.drive.remove("/secret", false);
    own.clock.now += 6 * dayMs;
    await own.drive.write({ path: "/here" }, toUtf8("here"));
    await own.drive.collectGarbage(quietCall);
    await copy.drive.write({ path: "/docs/there" }, toUtf8("there"));
    await bring(copy, own);
    own = await own.reopen();
    assert.deepEqual(await names(own, "/"), ["docs", "here"]);
    assert.equal(await read(own, "/docs/there"), "there");
  });

  it("lead to a new writer where one shows that the store was restored, and only once", async () => {
    // A copy goes on under the same writer; another device hears of it, and this one of that.
    const copy = await diverge(own.contents);
    await own.drive.write({ path: "/docs/plan" }, toUtf8("the plan here"));
    await copy.drive.write({ path: "/docs/plan" }, toUtf8("the plan there"));
    await copy.drive.write({ path: "/there" }, toUtf8("there"));
    await copy.close();
    const third = await copyOf(copy);
    copies = [third];
    await third.drive.write({ path: "/third" }, toUtf8("third"));
    await bring(third, own);
    own = await own.reopen();
    assert.deepEqual(await names(own, "/"), ["docs", "secret", "there", "third"]);
    const { contents } = own;
    const versions = await own.drive.log("/docs/plan", 10, true);
    assert.equal(versions.length, 3);
    const writer = wentOn(own);
    assert.ok(writer !== undefined && !equalBytes(writer.id, contents.writer.id));
    await own.drive.write({ path: "/later" }, toUtf8("later"));
    const revision = own.drive.revision;
    await own.close();
    own = await openTestDrive(own.folder, { ...contents, writer }, own.clock);
    assert.equal(own.drive.revision, revision);
    assert.equal(wentOn(own), undefined);
    assert.equal((await own.drive.log("/docs/plan", 10, true)).length, 3);
    assert.equal(await read(own, "/later"), "later");
  });

  it("lead to a new writer that the keystore learns of, so that it is one for good", async () => {
    const copy = await diverge(own.contents);
    await own.drive.write({ path: "/docs/plan" }, toUtf8("the plan here"));
    await copy.drive.write({ path: "/docs/plan" }, toUtf8("the plan there"));
    await copy.close();
    const third = await copyOf(copy);
    copies = [third];
    await third.drive.write({ path: "/third" }, toUtf8("third"));
    await bring(third, own);
    await own.close();
    const { folder, contents } = own;
    const writer = { ...contents.writer, instance: readInstance(folder) };
    const slots = [editorSlot(platform, testKey.key)];
    const kept = { slots, contents: { ...contents, writer } };
    await writeKeystoreFile(folder, sealKeystore(nodePrimitives, systemRandom, kept));
    const writers: Uint8Array[] = [];
    for (const path of ["/first", "/second", "/third start"]) {
      const opened = await openVault(folder);
      const { vault } = opened;
      await vault.drive.write({ path }, toUtf8(path));
      assert.equal((await vault.drive.log("/docs/plan", 10, true)).length, 3);
      assert.ok((await vault.drive.verify(quietCall)).ok);
      await opened.close();
      const file = (await readKeystoreFile(folder)) ?? assert.fail("the keystore is there");
      writers.push((await openKeystore(platform, file, testKey)).contents.writer.id);
    }
    const [first, second, last] = writers.map(toHex);
    assert.equal(first, toHex(writer.id), "the store alone knows of it while it is open");
    assert.notEqual(second, first);
    assert.equal(last, second);
    own = await openTestDrive(folder, contents, own.clock);
    assert.deepEqual(await names(own, "/"), [
      ...["docs", "first", "second", "secret", "third", "third start"],
    ]);
  });

  it("that contradict each other keep the drive shut, and say so", async () => {
    const copy = await diverge(own.contents);
    await own.drive.write({ path: "/docs/plan" }, toUtf8("the plan here"));
    await copy.drive.write({ path: "/docs/plan" }, toUtf8("the plan there"));
    await own.close();
    await copy.close();
    const [a, b] = [await copyOf(own), await copyOf(copy)];
    copies = [a, b];
    await a.drive.write({ path: "/a" }, toUtf8("a"));
    await b.drive.write({ path: "/b" }, toUtf8("b"));
    await bring(b, a);
    own = await openTestDrive(own.folder, own.contents, own.clock);
    await assert.rejects(a.reopen(), (error) => {
      assert.ok(isCloudError(error, "damaged"));
      assert.match(error.message, /its writer was forked/u);
      return true;
    });
  });
});
