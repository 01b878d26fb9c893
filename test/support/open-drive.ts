import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asAccountSecret } from "../../src/node/account/account.ts";
import { createAccount } from "../../src/node/account/create.ts";
import { spaceOf } from "../../src/node/account/kept-space.ts";
import type { KeystoreContents } from "../../src/node/account/keystore-contents.ts";
import { type Drive, openDrive } from "../../src/node/drive/drive.ts";
import { nodePrimitives } from "../../src/node/platform/primitives.ts";
import { systemRandom } from "../../src/node/platform/random.ts";
import { type OpenSpace, openSpace } from "../../src/node/space/open-space.ts";
import { defaultSettings } from "../../src/node/space/settings.ts";
import type { ChangedEvent, Settings } from "../../src/node/space/types.ts";
import { openStore } from "../../src/node/store/open-store.ts";
import type { Store } from "../../src/node/store/store.ts";
import { SealPool } from "../../src/node/transfer/worker/seal-pool.ts";

/** A drive over a real store in a folder of its own, with a clock that a test sets. */
export interface TestDrive {
  readonly folder: string;
  readonly store: Store;
  readonly drive: Drive;
  readonly contents: KeystoreContents;
  readonly events: ChangedEvent[];
  /** Milliseconds since 1970; a test moves it. */
  readonly clock: { now: number };
  settings: Settings;
  /** Closes the drive and its store; the folder stays. */
  close(): Promise<void>;
  /** Closes it and opens it again. */
  reopen(): Promise<TestDrive>;
  /** Closes it and removes the folder. */
  remove(): Promise<void>;
}

const start = Date.UTC(2026, 0, 1);

/** Makes a drive in a new folder. */
export async function makeTestDrive(): Promise<TestDrive> {
  const folder = await mkdtemp(join(tmpdir(), "ipcloud-drive-"));
  const contents = await createAccount(nodePrimitives, systemRandom, {
    secret: asAccountSecret(systemRandom(32)),
    deviceName: "laptop",
    instance: new Uint8Array(32),
  });
  return openTestDrive(folder, contents, { now: start });
}

/** Opens a drive in a folder that has one. */
export async function openTestDrive(
  folder: string,
  contents: KeystoreContents,
  clock: { now: number },
): Promise<TestDrive> {
  const store = await openStore(folder);
  const pool = new SealPool();
  const events: ChangedEvent[] = [];
  const drive = await openDrive({
    space: openTestSpace(store, contents),
    neighbours: () => [],
    pool,
    home: folder,
    now: () => clock.now,
    settings: () => opened.settings,
    onChanged: (event) => {
      events.push(event);
    },
  });
  const close = async (): Promise<void> => {
    await drive.close();
    await pool.close();
    await store.close();
  };
  const opened: TestDrive = {
    folder,
    store,
    drive,
    contents,
    events,
    clock,
    settings: defaultSettings,
    close,
    reopen: async () => {
      await close();
      return openTestDrive(folder, contents, clock);
    },
    remove: async () => {
      await close();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return opened;
}

/** Opens the space of a drive for itself, without the drive. */
export function openTestSpace(store: Store, contents: KeystoreContents): OpenSpace {
  const ground = { store, primitives: nodePrimitives, random: systemRandom };
  return openSpace(ground, spaceOf(contents.spaces, contents.drive), contents);
}

/** A call that nobody cancels. */
export const quietCall = { signal: new AbortController().signal, progress: () => undefined };
