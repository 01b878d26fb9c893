import assert from "node:assert/strict";
import { utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { showCid } from "../../src/node/core/cid.ts";
import { isCloudError } from "../../src/node/core/cloud-error.ts";
import type { BlockId } from "../../src/node/core/ids.ts";
import { type Drive, openDrive } from "../../src/node/drive/drive.ts";
import { defaultSettings } from "../../src/node/space/settings.ts";
import type { VerifyReport } from "../../src/node/space/types.ts";
import { verify } from "../../src/node/space/upkeep/upkeep.ts";
import { openStore } from "../../src/node/store/open-store.ts";
import { SealPool } from "../../src/node/transfer/worker/seal-pool.ts";
import { inTemporaryFolder, seededBytes, seededRandom } from "../store/blocks.ts";
import { refuses } from "../store/checks.ts";
import { damageBlock } from "../store/damage.ts";
import { makeTestDrive, openTestSpace, quietCall, type TestDrive } from "../support/open-drive.ts";

const long = process.env["IPCLOUD_LONG"] === "1";

/** What a name leads to: a path of now, or one version of it as `/a@12-a1b2c3d4`. */
type Content = ReadonlyMap<string, Uint8Array>;

/** A drive with all kinds of blocks, in some 40 revisions. */
async function fill({ drive, clock }: TestDrive): Promise<void> {
  const write = async (path: string, seed: number, length: number): Promise<void> => {
    clock.now += 60_000;
    await drive.write({ path, parents: true }, seededBytes(seed, length));
  };
  await write("/small.txt", 1, 900);
  await write("/chunks.bin", 2, 700_000);
  await drive.copy("/chunks.bin", "/copy.bin", false);
  await write("/folder/inner/same content.bin", 2, 700_000);
  for (let i = 0; i < 4; i++) await write("/versions.bin", 10 + i, 20_000 + i);
  await drive.tag("then", undefined);
  await drive.symlink("/link", seededBytes(3, 12));
  await write("/removed.bin", 20, 9000);
  await drive.remove("/removed.bin", false);
  await Promise.all(
    Array.from({ length: 60 }, (_, i) =>
      drive.write({ path: `/folder/${i.toString()}` }, seededBytes(100 + i, 5 * i)),
    ),
  );
  await drive.move("/folder/inner", "/moved", false);
  await write("/small.txt", 4, 100);
}

/** Everything that a drive shows, now and in its versions; what fails goes to `onDamaged`. */
async function readAll(
  drive: Drive,
  names: Iterable<string>,
  onDamaged: (name: string, error: unknown) => void,
): Promise<Map<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>();
  for (const name of names) {
    const at = name.lastIndexOf("@");
    const options = at < 0 ? {} : { version: name.slice(at + 1) };
    try {
      const path = at < 0 ? name : name.slice(0, at);
      found.set(name, await drive.read(path, options));
    } catch (error) {
      onDamaged(name, error);
    }
  }
  return found;
}

/** Names of all files of now and of their versions that are not shown. */
async function namesOf(drive: Drive, folder = "/"): Promise<string[]> {
  const names: string[] = [];
  for (const { name, kind } of await drive.list(folder)) {
    const path = `${folder === "/" ? "" : folder}/${name}`;
    if (kind === "folder") names.push(...(await namesOf(drive, path)));
    if (kind !== "file") continue;
    names.push(path);
    for (const { version, current } of await drive.log(path, 100, true)) {
      if (!current) names.push(`${path}@${version}`);
    }
  }
  return names;
}

/** What became of a drive one of whose blocks is damaged. */
interface Hurt {
  readonly report: VerifyReport;
  /** Names that can't be read. */
  readonly unreadable: readonly string[];
  /** Whether the drive could be opened and its top listed. */
  readonly usable: boolean;
}

/** Opens a hurt drive, reads all that it had, compares what comes, and verifies. */
async function examine(test: TestDrive, truth: Content): Promise<Hurt> {
  const { folder, contents, clock } = test;
  const store = await openStore(folder);
  const pool = new SealPool();
  const space = openTestSpace(store, contents);
  const mustBeDamage = (error: unknown): void => {
    assert.ok(isCloudError(error, "damaged"), String(error));
    assert.match(error.message, /bafkrei[a-z2-7]{52}/, "names the block");
  };
  try {
    const unreadable: string[] = [];
    let usable = false;
    let drive: Drive | undefined;
    try {
      drive = await openDrive({
        space,
        pool,
        home: folder,
        now: () => clock.now,
        settings: () => defaultSettings,
        onChanged: () => undefined,
        neighbours: () => [],
      });
      const found = await readAll(drive, truth.keys(), (name, error) => {
        mustBeDamage(error);
        unreadable.push(name);
      });
      for (const [name, bytes] of found) assert.deepEqual(bytes, truth.get(name), name);
      await drive.list("/");
      usable = true;
    } catch (error) {
      mustBeDamage(error);
    }
    const report = await (drive?.verify(quietCall) ?? verify(space, undefined, quietCall));
    await drive?.close();
    return { report, unreadable, usable };
  } finally {
    await pool.close();
    await store.close();
  }
}

