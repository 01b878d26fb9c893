import { accountName } from "../account/account.ts";
import { type KeptSpace, withSpace } from "../account/kept-space.ts";
import {
  type KeystoreSecret,
  type OpenKeystore,
  withoutSlot,
  withSlot,
} from "../account/keystore.ts";
import { CloudError } from "../core/cloud-error.ts";
import type { SpaceId } from "../core/ids.ts";
import { Turns } from "../core/turns.ts";
import { readInstance } from "../platform/instance.ts";
import type { Settings, SettingsChange, VerifyReport } from "../space/types.ts";
import type { WorkCall } from "../space/work-call.ts";
import type { Drive } from "./drive.ts";
import { newAccount } from "./new-account.ts";
import { type KeystoreHost, OwnKeystore } from "./own-keystore.ts";
import { Session, type SessionHost } from "./session.ts";

/** What a vault is opened with. */
export interface VaultOptions
  extends KeystoreHost,
    Pick<SessionHost, "now" | "pool" | "onChanged"> {
  /** The vault was locked, unlocked or made. */
  readonly onState: () => void;
}

/**
 * The account of one data folder, locked or not: its keystore, and while it is unlocked a session.
 *
 * Invariants (those of what lies on disk stand with {@link OwnKeystore}, those of what is open with
 * {@link Session}):
 * 1. Keys are in memory only while there is a session, and there is one only while it is unlocked.
 * 2. Changes of state come one after the other.
 * 3. Fresh words are shown, or no account is left that they belong to.
 */
export class Vault {
  readonly #options: VaultOptions;
  readonly #keystore: OwnKeystore;
  #session: Session | undefined;
  readonly #turns = new Turns();
  /** Sentences that hold from now on. */
  readonly #notices: string[] = [];

  private constructor(options: VaultOptions, keystore: OwnKeystore) {
    this.#options = options;
    this.#keystore = keystore;
  }

  /** Finds the account of a data folder, if it has one. Nothing is opened yet. */
  static async find(options: VaultOptions): Promise<Vault> {
    return new Vault(options, await OwnKeystore.find(options));
  }

  /** Looks at the keystore anew while nothing is open: someone may have put it back from a copy. */
  async look(): Promise<void> {
    if (this.#session === undefined) await this.#keystore.look();
  }

  get state(): "no-account" | "locked" | "unlocked" {
    if (this.#keystore.file === undefined) return "no-account";
    return this.#session === undefined ? "locked" : "unlocked";
  }

  /** Sentences that the user should know. */
  get notices(): readonly string[] {
    const { loss } = this.#keystore;
    const now = this.#session?.notices ?? (loss === undefined ? [] : [loss]);
    return [...this.#notices, ...now];
  }

  /** As in {@link Session}; only while unlocked. */
  get names(): Session["names"] | undefined {
    return this.#session?.names;
  }

  /** The account's own drive. @throws no-account, locked; damaged, if it can't be opened */
  get drive(): Drive {
    return this.#opened().drive();
  }

  /** What a space of the account holds; its own drive, if none is named. @throws not-found, too */
  driveOf(space: SpaceId | undefined): Drive {
    return this.#opened().drive(space);
  }

  /** The current revision; `undefined` while there is none to be seen. */
  get revision(): string | undefined {
    return this.#session?.revision;
  }

  /** Checks all that is kept, also of a drive that can't be opened. @throws no-account, locked */
  async verify(call: WorkCall): Promise<VerifyReport> {
    return this.#opened().verify(call);
  }

  get settings(): Settings {
    return this.#opened().settings;
  }

  /** Serves a request; the automatic lock waits for its end, and counts from there. */
  use<Result>(serve: () => Promise<Result>): Promise<Result> {
    return this.#session === undefined ? serve() : this.#session.use(serve);
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
      const { home, platform, random } = this.#options;
      await this.look();
      if (this.#keystore.file !== undefined) {
        throw new CloudError("exists", `${home} holds an account already`);
      }
      const isLost = this.#keystore.loss !== undefined;
      if (isLost && words === undefined) {
        throw new CloudError(
          "damaged",
          `${home} holds a drive whose keystore is missing: put the file back from a copy, give the 24 words, or move the folder away to begin anew`,
        );
      }
      const made = await newAccount(platform.primitives, random, {
        words,
        statements: isLost ? this.#keystore.statements() : undefined,
        deviceName,
        instance: readInstance(home),
      });
      const { contents } = made;
      await this.#begin({ contents, slots: [await this.#keystore.slot(secret)] });
      return { words: made.words, account: accountName(platform.primitives, contents.account) };
    });
  }

  /** Makes a new account durable and opens it. What fails leaves no account: its words are lost. */
  async #begin(keystore: OpenKeystore): Promise<void> {
    try {
      await this.#keystore.save(keystore);
      await this.#enter(keystore);
    } catch (error) {
      await this.#keystore.giveUp(error).finally(() => this.#leave());
      throw error;
    }
  }

