import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { KeystoreSecret } from "../../src/node/account/keystore.ts";
import { fromUtf8, toUtf8 } from "../../src/node/core/bytes.ts";
import { type CloudErrorCode, isCloudError } from "../../src/node/core/cloud-error.ts";
import { type OpenedVault, openVault, testKey } from "../e2e/open-vault.ts";
import { inTemporaryFolder } from "../store/blocks.ts";

const otherKey: KeystoreSecret = { kind: "editor", key: new Uint8Array(32).fill(9) };
const notice =
  /nobody has confirmed yet to have written down the 24 words.*"ipcloud words".*shows them/;

const hasCode =
  (code: CloudErrorCode) =>
  (error: unknown): boolean =>
    isCloudError(error, code);

describe("the words of a new account", () => {
  /** Opens a data folder without making or unlocking anything, lets `work` at it and closes it. */
  async function opened<Result>(
    home: string,
    work: (vault: OpenedVault["vault"]) => Promise<Result>,
  ): Promise<Result> {
    const open = await openVault(home, { makes: false });
    try {
      return await work(open.vault);
    } finally {
      await open.close();
    }
  }

  it("are kept until they are confirmed, over a restart, a new secret and a lock", async () => {
    await inTemporaryFolder(async (home) => {
      const made = await opened(home, async (vault) => {
        const made = await vault.create(testKey, undefined, "laptop");
        await vault.drive.write({ path: "/a" }, toUtf8("a"));
        await vault.setSettings({ autoLockMinutes: 5 });
        return made;
      });
      await opened(home, async (vault) => {
        assert.equal(vault.state, "locked");
        assert.match(vault.notices.join(), notice);
        assert.deepEqual(vault.unconfirmed, { mayBeReplaced: false });
        assert.deepEqual(await vault.words(testKey), made);
        await assert.rejects(vault.words(otherKey), hasCode("wrong-passphrase"));
        await vault.unlock(testKey);
        await vault.setSecret(testKey, otherKey);
        assert.deepEqual(await vault.words(otherKey), made);
        await assert.rejects(
          vault.confirmWords(testKey, made.account),
          hasCode("wrong-passphrase"),
        );
        await assert.rejects(vault.confirmWords(otherKey, "ipc-other"), hasCode("usage"));
        assert.match(vault.notices.join(), notice);
        await vault.confirmWords(otherKey, made.account);
        await assert.rejects(vault.words(otherKey), hasCode("not-found"));
        assert.deepEqual(vault.notices, []);
        await vault.setSecret(otherKey, testKey);
        assert.equal(vault.unconfirmed, undefined);
      });
      await opened(home, async (vault) => {
        assert.deepEqual(vault.notices, []);
        await assert.rejects(vault.words(testKey), hasCode("not-found"));
        await vault.confirmWords(testKey, made.account);
        await vault.unlock(testKey);
        assert.equal(fromUtf8(await vault.drive.read("/a", {})), "a");
      });
    });
  });

  it("are confirmed also while the drive is locked", async () => {
    await inTemporaryFolder((home) =>
      opened(home, async (vault) => {
        const { account } = await vault.create(testKey, undefined, "laptop");
        await vault.lock();
        await vault.confirmWords(testKey, account);
        assert.equal(vault.state, "locked");
        await vault.unlock(testKey);
        assert.deepEqual(vault.notices, []);
      }),
    );
  });

  it("are not kept where they were given", async () => {
    await inTemporaryFolder(async (home) => {
      const { words } = await inTemporaryFolder((elsewhere) =>
        opened(elsewhere, (vault) => vault.create(testKey, undefined, "laptop")),
      );
      await opened(home, async (vault) => {
        assert.equal((await vault.create(testKey, words, "desk")).words, undefined);
        assert.deepEqual(vault.notices, []);
        await assert.rejects(vault.words(testKey), hasCode("not-found"));
        await assert.rejects(vault.create(testKey, undefined, "laptop"), hasCode("exists"));
      });
    });
  });

  it("may be drawn anew while nobody has confirmed them and nothing was written", async () => {
    await inTemporaryFolder(async (home) => {
      const first = await opened(home, (vault) => vault.create(testKey, undefined, "laptop"));
      const file = await readFile(join(home, "keystore"));
      await opened(home, async (vault) => {
        assert.deepEqual(vault.unconfirmed, { mayBeReplaced: true });
        await vault.unlock(testKey);
        const again = await vault.create(otherKey, undefined, "laptop");
        assert.notEqual(again.account, first.account);
        assert.equal(vault.names?.account, again.account);
        await vault.drive.write({ path: "/a" }, toUtf8("a"));
        assert.deepEqual(vault.unconfirmed, { mayBeReplaced: false });
        await assert.rejects(vault.create(testKey, undefined, "laptop"), hasCode("exists"));
        await assert.rejects(vault.confirmWords(otherKey, first.account), hasCode("usage"));
        assert.equal(vault.state, "unlocked", "a refusal locks nothing");
        assert.equal(fromUtf8(await vault.drive.read("/a", {})), "a");
      });
      assert.notDeepEqual(await readFile(join(home, "keystore")), file);
    });
  });

  it("that were confirmed are never drawn anew, though nothing was written", async () => {
    await inTemporaryFolder((home) =>
      opened(home, async (vault) => {
        const { account } = await vault.create(testKey, undefined, "laptop");
        await vault.confirmWords(testKey, account);
        await assert.rejects(vault.create(testKey, undefined, "laptop"), hasCode("exists"));
        assert.equal(vault.names?.account, account);
      }),
    );
  });
});