/** Flips a bit, or cuts the end off. */
function hurt(bytes: Uint8Array, random: () => number): Uint8Array {
  if (random() < 0.3) return bytes.slice(0, Math.floor(random() * bytes.length));
  const copy = bytes.slice();
  const at = Math.floor(random() * copy.length);
  copy[at] = (copy[at] as number) ^ (1 << Math.floor(random() * 8));
  return copy;
}

describe("a drive with a damaged block", function () {
  this.timeout(long ? 600_000 : 60_000);
  let test: TestDrive;
  let truth: Content;
  let blocks: BlockId[];

  before(async () => {
    test = await makeTestDrive();
    await fill(test);
    const names = await namesOf(test.drive);
    truth = await readAll(test.drive, names, (name) => assert.fail(name));
    assert.ok(truth.size > 60);
    blocks = [...test.store.ids()];
    await test.close();
  });
  after(async () => {
    test = await test.reopen();
    await test.remove();
  });

  it("serves nothing wrong, says which files it concerns, and leaves the others readable", async () => {
    const random = seededRandom(5);
    const tried = long ? blocks : blocks.filter(() => random() < 40 / blocks.length);
    let usable = 0;
    let some = 0;
    for (const id of tried) {
      const cid = showCid(id);
      let whole = new Uint8Array(0);
      await damageBlock(test.folder, id, (bytes) => {
        whole = new Uint8Array(bytes);
        return hurt(bytes, random);
      });
      const found = await examine(test, truth);
      assert.deepEqual(
        [found.report.ok, found.report.damaged.map((each) => each.cid)],
        [false, [cid]],
      );
      const paths = found.report.damaged[0]?.paths ?? [];
      if (found.usable) {
        usable++;
        // Those of the past and of the tree as a whole are told beside.
        const told = paths.filter((path) => truth.has(path));
        const isFile = !paths.some((path) => path.startsWith("the "));
        if (isFile) assert.deepEqual(told, [...found.unreadable].sort(), cid);
        if (isFile && told.length > 0) some++;
      }
      assert.ok(found.usable || paths.length > 0, `${cid} concerns something`);
      await damageBlock(test.folder, id, () => whole);
      const store = await openStore(test.folder);
      assert.deepEqual((await store.check()).damaged, [], "the test has put it back");
      await store.close();
    }
    assert.ok(usable > tried.length / 2, `${usable.toString()} of ${tried.length.toString()}`);
    assert.ok(some > 5, `${some.toString()} blocks of files`);
  });
});