  /** Opens the keystore and the drive. @throws no-account, wrong-passphrase, damaged, newer */
  unlock(secret: KeystoreSecret): Promise<void> {
    return this.#turns.take(async () => {
      await this.look();
      const opened = await this.#keystore.open(secret);
      if (this.#session !== undefined) return;
      const { keystore, isCopy } = await this.#keystore.withOwnWriter(opened);
      if (isCopy) {
        this.#notices.push(
          "this data folder was copied, restored or moved to another disk: it goes on as a new writer, beside the one it came from",
        );
      }
      await this.#enter(keystore);
    });
  }

  /** Forgets the keys, once running changes are durable. */
  lock(): Promise<void> {
    return this.#turns.take(() => this.#leave());
  }

  /** Replaces the way in of the kind of `next`, or adds it. @throws locked, wrong-passphrase */
  setSecret(current: KeystoreSecret, next: KeystoreSecret): Promise<void> {
    return this.#turns.take(async () => {
      const session = this.#opened();
      await this.#keystore.open(current);
      const slot = await this.#keystore.slot(next);
      await this.#replace(session, withSlot(session.keystore, slot));
    });
  }

  /** Takes away the way in by the editor's key. @throws usage, if it is the only one */
  removeEditorKey(): Promise<void> {
    return this.#turns.take(async () => {
      const session = this.#opened();
      await this.#replace(session, withoutSlot(session.keystore, "editor"));
    });
  }

  /**
   * Keeps what is known of a space now: another roster or epoch, or a space that the device did not
   * have. Once it is durable, what is written there is written with it.
   * @throws locked; damaged, newer, and then nothing changes
   */
  keepSpace(kept: KeptSpace): Promise<void> {
    return this.#turns.take(async () => {
      const session = this.#opened();
      session.checkSpace(kept);
      const { contents } = session.keystore;
      const spaces = withSpace(contents.spaces, kept);
      await this.#replace(session, { ...session.keystore, contents: { ...contents, spaces } });
      await session.takeSpace(kept);
    });
  }

  setSettings(changes: SettingsChange): Promise<Settings> {
    return this.#turns.take(() => this.#opened().setSettings(changes));
  }

  /** Waits for running changes and forgets the keys. */
  close(): Promise<void> {
    return this.lock();
  }

  /** @throws no-account, locked; damaged, if the keystore is gone */
  #opened(): Session {
    if (this.#session !== undefined) return this.#session;
    this.#keystore.mustBeThere();
    const { home } = this.#options;
    throw new CloudError("locked", `the drive in ${home} is locked: unlock it with its passphrase`);
  }

  async #replace(session: Session, keystore: OpenKeystore): Promise<void> {
    const before = this.#keystore.file;
    try {
      await this.#keystore.save(keystore);
    } finally {
      // Also where only the last sync failed: this is what lies on disk then.
      if (this.#keystore.file !== before) await session.replaceKeystore(keystore);
    }
  }

  async #enter(keystore: OpenKeystore): Promise<void> {
    const { primitives } = this.#options.platform;
    const onUnused = (): void => {
      void this.lock();
    };
    const { onState } = this.#options;
    const host = { ...this.#options, primitives, onUnused, onNotice: onState };
    this.#session = await Session.open(host, keystore);
    onState();
  }

  async #leave(): Promise<void> {
    const session = this.#session;
    if (session === undefined) return;
    this.#session = undefined;
    await session.close();
    this.#options.onState();
  }
}
