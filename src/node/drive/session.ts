import { accountName } from "../account/account.ts";
import type { KeptSpace } from "../account/kept-space.ts";
import { type OpenKeystore, wipeKeystore } from "../account/keystore.ts";
import { equalBytes, toHex } from "../core/bytes.ts";
import { CloudError, isCloudError } from "../core/cloud-error.ts";
import { IdMap } from "../core/id-map.ts";
import type { SpaceId } from "../core/ids.ts";
import type { Primitives, RandomBytes } from "../crypto/primitives.ts";
import { readableNames } from "../space/device-names.ts";
import { type OpenSpace, openSpace } from "../space/open-space.ts";
import { defaultSettings, readSettings, writeSettings } from "../space/settings.ts";
import { spaceKeys, wipeSpaceKeys } from "../space/space-keys.ts";
import type {
  ChangedEvent,
  Housekeeping,
  Settings,
  SettingsChange,
  VerifyReport,
} from "../space/types.ts";
import { type RetainedSpace, verify } from "../space/upkeep/upkeep.ts";
import type { WorkCall } from "../space/work-call.ts";
import type { Store } from "../store/store.ts";
import type { SealPool } from "../transfer/worker/seal-pool.ts";
import { AutoLock } from "./auto-lock.ts";
import { Drive, openDrive } from "./drive.ts";
import { Housekeeper } from "./housekeeper.ts";
import { provisionalNotices } from "./provisional-notices.ts";

/** What a session is opened with. */
export interface SessionHost {
  /** The data folder. */
  readonly home: string;
  readonly store: Store;
  readonly primitives: Primitives;
  readonly random: RandomBytes;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Seals and opens in processes; it outlives the session, what it holds of it doesn't. */
  readonly pool: SealPool;
  readonly onChanged: (event: ChangedEvent) => void;
  /** There is something new among the notices. */
  readonly onNotice: () => void;
  /** Ends the session: nobody has used it for as long as its settings say. */
  readonly onUnused: () => void;
}

/** One space of an unlocked account. */
interface Opened {
  readonly space: OpenSpace;
  /** Or what keeps it from being opened: it can still be verified. */
  readonly drive: Drive | CloudError;
  settings: Settings;
  /** Sentences that hold while this is open. */
  readonly notices: readonly string[];
}

/**
 * An unlocked account: its keystore's contents and every space of it, opened.
 *
 * Invariants:
 * 1. All keys that are in memory hang on the session; {@link close} lets go of them, once running
 *    changes are durable, and ends the processes that were given some. What they leave in the memory
 *    of this process goes with it: {@link wipe} overwrites no more than what is still at hand.
 * 2. No collection of one space takes what another needs: each is told of all the others.
 */
export class Session {
  readonly #host: SessionHost;
  readonly #spaces = new IdMap<SpaceId, Opened>();
  readonly #autoLock: AutoLock;
  readonly #housekeeper: Housekeeper;
  #keystore: OpenKeystore;
  /** What the device list calls for. */
  #ofDevices: readonly string[] = [];

