import { accountName, asAccountSecret } from "../account/account.ts";
import { createAccount, newWriter } from "../account/create.ts";
import {
  editorSlot,
  type KeystorePlatform,
  type KeystoreSecret,
  type KeystoreSlot,
  type OpenKeystore,
  openKeystore,
  passphraseSlot,
  sealKeystore,
  withoutSlot,
  withSlot,
} from "../account/keystore.ts";
import {
  decodeStatements,
  encodeStatements,
  type PublicStatements,
  recoverAccount,
} from "../account/recover.ts";
import { secretOfWords, wordsOfSecret } from "../account/words.ts";
import { equalBytes } from "../core/bytes.ts";
import { CloudError, isCloudError } from "../core/cloud-error.ts";
import { Turns } from "../core/turns.ts";
import { keyBytes } from "../crypto/derive.ts";
import type { RandomBytes } from "../crypto/primitives.ts";
import { readInstance } from "../platform/instance.ts";
import { wentOnAs } from "../space/next-writer.ts";
import { type OpenSpace, openSpace } from "../space/open-space.ts";
import { defaultSettings, readSettings, writeSettings } from "../space/settings.ts";
import type { ChangedEvent, Settings, SettingsChange, VerifyReport } from "../space/types.ts";
import { verify } from "../space/upkeep.ts";
import type { WorkCall } from "../space/work-call.ts";
import {
  keystorePath,
  readKeystoreFile,
  removeKeystoreFile,
  writeKeystoreFile,
} from "../store/keystore.ts";
import type { Store } from "../store/store.ts";
import { SealPool } from "../transfer/worker/seal-pool.ts";
import { AutoLock } from "./auto-lock.ts";
import { Drive, openDrive } from "./drive.ts";

/** What a vault is opened with. */
export interface VaultOptions {
  /** The data folder. */
  readonly home: string;
  readonly store: Store;
  readonly platform: KeystorePlatform;
  readonly random: RandomBytes;
  readonly now: () => number;
  readonly onChanged: (event: ChangedEvent) => void;
  /** The vault was locked, unlocked or made. */
  readonly onState: () => void;
}

/** The row of the store that holds {@link PublicStatements}. */
const statementsRow = "statements";

/** What is open while a vault is unlocked. */
interface Open {
  readonly keystore: OpenKeystore;
  readonly space: OpenSpace;
  /** Or what keeps it from being opened: it can still be verified. */
  readonly drive: Drive | CloudError;
  readonly pool: SealPool;
  settings: Settings;
  /** Sentences that hold while this is open. */
  readonly notices: readonly string[];
}

/**
 * The account of one data folder: its keystore, and while it is unlocked its drive.
 *
 * Invariants:
 * 1. Keys are in memory only while the vault is unlocked.
 * 2. What replaces the keystore is durable before the change is acknowledged. If that fails, what is
 *    held in memory is what lies on disk.
 * 3. Fresh words are shown, or no account is left that they belong to.
 * 4. A data folder that was copied or restored gets a writer of its own before it writes.
 */
