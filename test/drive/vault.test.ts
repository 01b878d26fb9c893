import assert from "node:assert/strict";
import promises, { cp, mkdtemp, rename, rm } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KeystoreSecret } from "../../src/node/account/keystore.ts";
import { fromUtf8, toUtf8 } from "../../src/node/core/bytes.ts";
import { CloudError, isCloudError } from "../../src/node/core/cloud-error.ts";
import { Vault } from "../../src/node/drive/vault.ts";
import { argon2id } from "../../src/node/platform/argon2.ts";
import { nodePrimitives } from "../../src/node/platform/primitives.ts";
import { systemRandom } from "../../src/node/platform/random.ts";
import { openStore } from "../../src/node/store/open-store.ts";
import type { Store } from "../../src/node/store/store.ts";
import { SealPool } from "../../src/node/transfer/worker/seal-pool.ts";

const passphrase = (text: string): KeystoreSecret => ({ kind: "passphrase", passphrase: text });

/** Lets every sync of a folder fail, which comes after a file in it was renamed. */
function failAfterRename(folder: string): { end: () => void } {
  const { open } = promises;
  promises.open = (path, flags, mode) => {
    if (path === folder && flags === "r") {
      return Promise.reject(Object.assign(new Error("i/o error"), { code: "EIO" }));
    }
    return open(path, flags, mode);
  };
  syncBuiltinESMExports();
  return {
    end: () => {
      promises.open = open;
      syncBuiltinESMExports();
    },
  };
}

/** A store whose heads can't be read at first, but are there at the second time. */
function failingFirstHeads(store: Store): Store {
  let reads = 0;
  const heads: Store["heads"] = (space) => {
    if (++reads === 1) throw new CloudError("storage", "the heads can't be read");
    return store.heads(space);
  };
  return new Proxy(store, {
    get: (_, name) => {
      if (name === "heads") return heads;
      const member: unknown = Reflect.get(store, name, store);
      return typeof member === "function" ? (member.bind(store) as unknown) : member;
    },
  });
}

