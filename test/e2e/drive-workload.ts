import { hash } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { KeystoreSecret } from "../../src/node/account/keystore.ts";
import { toUtf8 } from "../../src/node/core/bytes.ts";
import type { Drive } from "../../src/node/drive/drive.ts";
import type { Vault } from "../../src/node/drive/vault.ts";
import type { OpenStoreOptions } from "../../src/node/store/open-store.ts";
import { seededBytes } from "../store/blocks.ts";
import { quietCall } from "../support/open-drive.ts";
import { type OpenedVault, openVault } from "./open-vault.ts";

/** The keys that open the workload's keystore: the second from the step that changes it. */
export const keys: readonly [KeystoreSecret, KeystoreSecret] = [1, 2].map((byte) => ({
  kind: "editor",
  key: new Uint8Array(32).fill(byte),
})) as [KeystoreSecret, KeystoreSecret];

/** What each step works on. */
interface Hands {
  readonly vault: Vault;
  readonly drive: Drive;
  readonly pass: (ms: number) => void;
  /** Closes the data folder and opens it again. */
  readonly reopen: (between?: (home: string) => void) => Promise<void>;
}

interface Step {
  readonly name: string;
  readonly run: (hands: Hands) => Promise<unknown>;
}

const day = 86_400_000;
const write = (drive: Drive, path: string, seed: number, length: number) =>
  drive.write({ path, parents: true }, seededBytes(seed, length));

/** Everything that changes a data folder, one after the other. */
export const steps: readonly Step[] = [
  { name: "write a small file", run: ({ drive }) => write(drive, "/small", 1, 300) },
  { name: "write a large file", run: ({ drive }) => write(drive, "/large", 2, 300_000) },
  { name: "make folders", run: ({ drive }) => drive.makeFolder("/a/b/c", true) },
  { name: "write below", run: ({ drive }) => write(drive, "/a/b/file", 3, 50_000) },
  { name: "make a link", run: ({ drive }) => drive.symlink("/a/link", toUtf8("b/file")) },
  { name: "set a tag", run: ({ drive }) => drive.tag("first", undefined) },
  { name: "write over", run: ({ drive }) => write(drive, "/small", 4, 5000) },
  { name: "change a mode", run: ({ drive }) => drive.setMeta("/small", { mode: 0o755 }) },
  { name: "copy a folder", run: ({ drive }) => drive.copy("/a", "/copy", false) },
  { name: "move a folder", run: ({ drive }) => drive.move("/a/b", "/moved", false) },
  { name: "write beside", run: ({ drive }) => write(drive, "/small.tmp", 5, 700) },
  { name: "save by rename", run: ({ drive }) => drive.move("/small.tmp", "/small", true) },
  { name: "remove a folder", run: ({ drive }) => drive.remove("/copy", true) },
  { name: "restore a file", run: ({ drive }) => drive.restore("/copy/b/file", {}) },
  { name: "restore the drive", run: ({ drive }) => drive.restore("/", { at: "first" }) },
  { name: "remove the tag", run: ({ drive }) => drive.removeTag("first") },
  {
    name: "change settings",
    run: ({ vault }) =>
      vault.setSettings({
        retention: { keepAllDays: 1, dailyDays: 0, weeklyWeeks: 0, monthlyMonths: 0 },
      }),
  },
  { name: "change the secret", run: ({ vault }) => vault.setSecret(keys[0], keys[1]) },
  {
    name: "become a new writer",
    run: ({ reopen }) =>
      reopen((home) => {
        rmSync(join(home, "instance"));
      }),
  },
  { name: "write as the new writer", run: ({ drive }) => write(drive, "/small", 6, 400) },
  { name: "save it again", run: ({ drive }) => write(drive, "/small", 9, 400) },
  { name: "save it once more", run: ({ drive }) => write(drive, "/small", 10, 400) },
  {
    name: "collect garbage",
    run: ({ drive, pass }) => {
      pass(3 * day);
      return drive.collectGarbage(quietCall);
    },
  },
  { name: "write a secret", run: ({ drive }) => write(drive, "/secret", 7, 40_000) },
  { name: "write the secret again", run: ({ drive }) => write(drive, "/secret", 8, 40_000) },
  { name: "purge it", run: ({ drive }) => drive.purge("/secret", quietCall) },
  { name: "close and open", run: ({ reopen }) => reopen() },
  {
    name: "upload",
    run: async ({ drive }) => {
      const upload = drive.beginUpload();
      for (let i = 0; i < 9; i++) await upload.write(seededBytes(100 + i, 1 << 20));
      return drive.endUpload(upload, { path: "/uploaded" });
    },
  },
  { name: "remove the upload", run: ({ drive }) => drive.remove("/uploaded", false) },
];

