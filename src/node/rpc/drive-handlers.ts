import type { KeystoreSecret } from "../account/keystore.ts";
import { fromUtf8, toUtf8 } from "../core/bytes.ts";
import { CloudError } from "../core/cloud-error.ts";
import type { Vault } from "../drive/vault.ts";
import { defaultDeviceName } from "../platform/device-name.ts";
import type { Upload } from "../transfer/import/upload.ts";
import {
  marksOf,
  type Params,
  type RequestName,
  type Status,
  type UnlockSecret,
} from "./contract.ts";
import type { Call, Handlers } from "./handlers.ts";
import { oneLargeAnswerAtATime } from "./large-answers.ts";

/** What the handlers of a node serve. */
export interface ServedVault {
  readonly vault: Vault;
  /** What the node says of itself, locked or not. */
  readonly status: () => Status;
}

/** A read without a length gives no more than this at once. */
const maxReadBytes = 64 * 1024 * 1024;
const defaultLimit = 1000;
const defaultChangesEach = 200;

const purgeWarning =
  "other devices, mirrors and people with whom it was shared may still hold what they had received; if it was a secret, change the secret too";

function secretOf(secret: UnlockSecret): KeystoreSecret {
  return "passphrase" in secret
    ? { kind: "passphrase", passphrase: secret.passphrase }
    : { kind: "editor", key: secret.key };
}

/** Serves the contract from a vault. */
export function driveHandlers({ vault, status }: ServedVault): Handlers {
  const large = oneLargeAnswerAtATime();
  const uploads = new Map<number, { upload: Upload; client: number; release: () => void }>();
  let lastUpload = 0;

  const takeUpload = (number: number, { client }: Call): Upload => {
    const found = uploads.get(number);
    if (found?.client !== client.number) {
      throw new CloudError(
        "unavailable",
        "the upload is lost, for the local node was started anew meanwhile: send it again",
      );
    }
    return found.upload;
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
    createAccount: async ({ secret, words, device }) => {
      const made = await vault.create(secretOf(secret), words, device ?? defaultDeviceName());
      return { account: made.account, ...(made.words === undefined ? {} : { words: made.words }) };
    },
    unlock: async ({ secret }) => {
      await vault.unlock(secretOf(secret));
      return status();
    },
    lock: async () => {
      await vault.lock();
      return {};
    },
    setSecret: async ({ current, next }) => {
      await vault.setSecret(secretOf(current), secretOf(next));
      return {};
    },
    removeEditorKey: async () => {
      await vault.removeEditorKey();
      return {};
    },
    getSettings: () => Promise.resolve(vault.settings),
    setSettings: ({ settings }) => vault.setSettings(settings),

    stat: ({ path, at, version }) => vault.drive.stat(path, at, version),
    list: ({ path, at }, call) => large.build(call, (onLong) => vault.drive.list(path, at, onLong)),
    read: async ({ path, ...options }, call) => {
      const length = Math.min(options.length ?? maxReadBytes, maxReadBytes);
      await call.reserve(length);
      return vault.drive.read(path, { ...options, length });
    },
    readLink: async ({ path, at }) => {
      const target = fromUtf8(await vault.drive.readLink(path, at));
      if (target === undefined) throw new CloudError("usage", `where ${path} leads is not UTF-8`);
      return { target };
    },
    write: ({ content, ...request }) => vault.drive.write(request, content),
    symlink: ({ path, target }) => vault.drive.symlink(path, toUtf8(target)),
    uploadBegin: (_params, { client }) => {
      const upload = vault.drive.beginUpload();
      const number = ++lastUpload;
      const release = client.onDisconnect(() => {
        uploads.delete(number);
        upload.abandon();
      });
      uploads.set(number, { upload, client: client.number, release });
      return Promise.resolve({ upload: number });
    },
    uploadPart: async ({ upload, content }, call) => {
      await takeUpload(upload, call).write(content);
      return {};
    },
    uploadEnd: ({ upload, ...request }, call) => {
      const taken = takeUpload(upload, call);
      endUpload(upload);
      try {
        return vault.drive.endUpload(taken, request);
      } catch (error) {
        taken.abandon();
        throw error;
      }
    },
    uploadAbort: ({ upload }, call) => {
      takeUpload(upload, call).abandon();
      endUpload(upload);
      return Promise.resolve({});
    },
    mkdir: ({ path, parents }) => vault.drive.makeFolder(path, parents ?? false),
    remove: async ({ path, recursive }) => {
      await vault.drive.remove(path, recursive ?? false);
      return {};
    },
    move: ({ from, to, overwrite }) => vault.drive.move(from, to, overwrite ?? false),
    copy: ({ from, to, overwrite, at }) => vault.drive.copy(from, to, overwrite ?? false, at),
    setMeta: ({ path, ...meta }) => vault.drive.setMeta(path, meta),

    import: ({ source, dest }, call) => vault.drive.import(source, dest, call),
    export: ({ path, dest, at }, call) => vault.drive.export(path, dest, at, call),

    log: ({ path, limit = defaultLimit, everySave = false }, call) =>
      large.buildOf(call, limit, () => vault.drive.log(path, limit, everySave)),
    revisions: ({ limit = defaultLimit, before }, call) =>
      large.buildOf(call, limit, () => vault.drive.revisions(limit, before)),
    journal: ({ limit = defaultLimit, changesEach = defaultChangesEach, before, path }, call) =>
      large.buildOf(call, limit * changesEach, () =>
        vault.drive.journal({ limit, changesEach, before, path }),
      ),
    diff: ({ from, to, path }, call) =>
      large.buildOf(call, Infinity, () => vault.drive.diff(from, to, path)),
    removed: ({ path, limit = defaultLimit }, call) =>
      large.buildOf(call, limit, () => vault.drive.removed(path, limit)),
    restore: async ({ path, ...target }) => {
      const changes = await vault.drive.restore(path, target);
      return { changes, revision: vault.drive.revision };
    },
    tag: async ({ name, at, remove }) => {
      const { drive } = vault;
      await (remove === true ? drive.removeTag(name) : drive.tag(name, at));
      const tag = remove === true ? undefined : (await drive.tags()).find((is) => is.name === name);
      return { revision: tag?.revision ?? drive.revision };
    },
    tags: () => vault.drive.tags(),
    purge: async ({ path }, call) => {
      const purged = await vault.drive.purge(path, call);
      return { ...purged, warning: purgeWarning };
    },
    verify: (_params, call) => vault.verify(call),
    gc: ({ dryRun }, call) =>
      dryRun === true ? vault.drive.measureGarbage(call) : vault.drive.collectGarbage(call),
  };
  return touching(handlers, vault);
}

/** The same handlers, each putting off the automatic lock. */
function touching(handlers: Handlers, vault: Vault): Handlers {
  const wrapped = Object.entries(handlers).map(([name, handler]) => {
    const serve = handler as (params: Params<RequestName>, call: Call) => Promise<unknown>;
    if (marksOf(name as RequestName).idle === true) return [name, serve] as const;
    const touched = (params: Params<RequestName>, call: Call): Promise<unknown> =>
      vault.use(async () => serve(params, call));
    return [name, touched] as const;
  });
  return Object.fromEntries(wrapped) as unknown as Handlers;
}
