import assert from "node:assert/strict";
import type { EncodedRecordLink } from "../../src/node/blocks/link.ts";
import { toUtf8 } from "../../src/node/core/bytes.ts";
import { isCloudError } from "../../src/node/core/cloud-error.ts";
import { asWriterId } from "../../src/node/core/ids.ts";
import { groupSaves } from "../../src/node/history/timeline.ts";
import { makeTestDrive, type TestDrive } from "../support/open-drive.ts";

const mib = 1024 * 1024;

/** Bytes that no two chunks share and that don't compress. */
function noise(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

describe("saves", () => {
  let test: TestDrive;

  beforeEach(async () => {
    test = await makeTestDrive();
  });

  afterEach(async () => {
    await test.remove();
  });

  it("within the window by two writers stay two versions", () => {
    const [a, b] = [asWriterId(new Uint8Array(16).fill(1)), asWriterId(new Uint8Array(16).fill(2))];
    const link = new Uint8Array(0) as EncodedRecordLink;
    const versions = [a, a, b, a].map((writer, i) => ({
      stamp: { counter: i + 1, writer },
      time: i * 1000,
      link,
    }));
    const groups = groupSaves(versions, 30_000);
    assert.deepEqual(
      groups.map(({ version, saves }) => [version.stamp.counter, saves]),
      [
        [2, 2],
        [3, 1],
        [4, 1],
      ],
    );
  });

  it("of one path that wait together become a version each, in their order", async () => {
    await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        test.drive.write({ path: "/a" }, toUtf8(`save ${i.toString()}`)),
      ),
    );
    assert.equal((await test.drive.log("/a", 100, true)).length, 20);
    assert.deepEqual(await test.drive.read("/a", {}), toUtf8("save 19"));
  });

  it("of the same content twice make no revision", async () => {
    const { version } = await test.drive.write({ path: "/a" }, toUtf8("same"));
    const { revision } = test.drive;
    assert.equal((await test.drive.write({ path: "/a" }, toUtf8("same"))).version, version);
    assert.equal(test.drive.revision, revision);
  });

  describe("by upload", () => {
    const send = async (path: string, content: Uint8Array, step: number) => {
      const upload = test.drive.beginUpload();
      for (let at = 0; at < content.length; at += step) {
        await upload.write(content.subarray(at, at + step));
      }
      return test.drive.endUpload(upload, { path });
    };

    for (const [length, step] of [
      [0, 1],
      [4096, 1000],
      [4097, 4097],
      [mib, mib],
      [mib + 1, 300_000],
      [11 * mib + 17, 777_777],
      [6 * mib, 5 * mib],
    ] as const) {
      it(`keep ${length.toString()} bytes that come ${step.toString()} at once`, async () => {
        const content = noise(length, length);
        assert.equal((await send("/up", content, step)).size, length);
        assert.deepEqual(await test.drive.read("/up", {}), content);
      });
    }

    it("seal the same blocks as a save of the whole", async () => {
      const content = noise(3 * mib + 5, 7);
      await test.drive.write({ path: "/whole" }, content);
      const { blockBytes } = test.store.usage();
      await send("/parts", content, 100_000);
      assert.ok(test.store.usage().blockBytes - blockBytes < 100_000);
    });

    it("keep their order when nobody waits between the parts", async () => {
      const content = noise(9 * mib, 3);
      const upload = test.drive.beginUpload();
      const parts: Promise<void>[] = [];
      const reused = new Uint8Array(mib / 2);
      for (let at = 0; at < content.length; at += reused.length) {
        reused.set(content.subarray(at, at + reused.length));
        parts.push(upload.write(reused));
      }
      await test.drive.endUpload(upload, { path: "/up" });
      await Promise.all(parts);
      assert.deepEqual(await test.drive.read("/up", {}), content);
    });

    it("leave nothing when they are given up", async () => {
      const { revision } = test.drive;
      const upload = test.drive.beginUpload();
      const writing = upload.write(noise(5 * mib, 9));
      upload.abandon();
      await writing.catch(() => undefined);
      await assert.rejects(test.drive.endUpload(upload, { path: "/up" }));
      assert.equal(test.drive.revision, revision);
      assert.deepEqual(await test.drive.list("/"), []);
    });

    it("end with the drive, and say so", async () => {
      const upload = test.drive.beginUpload();
      await upload.write(noise(2 * mib, 1));
      await test.drive.close();
      await assert.rejects(upload.write(noise(10, 1)), (error) => isCloudError(error, "locked"));
      await assert.rejects(test.drive.endUpload(upload, { path: "/up" }), (error) =>
        isCloudError(error, "locked"),
      );
    });
  });
});