const start = Date.UTC(2026, 0, 1);

/** When a step runs: a minute after the one before. */
const options = {
  inlineBytes: 4096,
  segmentBytes: 200_000,
  leastMovedBytes: 1,
} satisfies OpenStoreOptions;

/** What a run of the workload is told and tells. */
export interface WorkloadHooks extends Pick<OpenStoreOptions, "onWritePoint"> {
  /** Told how many steps are done, with what the drive then shows if `looks` is set. */
  readonly acknowledge: (done: number, shown: readonly string[]) => void;
  readonly looks?: boolean;
}

/** Runs all steps in a data folder, and closes it. */
export async function runWorkload(home: string, hooks: WorkloadHooks): Promise<void> {
  const { onWritePoint, acknowledge, looks = false } = hooks;
  let clock = start;
  let secret = keys[0];
  const open = (): Promise<OpenedVault> =>
    openVault(home, {
      ...options,
      ...(onWritePoint === undefined ? {} : { onWritePoint }),
      now: () => clock,
      secret,
    });
  let opened = await open();
  const look = async (): Promise<string[]> => (looks ? await describeDrive(opened) : []);
  acknowledge(0, await look());
  for (const [i, { name, run }] of steps.entries()) {
    clock += 60_000;
    if (name === "change the secret") secret = keys[1];
    await run({
      vault: opened.vault,
      drive: opened.vault.drive,
      pass: (ms) => {
        clock += ms;
      },
      reopen: async (between) => {
        await opened.close();
        between?.(home);
        opened = await open();
      },
    });
    acknowledge(i + 1, await look());
  }
  await opened.close();
}

/** All that a drive shows and remembers, in lines without anything random. */
export async function describeDrive({ vault }: OpenedVault): Promise<string[]> {
  const { drive, settings } = vault;
  const lines: string[] = [`retention ${JSON.stringify(settings.retention)}`];
  const walk = async (folder: string): Promise<void> => {
    for (const { name, kind, size, mode, mtime, damaged } of await drive.list(folder)) {
      const path = `${folder === "/" ? "" : folder}/${name}`;
      const meta = [size, mode.toString(8), new Date(mtime).toISOString(), damaged ?? ""].join(" ");
      if (kind === "folder") {
        lines.push(`${path}/ ${meta}`);
        await walk(path);
        continue;
      }
      const bytes = await (kind === "link" ? drive.readLink(path) : drive.read(path, {}));
      const versions = await drive.log(path, 100, true);
      const sizes = versions.map((version) => version.size).join(",");
      lines.push(`${path} ${kind} ${meta} ${hash("sha256", bytes).slice(0, 12)} versions ${sizes}`);
    }
  };
  await walk("/");
  for (const { path, kind } of await drive.removed("/", 100)) lines.push(`removed ${path} ${kind}`);
  for (const { name } of await drive.tags()) lines.push(`tag ${name}`);
  const journal = await drive.journal({ limit: 1000, changesEach: 1000 });
  for (const { time, changes } of journal) {
    const what = changes.map(({ type, path }) => `${type} ${path}`).join(", ");
    lines.push(`${new Date(time).toISOString()} ${what}`);
  }
  return lines;
}

/** Opens what a crash left by whichever key opens it. @returns which one did, from 0. */
export async function openAfterCrash(
  home: string,
  now: number,
): Promise<{ opened: OpenedVault; key: number }> {
  for (const [key, secret] of keys.entries()) {
    try {
      const opened = await openVault(home, { ...options, now: () => now, secret });
      return { opened, key };
    } catch (error) {
      if (key === keys.length - 1) throw error;
    }
  }
  throw new Error("no key opens it");
}

/** Later than any step of the workload. */
export const afterwards = start + 30 * day;
