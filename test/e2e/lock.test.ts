import assert from "node:assert/strict";
import { mock } from "node:test";
import type { KeystoreSecret } from "../../src/node/account/keystore.ts";
import { fromUtf8, toUtf8 } from "../../src/node/core/bytes.ts";
import { isCloudError } from "../../src/node/core/cloud-error.ts";
import type { Settings } from "../../src/node/space/types.ts";
import { hasCode } from "../blocks/refuses.ts";
import { inTemporaryFolder, seededBytes } from "../store/blocks.ts";
import { quietCall } from "../support/open-drive.ts";
import { type OpenedVault, openVault, testKey } from "./open-vault.ts";

const keyOf = (byte: number): KeystoreSecret => ({
  kind: "editor",
  key: new Uint8Array(32).fill(byte),
});

/** Opens a new data folder, lets `work` at it, and expects it to be sound afterwards. */
async function inVault(work: (open: OpenedVault) => Promise<void>): Promise<void> {
  await inTemporaryFolder(async (home) => {
    const open = await openVault(home);
    try {
      await work(open);
      if (open.vault.state === "unlocked") {
        assert.equal((await open.vault.drive.verify(quietCall)).ok, true);
      }
    } finally {
      await open.close();
    }
  });
}

describe("locking a drive", function () {
  this.timeout(20_000);

  it("acknowledges what it took before and refuses the rest, by halves nothing", async () => {
    await inVault(async ({ vault }) => {
      const { drive } = vault;
      const writes = Array.from({ length: 200 }, (_, i) =>
        drive.write({ path: `/${i.toString()}` }, seededBytes(i, i === 7 ? 300_000 : 100)).then(
          () => true,
          (error: unknown) => {
            assert.ok(isCloudError(error, "locked"), String(error));
            return false;
          },
        ),
      );
      await writes[3];
      await vault.lock();
      const late = drive.write({ path: "/late" }, toUtf8("late"));
      await assert.rejects(late, hasCode("locked"));
      const done = await Promise.all(writes);
      await vault.unlock(testKey);
      const names = new Set((await vault.drive.list("/")).map(({ name }) => name));
      for (const [i, isDone] of done.entries()) assert.equal(names.has(i.toString()), isDone);
      assert.ok(!names.has("late"));
    });
  });

  it("ends work under way, which never writes over what came after the next unlock", async () => {
    await inVault(async ({ vault }) => {
      const old = vault.drive;
      for (let i = 0; i < 30; i++) await old.write({ path: "/a" }, seededBytes(i, 20_000));
      const upload = old.beginUpload();
      await upload.write(seededBytes(1, 400_000));
      const under = [
        old.verify(quietCall),
        old.collectGarbage(quietCall),
        old.measureGarbage(quietCall),
      ];
      const ends = Promise.allSettled(under);
      await vault.lock();
      for (const end of await ends) {
        if (end.status === "rejected") assert.ok(isCloudError(end.reason, "locked"));
      }
      await vault.unlock(testKey);
      await vault.drive.write({ path: "/after" }, toUtf8("after"));
      const { revision } = vault.drive;
      const { message } =
        (await upload.write(seededBytes(2, 10)).catch((error: unknown) => error as Error)) ?? {};
      assert.match(message ?? "", /the drive was locked meanwhile/);
      for (const late of [
        () => old.write({ path: "/a" }, toUtf8("late")),
        () => old.remove("/a", false),
        () => old.endUpload(upload, { path: "/uploaded" }),
        () => old.collectGarbage(quietCall),
        () => old.purge("/a", quietCall),
        () => old.tag("late", undefined),
        () => old.restore("/a", { at: "now" }),
      ]) {
        await assert.rejects(late, hasCode("locked"));
      }
      assert.equal(vault.drive.revision, revision);
      assert.equal(fromUtf8(await vault.drive.read("/after", {})), "after");
      assert.equal((await vault.drive.log("/a", 100, true)).length, 30);
    });
  });

  it("takes turns with unlocking, however many ask at once", async () => {
    await inVault(async ({ vault }) => {
      await vault.drive.write({ path: "/a" }, toUtf8("a"));
      await Promise.all(
        Array.from({ length: 20 }, (_, i) => (i % 3 === 0 ? vault.lock() : vault.unlock(testKey))),
      );
      await vault.unlock(testKey);
      assert.equal(fromUtf8(await vault.drive.read("/a", {})), "a");
    });
  });
});

