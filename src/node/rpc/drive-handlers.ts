import { randomInt } from "node:crypto";
import type { KeystoreSecret } from "../account/keystore.ts";
import { fromHex, fromUtf8, toUtf8 } from "../core/bytes.ts";
import { CloudError } from "../core/cloud-error.ts";
import { asSpaceId, type SpaceId } from "../core/ids.ts";
import { checkNewPassphrase } from "../core/passphrase.ts";
import type { Drive } from "../drive/drive.ts";
import type { Vault } from "../drive/vault.ts";
import { defaultDeviceName } from "../platform/device-name.ts";
import type { BackupCall, BackupReport } from "../store/backup/back-up.ts";
import type { Upload } from "../transfer/import/upload.ts";
import { marksOf, type RequestName, type Status, type UnlockSecret } from "./contract.ts";
import type { AnyHandler, Call, Handlers } from "./handlers.ts";
import { oneLargeAnswerAtATime } from "./large-answers.ts";
import { searchHandlers } from "./search-handlers.ts";

/** What the handlers of a node serve. */
export interface ServedVault {
  readonly vault: Vault;
  /** What the node says of itself, locked or not. */
  readonly status: () => Status;
  /** Copies the whole data folder into a folder, as `backUp`. */
  readonly backUp: (dest: string, call: BackupCall) => Promise<BackupReport>;
}

/** An upload that one client has under way. */
interface BegunUpload {
  readonly drive: Drive;
  readonly upload: Upload;
  /** The number of the client. */
  readonly client: number;
  readonly release: () => void;
}

/** A read without a length gives no more than this at once. */
const maxReadBytes = 64 * 1024 * 1024;
const nothing = (): Promise<void> => Promise.resolve();
const defaultLimit = 1000;
const defaultChangesEach = 200;

const purgeWarning =
  "other devices, mirrors and people with whom it was shared may still hold what they had received; if it was a secret, change the secret too";

function secretOf(secret: UnlockSecret): KeystoreSecret {
  return "passphrase" in secret
    ? { kind: "passphrase", passphrase: secret.passphrase }
    : { kind: "editor", key: secret.key };
}

/** A secret that is to open the account from now on. @throws usage, for a short passphrase. */
function newSecretOf(secret: UnlockSecret): KeystoreSecret {
  if ("passphrase" in secret) checkNewPassphrase(secret.passphrase);
  return secretOf(secret);
}

/** The space of an id that the contract has checked. */
function spaceIdOf(digits: string): SpaceId {
  return asSpaceId(fromHex(digits) ?? new Uint8Array(0));
}