describe("a file with a damaged block", () => {
  let test: TestDrive;
  beforeEach(async () => {
    test = await makeTestDrive();
  });
  afterEach(() => test.remove());

  const bytes = seededBytes(1, 600_000);
  const read = (path: string, version?: string) =>
    test.drive.read(path, version === undefined ? {} : { version });

  /** Damages the one block of those put by `work` that `choose` picks, behind a closed drive. */
  async function damageOneOf(
    work: () => Promise<unknown>,
    choose: (blocks: readonly { id: BlockId; length: number }[]) => BlockId | undefined,
  ): Promise<string> {
    const before = new Set([...test.store.ids()].map(showCid));
    await work();
    const added: { id: BlockId; length: number }[] = [];
    for (const id of test.store.ids()) {
      if (!before.has(showCid(id))) added.push({ id, length: (await test.store.get(id)).length });
    }
    const id = choose(added) ?? assert.fail("no such block");
    await test.close();
    await damageBlock(test.folder, id, (whole) => hurt(whole, seededRandom(3)));
    test = await test.reopen();
    return showCid(id);
  }

  /** Damages the record of a file that holds some 4,000 bytes: the longest block of its put. */
  const damageRecord = (work: () => Promise<unknown>): Promise<string> =>
    damageOneOf(work, (blocks) => [...blocks].sort((a, b) => b.length - a.length)[0]?.id);

  it("is repaired by putting the same content again, under whatever name", async () => {
    for (const again of ["/a", "/b"]) {
      const path = `/first${again}`;
      const content = seededBytes(again.length + again.charCodeAt(1), 600_000);
      const cid = await damageOneOf(
        () => test.drive.write({ path, parents: true }, content),
        (blocks) => blocks.find(({ length }) => length > 100_000)?.id,
      );
      await refuses("damaged", () => read(path), new RegExp(cid));
      const [damaged] = (await test.drive.verify(quietCall)).damaged;
      assert.deepEqual(damaged, { cid, paths: [path] });
      await test.drive.write({ path: again === "/a" ? path : again }, content);
      assert.deepEqual(await read(path), content);
      assert.equal((await test.drive.verify(quietCall)).ok, true);
    }
  });

  it("is repaired by importing the folder again, though nothing changed there", async () => {
    await inTemporaryFolder(async (source) => {
      const path = join(source, "a");
      await writeFile(path, bytes);
      const long = new Date(2020, 1, 1); // long ago, so that the import remembers it
      await utimes(path, long, long);
      test.clock.now = Date.now() + 3_600_000;
      await damageOneOf(
        () => test.drive.import(source, "/", quietCall),
        (blocks) => blocks.find(({ length }) => length > 100_000)?.id,
      );
      assert.equal((await test.drive.verify(quietCall)).ok, false);
      const { unchanged } = await test.drive.import(source, "/", quietCall);
      assert.equal(unchanged, 1);
      assert.equal((await test.drive.verify(quietCall)).ok, true);
      assert.deepEqual(await read("/a"), bytes);
    });
  });

  it("is repaired by an upload of the same content", async () => {
    await damageOneOf(
      () => test.drive.write({ path: "/a" }, bytes),
      (blocks) => blocks.find(({ length }) => length > 100_000)?.id,
    );
    await refuses("damaged", () => read("/a"));
    const upload = test.drive.beginUpload();
    await upload.write(bytes);
    await test.drive.endUpload(upload, { path: "/a" });
    assert.deepEqual(await read("/a"), bytes);
  });

  it("is read where it is whole", async () => {
    const cid = await damageOneOf(
      () => test.drive.write({ path: "/a" }, bytes),
      (blocks) => blocks.findLast(({ length }) => length > 50_000 && length < 200_000)?.id,
    );
    const part = await test.drive.read("/a", { offset: 100, length: 500_000 });
    assert.deepEqual(part, bytes.slice(100, 500_100));
    await refuses("damaged", () => test.drive.read("/a", { offset: 599_999 }), new RegExp(cid));
  });

  it("stays in its folder's list and among its versions, and is told there", async () => {
    await test.drive.write({ path: "/f/kept", parents: true }, seededBytes(2, 50));
    await damageRecord(() => test.drive.write({ path: "/f/hurt" }, seededBytes(3, 4000)));
    const items = await test.drive.list("/f");
    assert.deepEqual(
      items.map(({ name, kind, size, damaged }) => ({ name, kind, size, damaged })),
      [
        { name: "hurt", kind: "file", size: 0, damaged: true },
        { name: "kept", kind: "file", size: 50, damaged: undefined },
      ],
    );
    await refuses("damaged", () => test.drive.stat("/f/hurt"));
    const [version] = await test.drive.log("/f/hurt", 10, true);
    assert.deepEqual([version?.size, version?.damaged], [0, true]);
  });

  it("can be written, restored, moved, copied and removed, but not given another mode", async () => {
    await test.drive.write({ path: "/a" }, seededBytes(4, 40));
    const [first] = await test.drive.log("/a", 10, true);
    await damageRecord(() => test.drive.write({ path: "/a" }, seededBytes(5, 4000)));
    await refuses("damaged", () => test.drive.setMeta("/a", { mode: 0o600 }));
    await test.drive.move("/a", "/b", false);
    await test.drive.copy("/b", "/c", false);
    await test.drive.copy("/b", "/d", false);
    await test.drive.remove("/d", false);
    assert.equal((await test.drive.removed("/", 10)).length, 1);
    await test.drive.write({ path: "/c" }, seededBytes(6, 60));
    assert.deepEqual(await read("/c"), seededBytes(6, 60));
    await refuses("damaged", () => read("/b"));
    await test.drive.restore("/b", { version: first?.version ?? "" });
    assert.deepEqual(await read("/b"), seededBytes(4, 40));
    const { damaged } = await test.drive.verify(quietCall);
    assert.equal(damaged.length, 1, "the versions before are damaged as they were");
  });

  it("keeps a collection of garbage from freeing what can't be told from garbage", async () => {
    const cid = await damageRecord(() => test.drive.write({ path: "/a" }, seededBytes(5, 4000)));
    await refuses("damaged", () => test.drive.collectGarbage(quietCall), new RegExp(cid));
    await test.drive.write({ path: "/b" }, bytes);
    assert.deepEqual(await read("/b"), bytes);
    await test.drive.purge("/a", quietCall);
    assert.equal((await test.drive.verify(quietCall)).ok, true, "once it is purged all is sound");
    await test.drive.collectGarbage(quietCall);
    assert.deepEqual(await read("/b"), bytes);
  });
});
