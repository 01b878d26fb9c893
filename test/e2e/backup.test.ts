import assert from "node:assert/strict";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { toUtf8 } from "../../src/node/core/bytes.ts";
import { type BackupCall, type BackupReport, backUp } from "../../src/node/store/backup/back-up.ts";
import { openBackupFolder } from "../../src/node/store/backup/backup-folder.ts";
import { openStore } from "../../src/node/store/open-store.ts";
import { hasCode } from "../blocks/refuses.ts";
import { seededBytes } from "../store/blocks.ts";
import { damageBlock, segmentPath } from "../store/damage.ts";
import { quietCall } from "../support/open-drive.ts";
import { type OpenedVault, openVault } from "./open-vault.ts";

const call = { signal: quietCall.signal, onProgress: () => undefined, check: false };

const bytesOf = (size: number, seed = 1): Uint8Array => seededBytes(seed, size);

describe("a folder of backups", () => {
  it("whose mark was torn is one still, whatever is left of it", async () => {
    const folder = mkdtempSync(join(tmpdir(), "ipcloud-backup-"));
    const dest = join(folder, "backup");
    mkdirSync(dest);
    for (const mark of ["", "{", "null", '"version"', "[]"]) {
      writeFileSync(join(dest, "backup.json"), mark);
      await openBackupFolder(dest, join(folder, "home"));
    }
    writeFileSync(join(dest, "backup.json"), '{"version":2}');
    await assert.rejects(openBackupFolder(dest, join(folder, "home")), hasCode("newer"));
    rmSync(folder, { recursive: true, force: true });
  });
});