export class Vault {
  readonly #options: VaultOptions;
  #file: Uint8Array | undefined;
  #open: Open | undefined;
  /** One change of state after the other. */
  readonly #turns = new Turns();
  readonly #autoLock = new AutoLock(() => {
    void this.lock();
  });
  readonly #notices: string[] = [];

  private constructor(options: VaultOptions, file: Uint8Array | undefined) {
    this.#options = options;
    this.#file = file;
  }

  /** Finds the account of a data folder, if it has one. Nothing is opened yet. */
  static async find(options: VaultOptions): Promise<Vault> {
    return new Vault(options, await readKeystoreFile(options.home));
  }

  /** Looks at the keystore anew while nothing is open: someone may have put it back from a copy. */
  async look(): Promise<void> {
    if (this.#open !== undefined) return;
    const file = await readKeystoreFile(this.#options.home);
    if (this.state !== "unlocked") this.#file = file;
  }

  get state(): "no-account" | "locked" | "unlocked" {
    if (this.#file === undefined) return "no-account";
    return this.#open === undefined ? "locked" : "unlocked";
  }

  /** Sentences that the user should know. */
  get notices(): readonly string[] {
    return [...this.#notices, ...(this.#open?.notices ?? this.#lost())];
  }

  /** The account's name and this device's; only while unlocked. */
  get names(): { readonly account: string; readonly device: string } | undefined {
    if (this.#open === undefined) return undefined;
    const { account, deviceName } = this.#open.keystore.contents;
    return { account: accountName(this.#options.platform.primitives, account), device: deviceName };
  }

  /** The open drive. @throws no-account, locked; damaged, if it can't be opened */
  get drive(): Drive {
    const { drive } = this.#opened();
    if (drive instanceof CloudError) throw drive;
    return drive;
  }

  /** The current revision; `undefined` while there is none to be seen. */
  get revision(): string | undefined {
    const drive = this.#open?.drive;
    return drive === undefined || drive instanceof CloudError ? undefined : drive.revision;
  }

  /** Checks all that is kept, also of a drive that can't be opened. @throws no-account, locked */
  async verify(call: WorkCall): Promise<VerifyReport> {
    const { drive, space } = this.#opened();
    return drive instanceof CloudError ? verify(space, undefined, call) : drive.verify(call);
  }

  get settings(): Settings {
    return this.#opened().settings;
  }

  /** Serves a request; the automatic lock waits for its end, and counts from there. */
  use<Result>(serve: () => Promise<Result>): Promise<Result> {
    return this.#autoLock.use(serve);
  }

  /**
   * Makes an account, fresh or that of the words, and unlocks it. Where the folder holds a drive
   * whose keystore is lost, the words regain it.
   * @returns the words, if they were drawn: shown once, kept nowhere.
   * @throws exists, if the folder has an account; usage, for words that are none; wrong-passphrase,
   * if the drive there is another account's
   */
  create(
    secret: KeystoreSecret,
    words: string | undefined,
    deviceName: string,
  ): Promise<{ words: string | undefined; account: string }> {
    return this.#turns.take(async () => {
      const { home, store, platform, random } = this.#options;
      await this.look();
      if (this.#file !== undefined) {
        throw new CloudError("exists", `${home} holds an account already`);
      }
      const isLost = store.heads().length > 0;
      if (isLost && words === undefined) {
        throw new CloudError(
          "damaged",
          `${home} holds a drive whose keystore is missing: put the file back from a copy, give the 24 words, or move the folder away to begin anew`,
        );
      }
      const entropy =
        words === undefined ? asAccountSecret(random(keyBytes)) : secretOfWords(words);
      const input = { secret: entropy, deviceName, instance: readInstance(home) };
      const contents = isLost
        ? await recoverAccount(platform.primitives, random, {
            ...input,
            statements: this.#statements(),
          })
        : await createAccount(platform.primitives, random, input);
      const shown = words === undefined ? wordsOfSecret(entropy) : undefined;
      entropy.fill(0);
      const keystore = { contents, slots: [await this.#slot(secret)] };
      await this.#begin(keystore);
      return { words: shown, account: accountName(platform.primitives, contents.account) };
    });
  }

  /** Makes a new account durable and opens it. What fails leaves no account: its words are lost. */
  async #begin(keystore: OpenKeystore): Promise<void> {
    try {
      await this.#save(keystore);
      await this.#enter(keystore);
    } catch (error) {
      this.#file = undefined;
      await this.#giveUp(error).finally(() => this.#leave());
      throw error;
    }
  }

  /** @throws an error that names the keystore, if it can't be removed */
  async #giveUp(cause: unknown): Promise<void> {
    const { home } = this.#options;
    try {
      await removeKeystoreFile(home);
    } catch (error) {
      throw new CloudError(
        "storage",
        `no account was made, and its keystore could not be removed again: delete ${keystorePath(home)}`,
        { cause: new AggregateError([cause, error]) },
      );
    }
  }

  /** Opens the keystore and the drive. @throws no-account, wrong-passphrase, damaged, newer */
  unlock(secret: KeystoreSecret): Promise<void> {
    return this.#turns.take(async () => {
      await this.look();
      const keystore = await this.#check(secret);
      if (this.#open !== undefined) return;
      await this.#enter(await this.#ownWriter(keystore));
    });
  }

  /** Forgets the keys, once running changes are durable. */
  lock(): Promise<void> {
    return this.#turns.take(() => this.#leave());
  }

  /** Replaces the way in of the kind of `next`, or adds it. @throws locked, wrong-passphrase */
  setSecret(current: KeystoreSecret, next: KeystoreSecret): Promise<void> {
    return this.#turns.take(async () => {
      const open = this.#opened();
      await this.#check(current);
      const slot = await this.#slot(next);
      await this.#replace(open, withSlot(open.keystore, slot));
    });
  }

  /** Takes away the way in by the editor's key. @throws usage, if it is the only one */
  removeEditorKey(): Promise<void> {
    return this.#turns.take(async () => {
      const open = this.#opened();
      await this.#replace(open, withoutSlot(open.keystore, "editor"));
    });
  }

  setSettings(changes: SettingsChange): Promise<Settings> {
    return this.#turns.take(async () => {
      const open = this.#opened();
      const retention = { ...open.settings.retention, ...changes.retention };
      const settings = { ...open.settings, ...changes, retention };
      await writeSettings(open.space, settings);
      open.settings = settings;
      this.#autoLock.start(settings.autoLockMinutes);
      return settings;
    });
  }

  /** Waits for running changes and forgets the keys. */
  close(): Promise<void> {
    return this.lock();
  }

  #opened(): Open {
    if (this.#open !== undefined) return this.#open;
    const { home } = this.#options;
    const [lost] = this.#lost();
    if (lost !== undefined) throw new CloudError("damaged", lost);
    if (this.#file === undefined) {
      throw new CloudError(
        "no-account",
        `there is no account in ${home} yet: "ipcloud init" makes one`,
      );
    }
    throw new CloudError("locked", `the drive in ${home} is locked: unlock it with its passphrase`);
  }

  #check(secret: KeystoreSecret): Promise<OpenKeystore> {
    if (this.#file === undefined) this.#opened();
    return openKeystore(this.#options.platform, this.#file as Uint8Array, secret);
  }

  #slot(secret: KeystoreSecret): Promise<KeystoreSlot> {
    const { platform, random } = this.#options;
    return secret.kind === "passphrase"
      ? passphraseSlot(platform, random, secret.passphrase)
      : Promise.resolve(editorSlot(platform, secret.key));
  }

  /** What the store keeps of the account in public, for the day when the keystore is lost. */
  #statements(): PublicStatements {
    const bytes = this.#options.store.setting(statementsRow);
    if (bytes !== undefined) return decodeStatements(bytes);
    throw new CloudError("damaged", "the store lacks the statements that the words would open");
  }

  async #save(keystore: OpenKeystore): Promise<void> {
    const { home, store, platform, random } = this.#options;
    const statements = encodeStatements(keystore.contents);
    await store.begin().commit({ settings: new Map([[statementsRow, statements]]) });
    const file = sealKeystore(platform.primitives, random, keystore);
    try {
      await writeKeystoreFile(home, file);
    } catch (error) {
      const found = await readKeystoreFile(home).catch(() => undefined);
      if (found !== undefined && equalBytes(found, file)) this.#file = file;
      throw error;
    }
    this.#file = file;
  }

  async #replace(open: Open, keystore: OpenKeystore): Promise<void> {
    const before = this.#file;
    try {
      await this.#save(keystore);
    } finally {
      if (this.#file !== before) this.#open = { ...open, keystore };
    }
  }

  /**
   * A keystore whose writer belongs to another copy of the folder gets a new one; and one whose store
   * went on as a new one learns of it.
   */
  async #ownWriter(keystore: OpenKeystore): Promise<OpenKeystore> {
    const { home, store, platform, random } = this.#options;
    const { contents } = keystore;
    const instance = readInstance(home);
    const now = wentOnAs({ store, contents, primitives: platform.primitives }) ?? contents.writer;
    const isOwn = equalBytes(now.instance, instance);
    if (isOwn && now === contents.writer) return keystore;
    const writer = isOwn ? now : newWriter(random, instance);
    const next = { ...keystore, contents: { ...contents, writer } };
    await this.#save(next);
    this.#notices.push(
      "this data folder was copied, restored or moved to another disk: it goes on as a new writer, beside the one it came from",
    );
    return next;
  }

  async #enter(keystore: OpenKeystore): Promise<void> {
    const { home, store, platform, random, now } = this.#options;
    const space = openSpace(store, keystore.contents, platform.primitives, random);
    const notices: string[] = [];
    const settings = readableSettings(space, notices);
    const pool = new SealPool();
    const drive = await openDrive({
      space,
      pool,
      home,
      now,
      settings: () => this.#open?.settings ?? settings,
      onChanged: this.#options.onChanged,
    }).catch(async (error: unknown) => {
      if (!isCloudError(error, "damaged")) {
        await pool.close();
        throw error;
      }
      const sentence = `the drive can't be opened: ${error.message}; "ipcloud verify" tells what else is damaged`;
      notices.push(sentence);
      return new CloudError("damaged", sentence, { cause: error });
    });
    this.#open = { keystore, space, drive, pool, settings, notices };
    this.#autoLock.start(settings.autoLockMinutes);
    this.#options.onState();
  }

  /** What is to be said of a drive whose keystore is gone. */
  #lost(): string[] {
    const { home, store } = this.#options;
    if (this.#file !== undefined || store.heads().length === 0) return [];
    return [
      `${home} holds a drive whose keystore is missing: put the file back from a copy, or make it anew from the 24 words with "ipcloud init --words-in FILE"`,
    ];
  }

  async #leave(): Promise<void> {
    const open = this.#open;
    if (open === undefined) return;
    this.#autoLock.stop();
    this.#open = undefined;
    if (open.drive instanceof Drive) await open.drive.close();
    await open.pool.close();
    this.#options.onState();
  }
}

/** The settings of a space; the default ones, with a notice, if its own are damaged. */
function readableSettings(space: OpenSpace, notices: string[]): Settings {
  try {
    return readSettings(space);
  } catch (error) {
    if (!isCloudError(error, "damaged")) throw error;
    notices.push(`${error.message}: the default ones hold until you set them again`);
    return defaultSettings;
  }
}
