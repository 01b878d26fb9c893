import { accountName } from "../account/account.ts";
import { type KeptSpace, withSpace } from "../account/kept-space.ts";
import {
  type KeystoreSecret,
  type OpenKeystore,
  type SlotKey,
  withoutSlot,
  withSlot,
} from "../account/keystore.ts";
import { wordsOfSecret } from "../account/words.ts";
import { CloudError, isCloudError } from "../core/cloud-error.ts";
import type { SpaceId } from "../core/ids.ts";
import { Turns } from "../core/turns.ts";
import { readInstance, renewInstance } from "../platform/instance.ts";
import type { Settings, SettingsChange, VerifyReport } from "../space/types.ts";
import type { WorkCall } from "../space/work-call.ts";
import type { Bequest } from "./bequest.ts";
import type { Drive } from "./drive.ts";
import { HeldSecrets } from "./held-secrets.ts";
import { newAccount } from "./new-account.ts";
import { type KeystoreHost, OwnKeystore } from "./own-keystore.ts";
import { Session, type SessionHost } from "./session.ts";

/** What is said until somebody has confirmed to have the words. */
const unconfirmedNotice =
  'nobody has confirmed yet to have written down the 24 words of this account: until then "ipcloud words", or "Show Recovery Words" in the editor, shows them';

/** What a vault is opened with. */
export interface VaultOptions
  extends KeystoreHost,
    Pick<SessionHost, "now" | "pool" | "onChanged"> {
  /** The vault was locked, unlocked or made. */
  readonly onState: () => void;
  /** Nobody has used it for as long as its settings say: it is to be locked. By default it locks itself. */
  readonly onUnused?: () => void;
}

/**
 * The account of one data folder, locked or not: its keystore, and while it is unlocked a session.
 *
 * Invariants (those of what lies on disk stand with {@link OwnKeystore}, those of what is open with
 * {@link Session}):
 * 1. Keys are in memory only while there is a session, and there is one only while it is unlocked.
 * 2. Changes of state come one after the other.
 * 3. What it was given and held may be anywhere in the memory of the process, and goes with that alone:
 *    see {@link hasHeldSecrets} and {@link bequest}.
 * 4. Fresh words lie in the keystore, sealed, until somebody has confirmed to have them; then it is
 *    written anew without them.
 */