describe("the automatic lock", () => {
  beforeEach(() => {
    mock.timers.enable({ apis: ["setTimeout"] });
  });
  afterEach(() => {
    mock.timers.reset();
  });
  const minute = 60_000;

  /** Passes time, and lets what it began come to its end. */
  async function pass(open: OpenedVault, minutes: number): Promise<string> {
    mock.timers.tick(minutes * minute);
    // A request that needs no drive waits its turn behind a lock that began.
    await open.vault.setSettings({}).catch(() => undefined);
    return open.vault.state;
  }

  it("comes after the minutes that are set, counted from the last request's end", async () => {
    await inVault(async (open) => {
      const { vault } = open;
      await vault.setSettings({ autoLockMinutes: 10 });
      mock.timers.tick(9 * minute);
      assert.equal(vault.state, "unlocked");
      await vault.use(() => vault.drive.write({ path: "/a" }, toUtf8("a")));
      mock.timers.tick(9 * minute);
      assert.equal(vault.state, "unlocked");
      assert.equal(await pass(open, 1), "locked");
      await vault.unlock(testKey);
      assert.equal(await pass(open, 10), "locked");
    });
  });

  it("waits for a request that takes longer", async () => {
    await inVault(async (open) => {
      const { vault } = open;
      await vault.setSettings({ autoLockMinutes: 1 });
      const long = Promise.withResolvers<undefined>();
      const request = vault.use(() => long.promise);
      mock.timers.tick(30 * minute);
      await vault.use(() => vault.drive.write({ path: "/meanwhile" }, toUtf8("a")));
      mock.timers.tick(30 * minute);
      assert.equal(vault.state, "unlocked");
      long.resolve(undefined);
      await request;
      assert.equal(await pass(open, 1), "locked");
    });
  });

  it("neither comes at once nor never, if it is set to more than a timer can wait", async () => {
    await inVault(async (open) => {
      await open.vault.setSettings({ autoLockMinutes: 1_000_000 });
      mock.timers.tick(1);
      assert.equal(open.vault.state, "unlocked");
      const longest = 0x7fff_ffff;
      let left = 1_000_000 * minute;
      for (; left > longest; left -= longest) mock.timers.tick(longest);
      assert.equal(open.vault.state, "unlocked");
      assert.equal(await pass(open, left / minute), "locked");
    });
  });

  it("never comes if it is off", async () => {
    await inVault(async (open) => {
      await open.vault.setSettings({ autoLockMinutes: 0 });
      mock.timers.tick(1_000_000 * minute);
      assert.equal(open.vault.state, "unlocked");
    });
  });
});

describe("the secret of a drive", () => {
  it("changes under load, and from then on only the new one opens it", async function () {
    this.timeout(20_000);
    await inVault(async ({ vault }) => {
      const { drive } = vault;
      const writes = Array.from({ length: 100 }, (_, i) =>
        drive.write({ path: `/${(i % 10).toString()}` }, seededBytes(i, 1000)),
      );
      const secrets = [testKey, keyOf(2), keyOf(3), keyOf(4)];
      for (const [i, next] of secrets.slice(1).entries()) {
        await vault.setSecret(secrets[i] ?? testKey, next);
      }
      await Promise.all(writes);
      await assert.rejects(vault.setSecret(testKey, keyOf(9)), hasCode("wrong-passphrase"));
      await vault.lock();
      for (const old of secrets.slice(0, 3)) {
        await assert.rejects(vault.unlock(old), hasCode("wrong-passphrase"));
      }
      await assert.rejects(vault.setSecret(keyOf(4), keyOf(5)), hasCode("locked"));
      await vault.unlock(keyOf(4));
      assert.equal((await vault.drive.list("/")).length, 10);
    });
  });
});

describe("the settings of a drive", () => {
  it("take whole numbers from 0 to a million, and keep what they were where they are refused", async () => {
    await inVault(async ({ vault }) => {
      const before = vault.settings;
      const odd = [-1, 0.5, 1_000_001, Number.NaN, Infinity, Number.MAX_SAFE_INTEGER, "10", null];
      for (const value of odd as number[]) {
        const changes: Partial<Settings>[] = [
          { versionWindowSeconds: value },
          { autoLockMinutes: value },
          { retention: { ...before.retention, keepAllDays: value } },
          { retention: { ...before.retention, monthlyMonths: value } },
        ];
        for (const change of changes) {
          await assert.rejects(vault.setSettings(change), hasCode("usage"), String(value));
        }
      }
      assert.deepEqual(vault.settings, before);
      for (const value of [0, 1_000_000]) {
        await vault.setSettings({ versionWindowSeconds: value });
        await vault.lock();
        await vault.unlock(testKey);
        assert.equal(vault.settings.versionWindowSeconds, value);
      }
    });
  });

  it("that keep nothing of the past still keep what is there", async () => {
    await inVault(async ({ vault }) => {
      await vault.setSettings({
        retention: { keepAllDays: 0, dailyDays: 0, weeklyWeeks: 0, monthlyMonths: 0 },
      });
      for (let i = 0; i < 5; i++) await vault.drive.write({ path: "/a" }, seededBytes(i, 5000));
      await vault.drive.tag("kept", undefined);
      await vault.drive.write({ path: "/a" }, seededBytes(9, 5000));
      await vault.drive.collectGarbage(quietCall);
      assert.deepEqual(await vault.drive.read("/a", {}), seededBytes(9, 5000));
      assert.deepEqual(await vault.drive.read("/a", { at: "kept" }), seededBytes(4, 5000));
    });
  });
});
