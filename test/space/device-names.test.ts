import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asAccountSecret } from "../../src/node/account/account.ts";
import { createAccount } from "../../src/node/account/create.ts";
import { recoverAccount } from "../../src/node/account/recover.ts";
import { toUtf8 } from "../../src/node/core/bytes.ts";
import { deviceNamesOf } from "../../src/node/history/device-names.ts";
import type { Tip } from "../../src/node/history/tip.ts";
import { nodePrimitives } from "../../src/node/platform/primitives.ts";
import { systemRandom } from "../../src/node/platform/random.ts";
import { writeFile } from "../../src/node/space/edits.ts";
import { findTip } from "../../src/node/space/heads/find-tip.ts";
import { defaultSettings } from "../../src/node/space/settings.ts";
import { openParts } from "../../src/node/space/space-parts.ts";
import { memoryStore } from "../support/memory-store.ts";
import { openTestDrive, openTestSpace, type TestDrive } from "../support/open-drive.ts";

const secret = () => asAccountSecret(new Uint8Array(32).fill(5));
const instance = new Uint8Array(32);

async function namesIn({ store, contents }: TestDrive): Promise<string[]> {
  const space = openTestSpace(store, contents);
  const { tip } = await findTip(space);
  return [...(await deviceNamesOf(space.sealer, (tip ?? assert.fail()).revision)).values()].sort();
}

describe("the names of devices", () => {
  it("stand in the drive from a device's first change on, and tell who made each change", async () => {
    const folder = await mkdtemp(join(tmpdir(), "ipcloud-names-"));
    const clock = { now: Date.UTC(2026, 0, 1) };
    try {
      const laptop = await createAccount(nodePrimitives, systemRandom, {
        secret: secret(),
        deviceName: "laptop",
        instance,
      });
      const first = await openTestDrive(folder, laptop, clock);
      await first.drive.write({ path: "/a" }, toUtf8("a"));
      assert.deepEqual(await namesIn(first), ["laptop"]);
      await first.close();

      clock.now += 60_000;
      const desktop = await recoverAccount(nodePrimitives, systemRandom, {
        secret: secret(),
        statements: laptop,
        deviceName: "desktop",
        instance,
      });
      const second = await openTestDrive(folder, desktop, clock);
      assert.deepEqual(await namesIn(second), ["laptop"]);
      await second.drive.write({ path: "/b" }, toUtf8("b"));
      assert.deepEqual(await namesIn(second), ["desktop", "laptop"]);
      const journal = await second.drive.journal({ limit: 10, changesEach: 10 });
      assert.deepEqual(
        journal.map(({ device }) => device),
        ["desktop", "laptop"],
      );
      await second.close();
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("keep nobody from writing where they can't be read", async () => {
    const contents = await createAccount(nodePrimitives, systemRandom, {
      secret: secret(),
      deviceName: "laptop",
      instance,
    });
    const store = memoryStore();
    const write = async (path: string): Promise<Tip> => {
      const parts = await openParts({
        space: openTestSpace(store, contents),
        now: () => Date.UTC(2026, 0, 1),
        settings: () => defaultSettings,
        onChanged: () => undefined,
        neighbours: () => [],
      });
      const sealed = { size: 1, content: toUtf8("a") };
      await parts.loop.apply([path], (change) =>
        writeFile(parts, change, { path, kind: "file", sealed }),
      );
      await parts.loop.close();
      return parts.loop.tip ?? assert.fail();
    };
    const { names } = (await write("/a")).revision;
    store.damage((names ?? assert.fail()).id, (bytes) => bytes.with(40, (bytes[40] ?? 0) ^ 1));
    const after = await write("/b");
    assert.deepEqual(after.revision.names?.id, names?.id, "they stay as they are");
  });
});
