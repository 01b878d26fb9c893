import { type FileHandle, open, stat as statFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { addAbortSignal } from "node:stream";
import { CloudError } from "../../core/cloud-error.ts";
import { diskIdentity } from "../../core/disk-identity.ts";
import { showSize } from "../../core/show-size.ts";
import type { Progress, Stat, VersionId } from "../../rpc/contract.ts";
import { type DefineCommand, newCommand } from "../define-command.ts";
import { destination } from "../destination.ts";
import { drivePath } from "../drive-path.ts";
import { localError, onDisk } from "../local-error.ts";
import type { Session } from "../session.ts";
import { entryJson } from "../show/show-entry.ts";
import { type UploadTarget, upload } from "../upload.ts";

interface PutOptions {
  readonly base?: string;
}

/** Bytes read from the disk at once. */
const readBytes = 1 << 20;

async function* readFileParts(file: FileHandle, path: string): AsyncGenerator<Uint8Array, void> {
  const stream = file.createReadStream({ highWaterMark: readBytes, autoClose: false });
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) yield chunk;
  } catch (error) {
    throw localError(error, "read", path);
  }
}

/** Standard input; Ctrl-C ends it even while nothing comes. */
function readStdin({ terminal, signal }: Session): AsyncIterable<Uint8Array> {
  return addAbortSignal(signal, terminal.stdin) as AsyncIterable<Uint8Array>;
}

/** What `--base` takes. @throws usage */
function parseBase(typed: string): string {
  if (typed === "none" || /^[1-9][0-9]*-[0-9a-f]{8,32}$/.test(typed)) return typed;
  throw new CloudError(
    "usage",
    `expected a version such as 12-a1b2c3d4 or \`none\`, got ${JSON.stringify(typed)}`,
  );
}

/** `--base`: the version that must be current, or that nothing may be there. */
function baseOf({ base }: PutOptions): { base?: VersionId | null } {
  if (base === undefined) return {};
  return { base: base === "none" ? null : base };
}

/** A smaller file is sent at once, before a thread of the node would have begun to read it. */
const leastReadBytes = 1 << 20;

/** Has the node read a file itself. @returns `undefined` if it can't: it may run where other disks are. */
async function putByNode(
  session: Session,
  source: string,
  target: UploadTarget,
): Promise<Stat | undefined> {
  const stat = await statFile(source);
  if (!stat.isFile() || stat.size < leastReadBytes) return undefined;
  const params = { ...target, source, seen: diskIdentity(stat) };
  return (await session.requestLong("putFile", params)) ?? undefined;
}

async function putFile(session: Session, source: string, target: UploadTarget): Promise<Stat> {
  const file = await onDisk("read", source, () => open(source, "r"));
  try {
    const written = await putByNode(session, source, target);
    if (written !== undefined) return written;
    const { mode, mtimeMs, size } = await file.stat();
    return await session.withBar((bar) => {
      const progress: Omit<Progress, "done"> = { phase: "sending", total: size, unit: "bytes" };
      const from = { mode: mode & 0o7777, mtime: mtimeMs };
      return upload(session, readFileParts(file, source), { ...target, ...from }, (done) => {
        bar.update({ ...progress, done });
      });
    });
  } finally {
    await file.close();
  }
}

async function put(session: Session, from: string, to: string, options: PutOptions): Promise<void> {
  const { terminal, output } = session;
  const source = from === "-" ? undefined : resolve(terminal.cwd, from);
  if (source !== undefined) {
    const found = await onDisk("read", source, () => statFile(source));
    if (found.isDirectory()) {
      throw new CloudError(
        "is-a-folder",
        `${JSON.stringify(source)} is a folder; a whole folder comes in by: ipcloud import`,
      );
    }
  }
  if (source === undefined && to.endsWith("/")) {
    throw new CloudError(
      "usage",
      `${JSON.stringify(to)} is a folder: give a name to what comes in`,
    );
  }
  const path =
    source === undefined ? drivePath(to) : await destination(session, to, basename(source));
  const target = { path, parents: true, ...baseOf(options) };
  const written =
    source === undefined
      ? await upload(session, readStdin(session), target)
      : await putFile(session, source, target);
  await output.result(entryJson({ path }, written), function* () {
    yield `${output.name(path)}  ${showSize(written.size)}  version ${written.version}`;
  });
}

/** `ipcloud put`: one file, or standard input, into the drive, streamed. */
export const definePut: DefineCommand = (session) =>
  newCommand("put", "Put a file, or standard input, into the drive", [
    ["ipcloud put report.pdf /papers/", "into a folder, under its own name"],
    ["ipcloud put report.pdf /papers/new.pdf", "under another name; folders are made as needed"],
    ["tar c src | ipcloud put - /backup/src.tar", "from standard input, of any size"],
    ["ipcloud put --base 12-a1b2c3d4 a.txt /a.txt", "only if that is still the current version"],
  ])
    .argument("<source>", "a file of this machine, or - for standard input")
    .argument("<path>", "where it goes in the drive")
    .option(
      "--base <version>",
      "only if this is the current version; `none`: only if nothing is there",
      parseBase,
    )
    .action((source: string, path: string, options: PutOptions) =>
      put(session, source, path, options),
    );