  private constructor(host: SessionHost, keystore: OpenKeystore) {
    this.#host = host;
    this.#keystore = keystore;
    this.#autoLock = new AutoLock(host.onUnused);
    this.#housekeeper = new Housekeeper({
      isDue: () => this.#drives().some(({ needsHousekeeping }) => needsHousekeeping),
      keep: async (call) => {
        for (const drive of this.#drives()) await drive.keepHouse(call);
      },
    });
  }

  /** Opens the spaces of a keystore. A damaged one is told by a notice. @throws newer, storage */
  static async open(host: SessionHost, keystore: OpenKeystore): Promise<Session> {
    const session = new Session(host, keystore);
    try {
      for (const kept of keystore.contents.spaces) await session.#enter(kept);
      await session.#lookAtDevices();
    } catch (error) {
      await session.close();
      throw error;
    }
    session.#start(session.settings);
    return session;
  }

  get keystore(): OpenKeystore {
    return this.#keystore;
  }

  /** The keystore is now this one, and durable as such. */
  async replaceKeystore(keystore: OpenKeystore): Promise<void> {
    this.#keystore = keystore;
    await this.#lookAtDevices();
  }

  /** Sentences that the user should know. */
  get notices(): readonly string[] {
    const ofSpaces = [...this.#spaces.values()].flatMap(({ notices, space, drive }) => {
      const { refusal } = space.keys;
      const ofDrive = drive instanceof Drive ? drive.notices : [];
      return [...notices, ...ofDrive, ...(refusal === undefined ? [] : [refusal.message])];
    });
    return [...ofSpaces, ...this.#ofDevices];
  }

  /** The account's name, this device's and the id of the drive's space. */
  get names(): { readonly account: string; readonly device: string; readonly space: string } {
    const { account, deviceName, drive } = this.#keystore.contents;
    const name = accountName(this.#host.primitives, account);
    return { account: name, device: deviceName, space: toHex(drive) };
  }

  /**
   * What a space holds.
   * @param id - absent: the account's own drive.
   * @throws not-found; damaged, if it can't be opened
   */
  drive(id?: SpaceId): Drive {
    const { drive } = this.#opened(id);
    if (drive instanceof CloudError) throw drive;
    return drive;
  }

  /** The current revision of the drive; `undefined` if it can't be opened. */
  get revision(): string | undefined {
    const { drive } = this.#opened();
    return drive instanceof CloudError ? undefined : drive.revision;
  }

  /** Checks all that is kept of the drive, also if it can't be opened. */
  async verify(call: WorkCall): Promise<VerifyReport> {
    const { drive, space } = this.#opened();
    return drive instanceof CloudError ? verify(space, undefined, call) : drive.verify(call);
  }

  /** Those of the drive. */
  get settings(): Settings {
    return this.#opened().settings;
  }

  async setSettings(changes: SettingsChange): Promise<Settings> {
    const opened = this.#opened();
    const retention = { ...opened.settings.retention, ...changes.retention };
    const settings = { ...opened.settings, ...changes, retention };
    await writeSettings(opened.space, settings);
    opened.settings = settings;
    opened.space.setCompression(settings.compression);
    this.#start(settings);
    return settings;
  }

  /** What was freed of the drive last, and what there is to be freed; absent if it can't be opened. */
  get housekeeping(): Housekeeping | undefined {
    const { drive } = this.#opened();
    return drive instanceof Drive ? drive.housekeeping : undefined;
  }

  /** Ends what is being freed while nobody is there, and waits for that. */
  endHousekeeping(): Promise<void> {
    return this.#housekeeper.end();
  }

  /** Whether something is being freed while nobody is there. */
  get isKeepingHouse(): boolean {
    return this.#housekeeper.isBusy;
  }

  /** Refuses what {@link takeSpace} could not go on with. @throws damaged, newer */
  checkSpace(kept: KeptSpace): void {
    spaceKeys(this.#host.primitives, kept, this.#keystore.contents);
  }

  /**
   * Goes on with what the keystore has of a space now: a new roster or epoch of one that is open, or a
   * space that was not there.
   */
  async takeSpace(kept: KeptSpace): Promise<void> {
    const drive = this.#spaces.get(kept.id)?.drive;
    if (drive instanceof Drive) await drive.rekey(kept);
    else await this.#enter(kept);
  }

  /** Serves a request; it ends housekeeping. That and the automatic lock count from its end. */
  use<Result>(serve: () => Promise<Result>): Promise<Result> {
    return this.#housekeeper.use(() => this.#autoLock.use(serve));
  }

  /** Waits for running changes and forgets the keys. */
  async close(): Promise<void> {
    this.#autoLock.stop();
    await this.#housekeeper.stop();
    for (const { drive } of this.#spaces.values()) {
      if (drive instanceof Drive) await drive.close();
    }
    await this.#host.pool.clear();
  }

  /**
   * Overwrites its keys. Only once it and the store are closed: what still ran would seal under
   * zeros.
   */
  wipe(): void {
    wipeKeystore(this.#keystore);
    for (const { space } of this.#spaces.values()) wipeSpaceKeys(space.keys);
  }

  #start({ autoLockMinutes, housekeepingMinutes }: Settings): void {
    this.#autoLock.start(autoLockMinutes);
    this.#housekeeper.start(housekeepingMinutes);
  }

  #drives(): Drive[] {
    return [...this.#spaces.values()].flatMap(({ drive }) => (drive instanceof Drive ? drive : []));
  }

  #opened(id: SpaceId = this.#keystore.contents.drive): Opened {
    const opened = this.#spaces.get(id);
    if (opened !== undefined) return opened;
    throw new CloudError("not-found", `there is no space ${toHex(id)} in this account`);
  }

  async #lookAtDevices(): Promise<void> {
    const { contents } = this.#keystore;
    const { space, drive } = this.#opened();
    const tip = drive instanceof Drive ? drive.retained.tip() : undefined;
    const names = tip && (await readableNames(space, tip));
    this.#ofDevices = provisionalNotices(this.#host.primitives, contents, names ?? new IdMap());
  }

  async #enter(kept: KeptSpace): Promise<void> {
    const { store, primitives, random, now, pool, home, onChanged, onNotice } = this.#host;
    const { contents } = this.#keystore;
    const space = openSpace({ store, primitives, random }, kept, contents);
    const notices: string[] = [];
    const settings = readableSettings(space, notices);
    space.setCompression(settings.compression);
    const drive = await openDrive({
      space,
      pool,
      home,
      now,
      settings: () => this.#spaces.get(kept.id)?.settings ?? settings,
      onChanged,
      onClock: onNotice,
      neighbours: () => this.#neighbours(kept.id),
    }).catch((error: unknown) => {
      if (!isCloudError(error, "damaged")) throw error;
      const sentence = `the drive can't be opened: ${error.message}; "ipcloud verify" tells what else is damaged`;
      notices.push(sentence);
      return new CloudError("damaged", sentence, { cause: error });
    });
    this.#spaces.set(kept.id, { space, drive, settings, notices });
  }

  #neighbours(of: SpaceId): RetainedSpace[] {
    return [...this.#spaces].flatMap(([id, { space, drive }]) => {
      if (equalBytes(id, of)) return [];
      return [drive instanceof Drive ? drive.retained : { space, tip: () => undefined }];
    });
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
