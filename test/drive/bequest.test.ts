import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { mock } from "node:test";
import type { KeystoreSecret } from "../../src/node/account/keystore.ts";
import { fromUtf8, toUtf8 } from "../../src/node/core/bytes.ts";
import { type Bequest, decodeBequest, encodeBequest } from "../../src/node/drive/bequest.ts";
import { hasCode } from "../blocks/refuses.ts";
import { openVault, testKey } from "../e2e/open-vault.ts";
import { inTemporaryFolder } from "../store/blocks.ts";

const otherKey: KeystoreSecret = { kind: "editor", key: new Uint8Array(32).fill(9) };
const passedOn = (bequest: Bequest): Bequest => decodeBequest(encodeBequest(bequest));

describe("what a vault leaves to the next", () => {
  it("opens that one without a passphrase, where it was unlocked itself", async () => {
    await inTemporaryFolder(async (home) => {
      const before = await openVault(home);
      await before.vault.drive.write({ path: "/a" }, toUtf8("a"));
      const left = passedOn(before.vault.bequest());
      await before.close();
      const after = await openVault(home, { makes: false });
      await after.vault.resume(left);
      assert.equal(after.vault.state, "unlocked");
      assert.equal(fromUtf8(await after.vault.drive.read("/a", {})), "a");
      await after.vault.setSecret(testKey, otherKey);
      await after.close();
      const last = await openVault(home, { makes: false });
      await last.vault.resume(left);
      assert.equal(last.vault.state, "locked", "the way in is another now");
      await last.vault.unlock(otherKey);
      await last.close();
    });
  });

  it("opens nothing where it was locked, and tells on what holds until the node ends", async () => {
    await inTemporaryFolder(async (folder) => {
      const [original, home] = [join(folder, "original"), join(folder, "copy")];
      await (await openVault(original)).close();
      cpSync(original, home, { recursive: true });
      const before = await openVault(home);
      const { notices } = before.vault;
      assert.equal(notices.length, 1);
      await before.vault.lock();
      const left = passedOn(before.vault.bequest());
      await before.close();
      const after = await openVault(home, { makes: false });
      await after.vault.resume(left);
      assert.equal(after.vault.state, "locked");
      assert.deepEqual(after.vault.notices, notices);
      assert.equal(after.vault.hasHeldSecrets, false);
      await after.close();
    });
  });

  it("is refused where it is not whole or says what nobody knows", () => {
    const whole = encodeBequest({ notices: ["a"], slot: undefined });
    assert.throws(() => decodeBequest(whole.subarray(0, -1)), hasCode("damaged"));
    const strange = { kind: "slot", of: "eyes", key: new Uint8Array(32) } as unknown;
    const bytes = encodeBequest({ notices: [], slot: strange as Bequest["slot"] });
    assert.throws(() => decodeBequest(bytes), hasCode("damaged"));
  });
});

describe("a vault that was given a secret and is locked", () => {
  beforeEach(() => {
    mock.timers.enable({ apis: ["setTimeout"] });
  });
  afterEach(() => {
    mock.timers.reset();
  });

  it("asks to be ended a minute later, and no sooner; one that is unlocked doesn't", async () => {
    await inTemporaryFolder(async (home) => {
      let asked = 0;
      const onUnused = (): void => {
        asked++;
      };
      const open = await openVault(home, { onUnused, confirms: false });
      const { vault } = open;
      await vault.setSettings({ autoLockMinutes: 0 });
      mock.timers.tick(120_000);
      assert.equal(asked, 0);
      await vault.lock();
      await vault.words(testKey);
      mock.timers.tick(59_000);
      await assert.rejects(vault.unlock(otherKey), hasCode("wrong-passphrase"));
      mock.timers.tick(59_000);
      assert.equal(asked, 0);
      mock.timers.tick(1_000);
      assert.equal(asked, 1);
      await open.close();
    });
  });
});
