import assert from "node:assert/strict";
import type { SealedBlock } from "../../src/node/blocks/ports.ts";
import { sealBlock } from "../../src/node/blocks/seal.ts";
import { equalBytes, toUtf8 } from "../../src/node/core/bytes.ts";
import { showCid } from "../../src/node/core/cid.ts";
import { isCloudError } from "../../src/node/core/cloud-error.ts";
import { resolveTarget } from "../../src/node/tree/lookup.ts";
import { put } from "../../src/node/tree/put.ts";
import { seededBytes } from "../store/blocks.ts";
import { damageBlock } from "../store/damage.ts";
import { makeTestDrive, quietCall, type TestDrive } from "../support/open-drive.ts";
import { linkTraps, type Trap } from "./link-traps.ts";
import { changeUnseen, type Plant } from "./plant.ts";

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

describe("a link to a block", function () {
  this.timeout(20_000);
  let test: TestDrive;
  const good = seededBytes(5, 300_000);
  beforeEach(async () => {
    test = await makeTestDrive();
    await test.drive.write({ path: "/good" }, good);
  });
  afterEach(() => test.remove());

  for (const { name, make, code = "damaged", sentence } of linkTraps) {
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
