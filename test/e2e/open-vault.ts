import type { KeystoreSecret } from "../../src/node/account/keystore.ts";
import { Vault } from "../../src/node/drive/vault.ts";
import { argon2id } from "../../src/node/platform/argon2.ts";
import { nodePrimitives } from "../../src/node/platform/primitives.ts";
import { systemRandom } from "../../src/node/platform/random.ts";
import type { LocalStore } from "../../src/node/store/local-store.ts";
import { type OpenStoreOptions, openStore } from "../../src/node/store/open-store.ts";
import { SealPool } from "../../src/node/transfer/worker/seal-pool.ts";

/** Opens a test's keystores without the time that a passphrase takes on purpose. */
export const testKey: KeystoreSecret & { readonly kind: "editor" } = {
  kind: "editor",
  key: new Uint8Array(32).fill(7),
};

/** The account of a data folder as a node has it, without a node. */
export interface OpenedVault {
  readonly store: LocalStore;
  readonly vault: Vault;
  close(): Promise<void>;
}

/** How {@link openVault} differs from a node. */
export interface VaultSetting extends OpenStoreOptions {
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  readonly secret?: KeystoreSecret;
  /** Whether an account is made and unlocked; by default, yes. */
  readonly makes?: boolean;
  /** Whether the words of one that is made are confirmed at once; by default, yes. */
  readonly confirms?: boolean;
  /** As of the vault. */
  readonly onUnused?: () => void;
}

/** Opens the store and the vault of a data folder, and unlocks it; makes an account if it has none. */
export async function openVault(home: string, setting: VaultSetting = {}): Promise<OpenedVault> {
  const {
    now = Date.now,
    secret = testKey,
    makes = true,
    confirms = true,
    onUnused,
    ...options
  } = setting;
  const store = await openStore(home, options);
  const pool = new SealPool();
  try {
    const vault = await Vault.find({
      home,
      store,
      platform: { primitives: nodePrimitives, argon2id },
      random: systemRandom,
      pool,
      now,
      onChanged: () => undefined,
      onState: () => undefined,
      ...(onUnused === undefined ? {} : { onUnused }),
    });
    if (makes && vault.state === "no-account") {
      const { account } = await vault.create(secret, undefined, "laptop");
      if (confirms) await vault.confirmWords(secret, account);
    } else if (makes) await vault.unlock(secret);
    const close = async (): Promise<void> => {
      await vault.close();
      await pool.close();
      await store.close();
    };
    return { store, vault, close };
  } catch (error) {
    await store.close();
    throw error;
  }
}
