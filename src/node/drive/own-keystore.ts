import { newWriter } from "../account/create.ts";
import {
  editorSlot,
  isUnconfirmed,
  type KeystorePlatform,
  type KeystoreSecret,
  type KeystoreSlot,
  type OpenKeystore,
  openKeystore,
  passphraseSlot,
  type SlotKey,
  sealKeystore,
} from "../account/keystore.ts";
import type { OwnWriter } from "../account/keystore-contents.ts";
import {
  decodeStatements,
  encodeStatements,
  type PublicStatements,
} from "../account/public-statements.ts";
import { equalBytes } from "../core/bytes.ts";
import { CloudError, isCloudError } from "../core/cloud-error.ts";
import type { RandomBytes } from "../crypto/primitives.ts";
import { readInstance } from "../platform/instance.ts";
import { wentOnAs } from "../space/heads/went-on.ts";
import {
  keystorePath,
  readKeystoreFile,
  removeKeystoreFile,
  writeKeystoreFile,
} from "../store/keystore.ts";
import type { Store } from "../store/store.ts";

/** Where a keystore lies and what it is sealed with. */
export interface KeystoreHost {
  /** The data folder. */
  readonly home: string;
  readonly store: Store;
  readonly platform: KeystorePlatform;
  readonly random: RandomBytes;
}

/** The row of the store that holds {@link PublicStatements}. */
const statementsRow = "statements";

/**
 * The keystore of one data folder, and what the store keeps of the account in public. It holds no
 * keys: what is opened is handed over.
 *
 * Invariants:
 * 1. What replaces the keystore is durable before the change is acknowledged. If that fails, the file
 *    that is held in memory is what lies on disk.
 * 2. A data folder that was copied or restored gets a writer of its own before anybody writes.
 */
export class OwnKeystore {
  readonly #host: KeystoreHost;
  #file: Uint8Array | undefined;

  private constructor(host: KeystoreHost, file: Uint8Array | undefined) {
    this.#host = host;
    this.#file = file;
  }

  /** Finds the keystore of a data folder, if it has one. Nothing is opened yet. */
  static async find(host: KeystoreHost): Promise<OwnKeystore> {
    return new OwnKeystore(host, await readKeystoreFile(host.home));
  }

  /** The keystore as it lies on disk, sealed; `undefined` where there is none. */
  get file(): Uint8Array | undefined {
    return this.#file;
  }

  /** A sentence, if the folder holds a drive whose keystore is gone. */
  get loss(): string | undefined {
    const { home, store } = this.#host;
    if (this.#file !== undefined || store.spaces().length === 0) return undefined;
    return `${home} holds a drive whose keystore is missing: put the file back from a copy, or make it anew from the 24 words with "ipcloud init --words-in FILE"`;
  }

  /** Whether the keystore holds words that nobody has confirmed to have. It is told without its keys. */
  get isUnconfirmed(): boolean {
    const file = this.#file;
    if (file === undefined) return false;
    try {
      return isUnconfirmed(this.#host.platform.primitives, file);
    } catch (error) {
      if (!isCloudError(error, "damaged", "newer")) throw error;
      return false; // whoever opens it hears of that
    }
  }

  /**
   * Whether a new account may take the place of the one that is there: nobody has confirmed its words,
   * and nothing was ever written to any of its spaces.
   */
  get mayBeReplaced(): boolean {
    return this.isUnconfirmed && this.#host.store.spaces().length === 0;
  }

  /** Reads the file anew: someone may have put it back from a copy. */
  async look(): Promise<void> {
    const before = this.#file;
    const found = await readKeystoreFile(this.#host.home);
    if (this.#file === before) this.#file = found;
  }

  /** Opens the keystore. @throws no-account; damaged, if it is gone; wrong-passphrase, newer */
  async open(secret: KeystoreSecret | SlotKey): Promise<OpenKeystore> {
    return openKeystore(this.#host.platform, this.mustBeThere(), secret);
  }

  /** Makes a way in. @throws usage, for an empty passphrase */
  async slot(secret: KeystoreSecret): Promise<KeystoreSlot> {
    const { platform, random } = this.#host;
    return secret.kind === "passphrase"
      ? passphraseSlot(platform, random, secret.passphrase)
      : editorSlot(platform, secret.key);
  }

  /** What the store keeps of the account in public, for the day when the keystore is lost. */
  statements(): PublicStatements {
    const bytes = this.#host.store.setting(statementsRow);
    if (bytes !== undefined) return decodeStatements(bytes);
    throw new CloudError("damaged", "the store lacks the statements that the words would open");
  }

  /** Replaces the keystore, and before it the public statements. @throws storage and its kin */
  async save(keystore: OpenKeystore): Promise<void> {
    const { home, store, platform, random } = this.#host;
    const statements = encodeStatements(keystore.contents);
    await store.begin().commit({ settings: [{ name: statementsRow, value: statements }] });
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

  /**
   * Takes back a keystore that was just made.
   * @param cause - why.
   * @throws storage, an error that names the keystore, if it can't be removed
   */
  async giveUp(cause: unknown): Promise<void> {
    const { home } = this.#host;
    this.#file = undefined;
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

  /**
   * A keystore whose writer belongs to another copy of the folder gets a new one; and one of which a
   * space went on as a new one learns of it. What is new is durable, unless nothing can be written
   * now: then it holds until the next lock, and what it may write later counts all the same.
   */
  async withOwnWriter(
    keystore: OpenKeystore,
  ): Promise<{ keystore: OpenKeystore; isCopy: boolean }> {
    const { home, random } = this.#host;
    const { contents } = keystore;
    const instance = readInstance(home);
    const now = this.#writerNow(keystore);
    const isOwn = equalBytes(now.instance, instance);
    if (isOwn && now === contents.writer) return { keystore, isCopy: false };
    const writer = isOwn ? now : newWriter(random, instance);
    const next = { ...keystore, contents: { ...contents, writer } };
    try {
      await this.save(next);
    } catch (error) {
      if (!isCloudError(error, "storage-full", "storage-read-only")) throw error;
    }
    return { keystore: next, isCopy: !isOwn };
  }

  /** The keystore's writer, or that as which the first space of it went on that did. */
  #writerNow({ contents }: OpenKeystore): OwnWriter {
    const { store, platform } = this.#host;
    const ground = { store, primitives: platform.primitives };
    for (const space of contents.spaces) {
      const next = wentOnAs(ground, space, contents.writer);
      if (next !== undefined) return next;
    }
    return contents.writer;
  }

  /** The file, sealed. @throws no-account; damaged, if it is gone */
  mustBeThere(): Uint8Array {
    if (this.#file !== undefined) return this.#file;
    const { loss } = this;
    if (loss !== undefined) throw new CloudError("damaged", loss);
    throw new CloudError(
      "no-account",
      `there is no account in ${this.#host.home} yet: "ipcloud init" makes one`,
    );
  }
}