export class Vault {
  readonly #options: Required<VaultOptions>;
  readonly #keystore: OwnKeystore;
  #session: Session | undefined;
  readonly #turns = new Turns();
  /** Sentences that hold from now on. */
  readonly #notices: string[] = [];
  /** Those that were open before. */
  readonly #former: Session[] = [];
  readonly #secrets = new HeldSecrets(() => {
    if (this.#session === undefined) this.#options.onUnused();
  });

  private constructor(options: VaultOptions, keystore: OwnKeystore) {
    this.#options = { onUnused: () => void this.lock(), ...options };
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

  /** Whether the memory of this process may hold secrets. */
  get hasHeldSecrets(): boolean {
    return this.#secrets.hasAny;
  }

  /** What the vault of the process goes on with that takes the place of this one. */
  bequest(): Bequest {
    const [slot] = this.#session?.keystore.slots ?? [];
    return {
      notices: this.#notices,
      slot: slot && { kind: "slot", of: slot.kind, key: slot.key.slice() },
    };
  }

  /** Goes on with what another vault has left; where that was unlocked, this is. */
  async resume({ notices, slot }: Bequest): Promise<void> {
    this.#notices.push(...notices);
    if (slot === undefined) return;
    try {
      await this.#unlock(slot);
    } catch (error) {
      // Whoever needs it is asked for the passphrase, and hears then what is wrong.
      if (!isCloudError(error)) throw error;
    }
  }

  /** Sentences that the user should know. */
  get notices(): readonly string[] {
    const { loss } = this.#keystore;
    const now = this.#session?.notices ?? (loss === undefined ? [] : [loss]);
    const words = this.unconfirmed === undefined ? [] : [unconfirmedNotice];
    const { refusal } = this.#options.store;
    const ofStore = refusal === undefined ? [] : [refusal.message];
    return [...ofStore, ...words, ...this.#notices, ...now];
  }

  /** What is to be known while nobody has confirmed the words of the account; else `undefined`. */
  get unconfirmed(): { readonly mayBeReplaced: boolean } | undefined {
    const { isUnconfirmed, mayBeReplaced } = this.#keystore;
    return isUnconfirmed ? { mayBeReplaced } : undefined;
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

  /**
   * Lets a store that has lost acknowledged changes go on without them after the next start of the
   * node, as a new writer: what was lost may be known elsewhere under the numbers that come next.
   * @throws usage, if nothing is missing; storage-full, storage
   */
  acceptLoss(): Promise<void> {
    return this.#turns.take(async () => {
      const { home, store } = this.#options;
      await store.acceptLoss(() => {
        renewInstance(home);
      });
    });
  }

  get settings(): Settings {
    return this.#opened().settings;
  }

  /** As in {@link Session}; only while unlocked. */
  get housekeeping(): Session["housekeeping"] {
    return this.#session?.housekeeping;
  }

  /** Ends what is being freed while nobody is there, and waits for that. */
  async endHousekeeping(): Promise<void> {
    await this.#session?.endHousekeeping();
  }

  /** Whether something is being freed while nobody is there. */
  get isKeepingHouse(): boolean {
    return this.#session?.isKeepingHouse === true;
  }

  /** Serves a request; the automatic lock waits for its end, and counts from there. */
  use<Result>(serve: () => Promise<Result>): Promise<Result> {
    return this.#session === undefined ? serve() : this.#session.use(serve);
  }

  /**
   * Makes an account, fresh or that of the words, and unlocks it. Where the folder holds a drive
   * whose keystore is lost, the words regain it. In the place of an account it comes only where nobody
   * has confirmed the words of that, and nothing was ever written to it.
   * @returns the words, if they were drawn: kept until they are confirmed.
   * @throws exists, if the folder has another account; usage, for words that are none; wrong-passphrase,
   * if the drive there is another account's
   */
  create(
    secret: KeystoreSecret,
    words: string | undefined,
    deviceName: string,
  ): Promise<{ words: string | undefined; account: string }> {
    return this.#holding(async () => {
      const { home, platform, random } = this.#options;
      await this.look();
      if (this.#keystore.mayBeReplaced) await this.#leave();
      if (this.#keystore.file !== undefined && !this.#keystore.mayBeReplaced) {
        throw new CloudError("exists", `${home} holds an account already`);
      }
      const isLost = this.#keystore.loss !== undefined;
      if (isLost && words === undefined) {
        throw new CloudError(
          "damaged",
          `${home} holds a drive whose keystore is missing: put the file back from a copy, give the 24 words, or move the folder away to begin anew`,
        );
      }
      const contents = await newAccount(platform.primitives, random, {
        words,
        statements: isLost ? this.#keystore.statements() : undefined,
        deviceName,
        instance: readInstance(home),
      });
      await this.#begin({ contents, slots: [await this.#keystore.slot(secret)] });
      const drawn = contents.words && wordsOfSecret(contents.words);
      return { words: drawn, account: accountName(platform.primitives, contents.account) };
    });
  }

  /**
   * The words of the account, as long as nobody has confirmed to have them.
   * @throws no-account, wrong-passphrase; not-found, if they were confirmed: then they are kept nowhere
   */
  words(secret: KeystoreSecret): Promise<{ words: string; account: string }> {
    return this.#holding(async () => {
      const { contents } = await this.#keystore.open(secret);
      if (contents.words === undefined) {
        throw new CloudError(
          "not-found",
          "the 24 words of this account are kept nowhere: somebody has confirmed to have them, or they were given when it was set up here",
        );
      }
      const account = accountName(this.#options.platform.primitives, contents.account);
      return { words: wordsOfSecret(contents.words), account };
    });
  }

  /**
   * Forgets the words: somebody has them now. Where they are forgotten already, nothing happens.
   * @param account - the name of theirs.
   * @throws no-account, wrong-passphrase; usage, if another account is there now
   */
  confirmWords(secret: KeystoreSecret, account: string): Promise<void> {
    return this.#holding(async () => {
      const opened = await this.#keystore.open(secret);
      const { words, ...contents } = opened.contents;
      if (accountName(this.#options.platform.primitives, contents.account) !== account) {
        throw new CloudError(
          "usage",
          `${this.#options.home} holds another account than ${account}`,
        );
      }
      if (words === undefined) return;
      const held = this.#session?.keystore.contents.words;
      await this.#save({ ...opened, contents });
      words.fill(0);
      held?.fill(0);
      this.#options.onState();
    });
  }

  /** Makes a new account durable and opens it. What fails leaves no account. */
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
    return this.#unlock(secret);
  }

  #unlock(secret: KeystoreSecret | SlotKey): Promise<void> {
    return this.#holding(async () => {
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

  /**
   * Forgets the keys, once running changes are durable. They are in the memory of the process still: it
   * should end.
   */
  lock(): Promise<void> {
    return this.#turns.take(() => this.#leave());
  }

  /** Replaces the way in of the kind of `next`, or adds it. @throws locked, wrong-passphrase */
  setSecret(current: KeystoreSecret, next: KeystoreSecret): Promise<void> {
    return this.#holding(async () => {
      const session = this.#opened();
      await this.#keystore.open(current);
      const slot = await this.#keystore.slot(next);
      await this.#save(withSlot(session.keystore, slot));
    });
  }

  /** Takes away the way in by the editor's key. @throws usage, if it is the only one */
  removeEditorKey(): Promise<void> {
    return this.#turns.take(async () => {
      const session = this.#opened();
      await this.#save(withoutSlot(session.keystore, "editor"));
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
      await this.#save({ ...session.keystore, contents: { ...contents, spaces } });
      await session.takeSpace(kept);
    });
  }

  setSettings(changes: SettingsChange): Promise<Settings> {
    return this.#turns.take(() => this.#opened().setSettings(changes));
  }

  /** Waits for running changes and forgets the keys. */
  close(): Promise<void> {
    this.#secrets.stop();
    return this.lock();
  }

  /** Overwrites what is at hand of the keys that it had. Only once it and the store are closed. */
  wipe(): void {
    for (const session of this.#former.splice(0)) session.wipe();
  }

  /** @throws no-account, locked; damaged, if the keystore is gone */
  #opened(): Session {
    if (this.#session !== undefined) return this.#session;
    this.#keystore.mustBeThere();
    const { home } = this.#options;
    throw new CloudError("locked", `the drive in ${home} is locked: unlock it with its passphrase`);
  }

  /** Replaces the keystore on disk, and the one of the session if there is one. */
  async #save(keystore: OpenKeystore): Promise<void> {
    const before = this.#keystore.file;
    try {
      await this.#keystore.save(keystore);
    } finally {
      // Also where only the last sync failed: this is what lies on disk then.
      if (this.#keystore.file !== before) await this.#session?.replaceKeystore(keystore);
    }
  }

  /** One change of state, by somebody who gives a secret. */
  #holding<Result>(change: () => Promise<Result>): Promise<Result> {
    return this.#secrets.during(() => this.#turns.take(change));
  }

  async #enter(keystore: OpenKeystore): Promise<void> {
    const { primitives } = this.#options.platform;
    const { onState } = this.#options;
    const host = { ...this.#options, primitives, onNotice: onState };
    this.#session = await Session.open(host, keystore);
    onState();
  }

  async #leave(): Promise<void> {
    const session = this.#session;
    if (session === undefined) return;
    this.#session = undefined;
    this.#former.push(session);
    await session.close();
    this.#options.onState();
  }
}
