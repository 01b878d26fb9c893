import { randomBytes } from "node:crypto";
import type { Stats } from "node:fs";
import { type FileHandle, open, rename, rm, stat as statLocal } from "node:fs/promises";
import { basename, dirname, join, resolve, sep } from "node:path";
import { CloudError } from "../../core/cloud-error.ts";
import { diskIdentity } from "../../core/disk-identity.ts";
import { asFileTime } from "../../core/file-time.ts";
import { nameOf } from "../../core/path.ts";
import { showSize } from "../../core/show-size.ts";
import { atOption, type DefineCommand, newCommand, versionOption } from "../define-command.ts";
import { drivePath } from "../drive-path.ts";
import { localError, onDisk } from "../local-error.ts";
import { type ContentOptions, type OpenContent, openContent } from "../open-content.ts";
import { pick } from "../pick.ts";
import { readParts } from "../read-parts.ts";
import type { Session } from "../session.ts";
import { entryJson } from "../show/show-entry.ts";

function lookAt(path: string): Promise<Stats | undefined> {
  return statLocal(path).catch(() => undefined);
}

/**
 * The file to write: the place that was typed, or in it if it is a folder.
 * @throws not-found or not-a-folder, if what was typed ends with a slash and no folder stands there
 */
async function placeFor({ terminal }: Session, typed: string, name: string): Promise<string> {
  const dest = resolve(terminal.cwd, typed);
  const found = await lookAt(dest);
  const isFolder = found?.isDirectory() === true;
  if (!isFolder && (typed.endsWith("/") || typed.endsWith(sep))) {
    throw new CloudError(
      found === undefined ? "not-found" : "not-a-folder",
      `there is no folder ${JSON.stringify(dest)} to write into`,
    );
  }
  return isFolder ? join(dest, name) : dest;
}

/** A smaller file is written here, before a thread of the node would have begun to. */
const leastWrittenBytes = 1 << 20;

/** Has the node write a file itself. @returns whether it did: it may run where other disks are. */
async function writeByNode(
  session: Session,
  place: string,
  content: OpenContent,
): Promise<boolean> {
  const { stat, source } = content;
  const folder = await lookAt(dirname(place));
  if (folder === undefined || stat.size < leastWrittenBytes) return false;
  const params = { ...source, dest: place, seen: diskIdentity(folder) };
  const given = await session.requestLong("getFile", params);
  if (given?.failed === undefined) return given !== null;
  throw localError(Object.assign(new Error(given.failed), { code: given.failed }), "write", place);
}

async function receive(session: Session, file: FileHandle, content: OpenContent): Promise<void> {
  const { stat, source } = content;
  await session.withBar(async (bar) => {
    let done = 0;
    for await (const part of readParts(session, source, stat.size)) {
      if (session.signal.aborted) throw new CloudError("cancelled", "cancelled");
      await file.writeFile(part);
      done += part.length;
      bar.update({ phase: "receiving", done, total: stat.size, unit: "bytes" });
    }
  });
}

async function fill(session: Session, file: FileHandle, content: OpenContent): Promise<void> {
  await receive(session, file, content);
  const { mode, mtime } = content.stat;
  await file.chmod(mode);
  await file.utimes(Date.now() / 1000, asFileTime(Math.round(mtime * 1000)));
  await file.sync();
}

/** Writes into what is no file but takes bytes: a pipe, a device. */
async function writeInto(session: Session, place: string, content: OpenContent): Promise<void> {
  await session.gate.keepOut(dirname(place));
  await onDisk("write", place, async () => {
    const file = await open(place, "w");
    await receive(session, file, content).finally(() => file.close());
  });
}

/** Writes beside the place and renames, so that what stood there stays whole until then. */
async function writeFile(session: Session, place: string, content: OpenContent): Promise<void> {
  const beside = `.${basename(place).slice(0, 40)}.${randomBytes(6).toString("hex")}.part`;
  const partial = join(dirname(place), beside);
  // A link at the place itself is replaced, not followed.
  await session.gate.keepOut(dirname(place));
  await onDisk("write", place, async () => {
    const file = await open(partial, "wx", 0o600);
    try {
      await fill(session, file, content).finally(() => file.close());
      await rename(partial, place);
    } catch (error) {
      await rm(partial, { force: true });
      throw error;
    }
  });
}

async function get(
  session: Session,
  typed: string,
  dest: string,
  options: ContentOptions,
): Promise<void> {
  const { output } = session;
  const path = drivePath(typed);
  const content = await openContent(session, path, pick(options, "at", "version"));
  const { stat, source } = content;
  if (dest === "-") {
    for await (const part of readParts(session, source, stat.size)) await output.write(part);
    return;
  }
  const place = await placeFor(session, dest, nameOf(path));
  const standing = await lookAt(place);
  // A folder there is refused by the system.
  if (standing !== undefined && !standing.isFile() && !standing.isDirectory()) {
    await writeInto(session, place, content);
    return; // as for -: it may be where the result would go
  }
  if (!(await writeByNode(session, place, content))) await writeFile(session, place, content);
  await output.result(entryJson({ path, dest: place }, stat), function* () {
    yield `${output.name(place)}  ${showSize(stat.size)}`;
  });
}

/** `ipcloud get`: one file out of the drive, streamed, with its time and mode. */
export const defineGet: DefineCommand = (session) =>
  newCommand("get", "Get a file out of the drive, with its time and mode", [
    ["ipcloud get /papers/report.pdf", "into the current folder"],
    [
      "ipcloud get /papers/report.pdf old.pdf --at 2026-03-01",
      "as it was then, under another name",
    ],
    ["ipcloud get /backup/src.tar - | tar x", "to standard output"],
  ])
    .argument("<path>", "a file of the drive")
    .argument("[dest]", "a file or folder of this machine, or - for standard output", ".")
    .addOption(atOption())
    .addOption(versionOption().conflicts("at"))
    .action((path: string, dest: string, options: ContentOptions) =>
      get(session, path, dest, options),
    );
