import { createTwoFilesPatch } from "diff";
import { CloudError, isCloudError } from "../core/cloud-error.ts";
import type { Stat, When } from "../rpc/contract.ts";
import { openContent } from "./open-content.ts";
import { readParts } from "./read-parts.ts";
import type { Session } from "./session.ts";
import { isoTime } from "./show/show-time.ts";

/** One side of a comparison. */
export interface DiffSide {
  /** Absent: the file was not there. */
  readonly version?: string;
  /** Milliseconds since 1970. */
  readonly time?: number;
  readonly bytes: Buffer;
}

/** Larger files are not compared line by line. */
const maxBytes = 64 * 1024 * 1024;
const sniffedBytes = 8000;
/** A comparison that takes longer is given up. */
const timeoutMs = 30_000;

const nothing: DiffSide = { bytes: Buffer.alloc(0) };

/**
 * A file at two moments.
 * @param older - absent: the version before the newer one.
 * @param newer - absent: now.
 * @throws not-found, if it is there at neither
 */
export async function readSides(
  session: Session,
  path: string,
  older: When | undefined,
  newer: When | undefined,
): Promise<[DiffSide, DiffSide]> {
  const after = await sideAt(session, path, newer);
  const before =
    older === undefined
      ? await sideBefore(session, path, after.version)
      : await sideAt(session, path, older);
  if (before.version !== undefined || after.version !== undefined) return [before, after];
  // Said as the node says it.
  await session.request("stat", { path, ...(newer === undefined ? {} : { at: newer }) });
  throw new CloudError("conflict", `${path} was changed meanwhile: try again`);
}

async function sideAt(session: Session, path: string, at: When | undefined): Promise<DiffSide> {
  const moment = at === undefined ? {} : { at };
  try {
    // Says whether there is such a moment: what is not there then is no error.
    await session.request("stat", { path: "/", ...moment });
    return await readSide(session, path, moment);
  } catch (error) {
    if (!isCloudError(error, "not-found", "not-a-folder")) throw error;
    if (at !== undefined) await session.request("stat", { path: "/", at });
    return nothing;
  }
}

/** The version before one, or the newest there is of what is not there any more. */
async function sideBefore(
  session: Session,
  path: string,
  version: string | undefined,
): Promise<DiffSide> {
  const versions = await session.request("log", { path });
  const at = versions.findIndex((each) => each.version === version);
  const before = versions[at + 1]?.version;
  return before === undefined ? nothing : readSide(session, path, { version: before });
}

async function readSide(
  session: Session,
  path: string,
  wanted: { readonly at?: When; readonly version?: string },
): Promise<DiffSide> {
  const { stat, source } = await openContent(session, path, wanted);
  mustBeSmall(path, stat);
  const parts: Uint8Array[] = [];
  for await (const part of readParts(session, source, stat.size)) parts.push(part);
  return { version: stat.version, time: stat.mtime, bytes: Buffer.concat(parts) };
}

function mustBeSmall(path: string, { size }: Stat): void {
  if (size <= maxBytes) return;
  throw new CloudError("usage", `${path} is larger than the 64 MiB that are compared by lines`);
}

/**
 * What differs between two texts, as a unified diff; empty, if nothing does; `undefined`, if one of
 * them is no text.
 * @throws usage, if they have so little in common that it takes too long
 */
export function unifiedDiff(path: string, before: DiffSide, after: DiffSide): string | undefined {
  if (before.bytes.equals(after.bytes)) return "";
  if ([before, after].some(({ bytes }) => bytes.subarray(0, sniffedBytes).includes(0))) {
    return undefined;
  }
  const [from, to] = [before, after].map(({ version }) =>
    version === undefined ? "/dev/null" : path,
  ) as [string, string];
  const [texts, heads] = [
    [before.bytes.toString("utf8"), after.bytes.toString("utf8")] as const,
    [headOf(before), headOf(after)] as const,
  ];
  const options = { context: 3, timeout: timeoutMs };
  const patch = createTwoFilesPatch(from, to, ...texts, ...heads, options);
  if (patch !== undefined) return patch.replace(/^(?:Index: .*\n)?=+\n/, "");
  throw new CloudError("usage", `the two contents of ${path} have too little in common`);
}

function headOf({ version, time }: DiffSide): string | undefined {
  return version === undefined || time === undefined ? undefined : `${isoTime(time)} ${version}`;
}