describe("vault", () => {
  let folder: string;
  let pool: SealPool;
  let open: { vault: Vault; close: () => Promise<void> } | undefined;

  const openVault = async (
    home: string,
    seenAs: (store: Store) => Store = (store) => store,
  ): Promise<Vault> => {
    const store = await openStore(home);
    pool = new SealPool();
    const vault = await Vault.find({
      home,
      store: seenAs(store),
      platform: { primitives: nodePrimitives, argon2id },
      random: systemRandom,
      pool,
      now: () => Date.now(),
      onChanged: () => undefined,
      onState: () => undefined,
    });
    open = {
      vault,
      close: async () => {
        await vault.close();
        await pool.close();
        await store.close();
        open = undefined;
      },
    };
    return vault;
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "ipcloud-vault-"));
  });

  afterEach(async () => {
    await open?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it("opens by the passphrase of the day and no other", async () => {
    const vault = await openVault(folder);
    await vault.create(passphrase("first"), undefined, "laptop");
    await vault.drive.write({ path: "/a" }, toUtf8("1"));
    await vault.setSecret(passphrase("first"), passphrase("second"));
    await vault.lock();
    assert.throws(
      () => vault.drive,
      (error) => isCloudError(error, "locked"),
    );
    await assert.rejects(vault.unlock(passphrase("first")), (error) =>
      isCloudError(error, "wrong-passphrase"),
    );
    await vault.unlock(passphrase("second"));
    assert.equal(fromUtf8(await vault.drive.read("/a", {})), "1");
  });

  it("opens by a key that the editor holds until that is taken away", async () => {
    const vault = await openVault(folder);
    const key: KeystoreSecret = { kind: "editor", key: systemRandom(32) };
    await vault.create(passphrase("first"), undefined, "laptop");
    await vault.setSecret(passphrase("first"), key);
    await vault.lock();
    await vault.unlock(key);
    await vault.removeEditorKey();
    await vault.lock();
    await assert.rejects(vault.unlock(key), (error) => isCloudError(error, "wrong-passphrase"));
    await vault.unlock(passphrase("first"));
  });

  it("regains a drive by the words once its keystore is lost", async () => {
    const vault = await openVault(folder);
    const { words } = await vault.create(passphrase("first"), undefined, "laptop");
    await vault.drive.write({ path: "/a" }, toUtf8("before"));
    await open?.close();
    await rename(join(folder, "keystore"), join(folder, "elsewhere"));

    const again = await openVault(folder);
    await assert.rejects(again.create(passphrase("x"), undefined, "laptop"), (error) =>
      isCloudError(error, "damaged"),
    );
    const others = await strangersWords();
    await assert.rejects(again.create(passphrase("x"), others, "laptop"), (error) =>
      isCloudError(error, "wrong-passphrase"),
    );
    await again.create(passphrase("new"), words, "desk");
    assert.equal(fromUtf8(await again.drive.read("/a", {})), "before");
    await again.drive.write({ path: "/a" }, toUtf8("after"));
    const log = await again.drive.log("/a", 10, true);
    assert.deepEqual(
      log.map(({ device }) => device),
      ["desk", "laptop"],
    );
  });

  it("leaves no account when making it fails, so that it can be made again", async () => {
    const vault = await openVault(folder);
    const failing = failAfterRename(folder);
    try {
      await assert.rejects(vault.create(passphrase("first"), undefined, "laptop"), (error) =>
        isCloudError(error, "storage"),
      );
    } finally {
      failing.end();
    }
    assert.equal(vault.state, "no-account");
    const { words } = await vault.create(passphrase("second"), undefined, "laptop");
    assert.equal(words?.split(" ").length, 24);
    await vault.lock();
    await vault.unlock(passphrase("second"));
  });

  it("leaves no account, and no process that had a key, when what was made can't be opened", async () => {
    const vault = await openVault(folder, failingFirstHeads);
    let cleared = 0;
    const clear = pool.clear.bind(pool);
    pool.clear = () => {
      cleared++;
      return clear();
    };
    await assert.rejects(vault.create(passphrase("first"), undefined, "laptop"), (error) =>
      isCloudError(error, "storage"),
    );
    assert.equal(cleared, 1);
    assert.equal(vault.state, "no-account");
    await vault.create(passphrase("first"), undefined, "laptop");
  });

  it("knows after a failed change of the secret which one opens what lies on disk", async () => {
    const vault = await openVault(folder);
    await vault.create(passphrase("first"), undefined, "laptop");
    const failing = failAfterRename(folder);
    try {
      await assert.rejects(vault.setSecret(passphrase("first"), passphrase("second")), (error) =>
        isCloudError(error, "storage"),
      );
    } finally {
      failing.end();
    }
    const key: KeystoreSecret = { kind: "editor", key: systemRandom(32) };
    await assert.rejects(vault.setSecret(passphrase("first"), key), (error) =>
      isCloudError(error, "wrong-passphrase"),
    );
    await vault.setSecret(passphrase("second"), key);
    await vault.lock();
    await assert.rejects(vault.unlock(passphrase("first")), (error) =>
      isCloudError(error, "wrong-passphrase"),
    );
    await vault.unlock(passphrase("second"));
  });

  it("makes a copied data folder a writer of its own, and both go on", async () => {
    const vault = await openVault(folder);
    const { account } = await vault.create(passphrase("p"), undefined, "laptop");
    await vault.confirmWords(passphrase("p"), account);
    await vault.drive.write({ path: "/a" }, toUtf8("1"));
    await open?.close();
    const copy = `${folder}-copy`;
    await cp(folder, copy, { recursive: true });
    try {
      const copied = await openVault(copy);
      await copied.unlock(passphrase("p"));
      assert.equal(copied.notices.length, 1);
      const { version } = await copied.drive.write({ path: "/a" }, toUtf8("2"));
      await open?.close();
      const original = await openVault(folder);
      await original.unlock(passphrase("p"));
      assert.equal(original.notices.length, 0);
      const other = await original.drive.write({ path: "/a" }, toUtf8("3"));
      assert.notEqual(version.split("-")[1], other.version.split("-")[1]);
      assert.equal(version.split("-")[0], other.version.split("-")[0]);
      await open?.close();
    } finally {
      await rm(copy, { recursive: true, force: true });
    }
  });

  async function strangersWords(): Promise<string> {
    const { wordsOfSecret } = await import("../../src/node/account/words.ts");
    const { asAccountSecret } = await import("../../src/node/account/account.ts");
    return wordsOfSecret(asAccountSecret(systemRandom(32)));
  }
});