describe("a backup", function () {
  this.timeout(60_000);
  let folder: string;
  let home: string;
  let dest: string;
  let source: OpenedVault;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "ipcloud-backup-"));
    home = join(folder, "home");
    dest = join(folder, "disk/backup");
    source = await openVault(home);
  });
  afterEach(async () => {
    await source.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const write = async (path: string, content: string | Uint8Array): Promise<void> => {
    const bytes = typeof content === "string" ? toUtf8(content) : content;
    await source.vault.drive.write({ path, parents: true }, bytes);
  };
  const run = (more: Partial<BackupCall> = {}): Promise<BackupReport> =>
    backUp(source.store, home, dest, { ...call, ...more });

  /** Opens a copy of the backup as a drive, as whoever restores it does. */
  const restored = async (work: (opened: OpenedVault) => Promise<void>): Promise<void> => {
    const copy = join(folder, "restored");
    cpSync(dest, copy, { recursive: true });
    const opened = await openVault(copy);
    try {
      assert.match(opened.vault.notices.join("\n"), /goes on as a new writer/);
      await work(opened);
      const { ok, problems } = await opened.vault.verify(quietCall);
      assert.deepEqual({ ok, problems }, { ok: true, problems: [] });
    } finally {
      await opened.close();
      rmSync(copy, { recursive: true });
    }
  };
  const holds = async (
    { vault }: OpenedVault,
    path: string,
    content: Uint8Array,
  ): Promise<void> => {
    assert.deepEqual(await vault.drive.read(path, {}), content, path);
  };

  it("has all that was acknowledged before it began, while a writer goes on", async () => {
    const acknowledged = new Map<string, Uint8Array>();
    const save = async (i: number): Promise<void> => {
      const content = bytesOf(i % 5 === 0 ? 300_000 + i : 100 + i, i);
      await write(`/d${(i % 7).toString()}/f${i.toString()}`, content);
      acknowledged.set(`/d${(i % 7).toString()}/f${i.toString()}`, content);
    };
    for (let i = 0; i < 60; i++) await save(i);
    const state = { isDone: false };
    const before = new Map(acknowledged);
    const backingUp = run().finally(() => {
      state.isDone = true;
    });
    let during = 60;
    while (!state.isDone) await save(during++);
    const report = await backingUp;
    assert.equal(report.damaged, 0);
    assert.ok(during > 62, during.toString());
    await restored(async (opened) => {
      for (const [path, content] of before) await holds(opened, path, content);
      const { vault } = opened;
      await vault.drive.write({ path: "/new" }, toUtf8("it goes on"));
    });
  });

  it("copies only what is new the second time, and lets go of what the drive let go of", async () => {
    for (let i = 0; i < 20; i++) await write(`/f${i.toString()}`, bytesOf(200_000, i));
    await write("/leak", bytesOf(1_000_000, 99));
    const first = await run();
    assert.equal(first.copiedBlocks, first.blocks);
    const again = await run();
    assert.deepEqual([again.copiedBlocks, again.copiedBytes, again.freedBytes], [0, 0, 0]);
    await write("/one", "more");
    const second = await run();
    assert.ok(
      second.copiedBlocks > 0 && second.copiedBlocks < first.blocks / 2,
      second.copiedBlocks.toString(),
    );
    await source.vault.drive.purge("/leak", quietCall);
    const third = await run();
    assert.ok(third.freedBytes > 10_000, third.freedBytes.toString());
    await restored(async (opened) => {
      await holds(opened, "/one", toUtf8("more"));
      await holds(opened, "/f7", bytesOf(200_000, 7));
      await assert.rejects(opened.vault.drive.stat("/leak"), hasCode("not-found"));
    });
  });

  it("that is killed leaves the last good one, wherever that happens", async () => {
    await write("/kept", bytesOf(500_000));
    const { blocks } = await run();
    for (let round = 0; round < 12; round++) {
      for (let i = 0; i < 40; i++)
        await write(`/r${round.toString()}/${i.toString()}`, bytesOf(40_000, i + 50 * round));
      const ending = new AbortController();
      // Its process is killed as by `kill -9`.
      const killing = delay(round * 25).then(() => {
        ending.abort();
      });
      await run({ signal: ending.signal }).catch((error: unknown) => {
        if (!hasCode("cancelled")(error)) throw error;
      });
      await killing;
      await restored((opened) => holds(opened, "/kept", bytesOf(500_000)));
    }
    const last = await run();
    assert.ok(last.blocks > blocks);
    await restored((opened) => holds(opened, "/r11/39", bytesOf(40_000, 39 + 550)));
  });

  it("that is killed before the first was whole is no drive yet, and can be gone on with", async () => {
    await write("/a", bytesOf(3_000_000));
    const ending = new AbortController();
    const onProgress = (): void => {
      ending.abort();
    };
    await assert.rejects(run({ signal: ending.signal, onProgress }), hasCode("cancelled"));
    assert.equal(existsSync(join(dest, "keystore")), false);
    await run();
    await restored((opened) => holds(opened, "/a", bytesOf(3_000_000)));
  });

  it("that is killed as it begins can be begun anew", async () => {
    mkdirSync(dest, { recursive: true });
    writeFileSync(join(dest, "backup.json.next"), '{"ver');
    await write("/a", "a");
    await run();
    await restored((opened) => holds(opened, "/a", toUtf8("a")));
  });

  it("refuses a folder that is something else", async () => {
    await write("/a", "a");
    const attempt = (to: string): Promise<BackupReport> => backUp(source.store, home, to, call);
    await assert.rejects(attempt("relative"), hasCode("usage"));
    await assert.rejects(attempt(home), hasCode("usage"));
    await assert.rejects(attempt(join(home, "inner")), hasCode("usage"));
    const file = join(folder, "file");
    writeFileSync(file, "of somebody");
    await assert.rejects(attempt(file), hasCode("not-a-folder"));
    await assert.rejects(attempt(folder), hasCode("not-empty"));
    await assert.rejects(attempt("/proc/ipcloud/backup"), hasCode("storage"));
    const other = join(folder, "other");
    const stranger = await openVault(other);
    await stranger.vault.drive.write({ path: "/x" }, toUtf8("x"));
    await backUp(stranger.store, other, dest, call);
    await stranger.close();
    await assert.rejects(run(), hasCode("conflict"));
    assert.deepEqual(readdirSync(join(folder)).sort(), ["disk", "file", "home", "other"]);
  });

  it("refuses one that has been opened as a drive since", async () => {
    await write("/a", "a");
    await run();
    await (await openVault(dest)).close();
    await assert.rejects(run(), hasCode("conflict"));
  });

  it("with a check finds what has gone bad there, and mends it", async () => {
    const before = new Set(source.store.ids());
    await write("/a", bytesOf(900_000));
    assert.ok([...source.store.ids()].length > before.size);
    await run();
    const ids = [...source.store.ids()];
    const lengths = await Promise.all(ids.map(async (id) => (await source.store.get(id)).length));
    const largest = ids[lengths.indexOf(Math.max(...lengths))];
    assert.ok(largest !== undefined && existsSync(segmentPath(dest, 1)));
    await damageBlock(dest, largest, (bytes) => bytes.fill(0, 100, 110));
    assert.equal((await run()).mended, undefined);
    assert.equal((await run({ check: true })).mended, 1);
    await restored((opened) => holds(opened, "/a", bytesOf(900_000)));
  });

  it("counts what is damaged in the drive, and keeps what an earlier one has of it", async () => {
    await write("/a", bytesOf(900_000));
    await run();
    await write("/b", bytesOf(900_000, 3));
    const ids = [...source.store.ids()];
    const large: typeof ids = [];
    for (const id of ids) if ((await source.store.get(id)).length > 20_000) large.push(id);
    await source.close();
    const [first, last] = [large[0], large.at(-1)];
    assert.ok(first !== undefined && last !== undefined && first !== last);
    for (const id of [first, last]) await damageBlock(home, id, (bytes) => bytes.fill(0, 100, 110));
    source = await openVault(home);
    const report = await run();
    assert.equal(report.damaged, 1);
    const copy = join(folder, "copy");
    cpSync(dest, copy, { recursive: true });
    const opened = await openVault(copy);
    await holds(opened, "/a", bytesOf(900_000));
    await opened.close();
  });

  it("is refused of a drive that has lost saves, which the one before may still have", async () => {
    await write("/a", "one");
    await run();
    await write("/a", "two");
    const lost = join(folder, "lost");
    cpSync(home, lost, { recursive: true, filter: (path) => !path.endsWith("-wal") });
    const store = await openStore(lost);
    await assert.rejects(backUp(store, lost, dest, call), (error) => error === store.refusal);
    await store.close();
  });

  it("and a collection of garbage wait for nobody: the later one is told", async () => {
    await write("/a", bytesOf(3_000_000));
    const backingUp = run();
    await assert.rejects(source.vault.drive.collectGarbage(quietCall), hasCode("storage-busy"));
    await backingUp;
    await source.vault.drive.collectGarbage(quietCall);
    const collection = source.store.collect();
    await assert.rejects(run(), hasCode("storage-busy"));
    collection.abandon();
    mkdirSync(join(folder, "empty"));
    await backUp(source.store, home, join(folder, "empty"), call);
  });
});
