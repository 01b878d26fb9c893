import assert from "node:assert/strict";
import {
  appendFileSync,
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { isCloudError } from "../../src/node/core/cloud-error.ts";
import { diskIdentity } from "../../src/node/core/disk-identity.ts";
import type { Stat } from "../../src/node/space/types.ts";
import type { WorkCall } from "../../src/node/space/work-call.ts";
import type { GivenReport } from "../../src/node/transfer/export/get-file.ts";
import { hasCode } from "../blocks/refuses.ts";
import { damageBlock } from "../store/damage.ts";
import { patternBytes } from "../support/local-tree.ts";
import { openTestDrive, quietCall } from "../support/open-drive.ts";
import { TestTransfer } from "../support/test-transfer.ts";

const sizes = [4097, 262_144, 262_145, 4_194_305, 20_000_001];

describe("one file that the node reads or writes itself", () => {
  let here: TestTransfer;
  let source: string;

  beforeEach(async () => {
    here = await TestTransfer.make();
    source = join(here.source, "file");
    mkdirSync(here.dest);
  });

  afterEach(() => here.remove());

  const put = (
    path: string,
    from = source,
    call: WorkCall = quietCall,
  ): Promise<Stat | undefined> => {
    const seen = diskIdentity(statSync(from));
    return here.drive.putFile({ path, parents: true }, from, seen, call);
  };
  const get = (
    path: string,
    name: string,
    call: WorkCall = quietCall,
  ): Promise<GivenReport | undefined> => {
    const dest = join(here.dest, name);
    const seen = diskIdentity(statSync(dirname(dest)));
    return here.drive.getFile(path, {}, { dest, seen }, call);
  };

  it("comes in and goes out with its content, mode and time, whatever its size", async () => {
    for (const size of sizes) {
      const content = patternBytes(size, size);
      writeFileSync(source, content);
      chmodSync(source, 0o640);
      utimesSync(source, 1_500_000_000.25, 1_500_000_000.25);
      const written = await put("/f");
      assert.deepEqual(
        [written?.size, written?.mode, written?.mtime],
        [size, 0o640, 1_500_000_000_250],
      );
      assert.deepEqual(await get("/f", "out"), {});
      const out = join(here.dest, "out");
      assert.deepEqual(new Uint8Array(readFileSync(out)), content);
      const { mode, mtimeMs } = statSync(out);
      assert.deepEqual([mode & 0o7777, mtimeMs], [0o640, 1_500_000_000_250]);
      await here.drive.remove("/f", false);
    }
    assert.deepEqual(readdirSync(here.dest), ["out"]);
    assert.equal((await here.drive.verify(quietCall)).ok, true);
  });

  it("is read in any stretch as it was written", async () => {
    const content = patternBytes(20_000_001);
    await here.write("/f", content);
    for (const [offset, length] of [
      [0, content.length],
      [1, 3_000_000],
      [262_143, 8_388_610],
      [11_534_336, 30_000_000],
      [19_999_000, 5_000],
    ] as const) {
      const bytes = await here.drive.read("/f", { offset, length });
      assert.deepEqual(bytes, content.subarray(offset, offset + length));
    }
  });

  it("is left to who asks, if another stands here at that path, or none that can be read", async () => {
    writeFileSync(source, patternBytes(2_000_000));
    const request = { path: "/f" };
    assert.equal(await here.drive.putFile(request, source, "1:1", quietCall), undefined);
    const none = join(here.source, "none");
    assert.equal(await here.drive.putFile(request, none, "1:1", quietCall), undefined);
    const seen = diskIdentity(statSync(here.source));
    assert.equal(await here.drive.putFile(request, here.source, seen, quietCall), undefined);
    assert.deepEqual(await here.paths(), []);
    await here.write("/f", patternBytes(2_000_000));
    const place = { dest: join(here.dest, "f"), seen: "1:1" };
    assert.equal(await here.drive.getFile("/f", {}, place, quietCall), undefined);
    const gone = { ...place, dest: join(here.dest, "none/f") };
    assert.equal(await here.drive.getFile("/f", {}, gone, quietCall), undefined);
    assert.deepEqual(readdirSync(here.dest), []);
  });

  it("comes in through a link, and takes the place of one", async () => {
    writeFileSync(source, patternBytes(2_000_000));
    const link = join(here.source, "link");
    symlinkSync("file", link);
    assert.equal((await put("/f", link))?.kind, "file");
    const out = join(here.dest, "out");
    const other = join(here.dest, "other");
    writeFileSync(other, "stays");
    symlinkSync("other", out);
    assert.deepEqual(await get("/f", "out"), {});
    assert.equal(lstatSync(out).isFile(), true);
    assert.equal(readFileSync(other, "utf8"), "stays");
  });

  it("tells what the system said of its place, and leaves nothing beside it", async () => {
    await here.write("/f", patternBytes(2_000_000));
    mkdirSync(join(here.dest, "folder"));
    assert.deepEqual(await get("/f", "folder"), { failed: "EISDIR" });
    assert.deepEqual(readdirSync(here.dest), ["folder"]);
    const dest = join(here.test.folder, "store.db");
    const seen = diskIdentity(statSync(here.test.folder));
    const place = { dest, seen };
    await assert.rejects(here.drive.getFile("/f", {}, place, quietCall), hasCode("usage"));
  });

  it("that has lost a block is told, and nothing of it is written", async () => {
    await here.write("/f", patternBytes(2_000_000));
    const ids = [...here.test.store.ids()];
    const sealed = await Promise.all(ids.map((id) => here.test.store.get(id)));
    const lengths = sealed.map(({ length }) => length);
    const chunk = ids[lengths.indexOf(Math.max(...lengths))];
    assert.ok(chunk !== undefined);
    await here.test.close();
    await damageBlock(here.test.folder, chunk, (bytes) => bytes.fill(0, 100, 110));
    here.test = await openTestDrive(here.test.folder, here.test.contents, here.test.clock);
    await assert.rejects(get("/f", "out"), (error) => isCloudError(error, "damaged", "not-found"));
    assert.deepEqual(readdirSync(here.dest), []);
  });

  it("goes neither in nor out once it is cancelled", async () => {
    writeFileSync(source, patternBytes(30_000_000));
    await put("/f");
    const { revision } = here.drive;
    appendFileSync(source, "more");
    for (const go of [
      (call: WorkCall) => put("/g", source, call),
      (call: WorkCall) => get("/f", "out", call),
    ]) {
      const abort = new AbortController();
      const progress = (): void => {
        abort.abort();
      };
      await assert.rejects(go({ signal: abort.signal, progress }), hasCode("cancelled"));
    }
    assert.equal(here.drive.revision, revision);
    assert.deepEqual(readdirSync(here.dest), []);
  });
});