/** Serves the contract from a vault. */
export function driveHandlers({ vault, status, backUp }: ServedVault): Handlers {
  const large = oneLargeAnswerAtATime();
  const uploads = new Map<number, BegunUpload>();
  // Not from the same number in each process: who goes on in its place takes none for another.
  let lastUpload = randomInt(2 ** 40);

  const driveOf = (space: string | undefined): Drive =>
    vault.driveOf(space === undefined ? undefined : spaceIdOf(space));
  const takeUpload = (number: number, { client }: Call): BegunUpload => {
    const found = uploads.get(number);
    if (found?.client !== client.number) {
      throw new CloudError(
        "unavailable",
        "the upload is lost, for the local node was started anew meanwhile: send it again",
      );
    }
    return found;
  };
  const endUpload = (number: number): void => {
    uploads.get(number)?.release();
    uploads.delete(number);
  };

  const handlers: Handlers = {
    status: async () => {
      await vault.look();
      return status();
    },
    createAccount: async ({ secret, words, device }, call) => {
      const made = await vault.create(newSecretOf(secret), words, device ?? defaultDeviceName());
      // Whoever gave the words has them; drawn ones are still to be shown.
      if (words !== undefined) await call.handOver(nothing, "this");
      return { account: made.account, ...(made.words === undefined ? {} : { words: made.words }) };
    },
    words: ({ secret }) => vault.words(secretOf(secret)),
    confirmWords: async ({ secret, account }, call) => {
      await vault.confirmWords(secretOf(secret), account);
      await call.handOver(nothing, "this");
      return {};
    },
    unlock: async ({ secret }) => {
      await vault.unlock(secretOf(secret));
      return status();
    },
    lock: async (_params, call) => {
      const lock = (): Promise<void> => vault.lock();
      if (vault.hasHeldSecrets) await call.handOver(lock, "successor");
      return {};
    },
    setSecret: async ({ current, next }) => {
      await vault.setSecret(secretOf(current), newSecretOf(next));
      return {};
    },
    removeEditorKey: async () => {
      await vault.removeEditorKey();
      return {};
    },
    getSettings: () => Promise.resolve(vault.settings),
    setSettings: ({ settings }) => vault.setSettings(settings),

    stat: ({ space, path, at, version }) => driveOf(space).stat(path, at, version),
    list: ({ space, path, at }, call) =>
      large.build(call, (onLong) => driveOf(space).list(path, at, onLong)),
    read: async ({ space, path, ...options }, call) => {
      const length = Math.min(options.length ?? maxReadBytes, maxReadBytes);
      await call.reserve(length);
      return driveOf(space).read(path, { ...options, length }, call.signal);
    },
    readLink: async ({ space, path, at }) => {
      const target = fromUtf8(await driveOf(space).readLink(path, at));
      if (target === undefined) throw new CloudError("usage", `where ${path} leads is not UTF-8`);
      return { target };
    },
    write: ({ space, content, ...request }) => driveOf(space).write(request, content),
    symlink: ({ space, path, target }) => driveOf(space).symlink(path, toUtf8(target)),
    putFile: async ({ space, source, seen, ...request }, call) =>
      (await driveOf(space).putFile(request, source, seen, call)) ?? null,
    getFile: async ({ space, path, dest, seen, ...options }, call) =>
      (await driveOf(space).getFile(path, options, { dest, seen }, call)) ?? null,
    uploadBegin: ({ space }, { client }) => {
      const drive = driveOf(space);
      const upload = drive.beginUpload();
      const number = ++lastUpload;
      const release = client.onDisconnect(() => {
        uploads.delete(number);
        upload.abandon();
      });
      uploads.set(number, { drive, upload, client: client.number, release });
      return Promise.resolve({ upload: number });
    },
    uploadPart: async ({ upload, content }, call) => {
      await takeUpload(upload, call).upload.write(content);
      return {};
    },
    uploadEnd: ({ upload, ...request }, call) => {
      const taken = takeUpload(upload, call);
      endUpload(upload);
      try {
        return taken.drive.endUpload(taken.upload, request);
      } catch (error) {
        taken.upload.abandon();
        throw error;
      }
    },
    uploadAbort: ({ upload }, call) => {
      takeUpload(upload, call).upload.abandon();
      endUpload(upload);
      return Promise.resolve({});
    },
    mkdir: ({ space, path, parents }) => driveOf(space).makeFolder(path, parents ?? false),
    remove: async ({ space, path, recursive }) => {
      await driveOf(space).remove(path, recursive ?? false);
      return {};
    },
    move: ({ space, from, to, overwrite }) => driveOf(space).move(from, to, overwrite ?? false),
    copy: ({ space, from, to, overwrite, at }) =>
      driveOf(space).copy(from, to, overwrite ?? false, at),
    setMeta: ({ space, path, ...meta }) => driveOf(space).setMeta(path, meta),

    ...searchHandlers(driveOf),

    import: ({ space, source, dest }, call) => driveOf(space).import(source, dest, call),
    export: ({ space, path, dest, at, replaceNewer = false }, call) =>
      driveOf(space).export({ path, dest, replaceNewer }, at, call),

    log: ({ space, path, limit = defaultLimit, everySave = false }, call) =>
      large.buildOf(call, limit, () => driveOf(space).log(path, limit, everySave)),
    revisions: ({ space, limit = defaultLimit, before }, call) =>
      large.buildOf(call, limit, () => driveOf(space).revisions(limit, before)),
    journal: (
      { space, limit = defaultLimit, changesEach = defaultChangesEach, before, path },
      call,
    ) =>
      large.buildOf(call, limit * changesEach, () =>
        driveOf(space).journal({ limit, changesEach, before, path }),
      ),
    diff: ({ space, from, to, path }, call) =>
      large.buildOf(call, Infinity, () => driveOf(space).diff(from, to, path)),
    removed: ({ space, path, limit = defaultLimit }, call) =>
      large.buildOf(call, limit, () => driveOf(space).removed(path, limit)),
    restore: async ({ space, path, ...target }) => {
      const drive = driveOf(space);
      const changes = await drive.restore(path, target);
      return { changes, revision: drive.revision };
    },
    tag: async ({ space, name, at, remove }) => {
      const drive = driveOf(space);
      await (remove === true ? drive.removeTag(name) : drive.tag(name, at));
      const tag = remove === true ? undefined : (await drive.tags()).find((is) => is.name === name);
      return { revision: tag?.revision ?? drive.revision };
    },
    passedOver: async ({ space, at }) => {
      const latest = await driveOf(space).passedOver(at);
      return latest === undefined ? {} : { latest };
    },
    shownAt: ({ space, at }) => driveOf(space).shownAt(at),
    tags: ({ space }) => driveOf(space).tags(),
    purge: async ({ space, path }, call) => {
      const purged = await driveOf(space).purge(path, call);
      return { ...purged, warning: purgeWarning };
    },
    verify: (_params, call) => vault.verify(call),
    acceptLoss: async () => {
      await vault.acceptLoss();
      return {};
    },
    backup: ({ dest, check = false }, { signal, progress }) => {
      const onProgress = (done: number, total: number): void => {
        progress({ phase: "copying", done, total, unit: "blocks" });
      };
      return backUp(dest, { signal, onProgress, check });
    },
    gc: ({ dryRun }, call) =>
      dryRun === true ? vault.drive.measureGarbage(call) : vault.drive.collectGarbage(call),
  };
  return touching(handlers, vault);
}

/** The same handlers, each putting off the automatic lock. */
function touching(handlers: Handlers, vault: Vault): Handlers {
  const wrapped = Object.entries<AnyHandler>(handlers).map(
    ([name, serve]): [string, AnyHandler] => {
      if (marksOf(name as RequestName).idle === true) return [name, serve];
      return [name, (params, call) => vault.use(async () => serve(params, call))];
    },
  );
  return Object.fromEntries(wrapped) as Handlers;
}
