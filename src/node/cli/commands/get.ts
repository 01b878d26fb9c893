import { randomBytes } from "node:crypto";
import { type FileHandle, open, rename, rm, stat as statLocal } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { CloudError } from "../../core/cloud-error.ts";
import { atOption, type DefineCommand, newCommand, versionOption } from "../define-command.ts";
import { baseName, drivePath } from "../drive-path.ts";
import { onDisk } from "../local-error.ts";
import { type ContentOptions, type OpenContent, openContent } from "../open-content.ts";
import { pick } from "../pick.ts";
import { readParts } from "../read-parts.ts";
import type { Session } from "../session.ts";
import { entryJson } from "../show-entry.ts";
import { showSize } from "../show-size.ts";

/** The file to write: `dest` itself, or in it if it is a folder. */
async function placeFor(dest: string, name: string): Promise<string> {
  const isFolder = await statLocal(dest).then(
    (found) => found.isDirectory(),
    () => false,
  );
  return isFolder ? join(dest, name) : dest;
}

async function fill(session: Session, file: FileHandle, content: OpenContent): Promise<void> {
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
  await file.chmod(stat.mode);
  await file.utimes(Date.now() / 1000, stat.mtime / 1000);
  await file.sync();
}

/** Writes beside the place and renames, so that what stood there stays whole until then. */
async function writeFile(session: Session, place: string, content: OpenContent): Promise<void> {
  const beside = `.${basename(place).slice(0, 40)}.${randomBytes(6).toString("hex")}.part`;
  const partial = join(dirname(place), beside);
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
  const { terminal, output } = session;
  const path = drivePath(typed);
  const content = await openContent(session, path, pick(options, "at", "version"));
  const { stat, source } = content;
  if (dest === "-") {
    for await (const part of readParts(session, source, stat.size)) await output.write(part);
    return;
  }
  const place = await placeFor(resolve(terminal.cwd, dest), baseName(path));
  await writeFile(session, place, content);
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
