import { randomBytes } from "node:crypto";
import {
  lstatSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  writeFileSync,
} from "node:fs";
import { basename, dirname, isAbsolute, join } from "node:path";
import { fromHex, toHex } from "../core/bytes.ts";
import { CloudError } from "../core/cloud-error.ts";
import { bootId } from "../platform/boot-id.ts";
import { nodeFiles } from "../platform/data-folder.ts";
import { diskError } from "../platform/disk-error.ts";
import { makeOfReserve, returnToReserve } from "../platform/disk-room.ts";
import { fileIdentity, isOwn } from "../platform/private-folder.ts";
import { processStart } from "../platform/process-start.ts";
import { isPipe } from "../platform/socket-address.ts";

/** Where the running node of a data folder is reached, and what it asks of who comes. */
export interface Endpoint {
  /** Path of a socket, or name of a pipe. */
  readonly address: string;
  /** 32 random bytes, drawn at each start of a node; who goes on in the place of a node keeps its. */
  readonly token: Uint8Array;
  /** Who is there, if the file says so. */
  readonly process?: NodeProcess;
  /** Who goes on in the place of that process, which ends. */
  readonly successor?: NodeProcess;
}

/** Length of {@link Endpoint.token} in bytes. */
export const tokenBytes = 32;

/** What stands in the file, as JSON. */
interface EndpointFile {
  /** Relative to the data folder if the socket lies in it. */
  readonly address: string;
  /** Hexadecimal. */
  readonly token: string;
  /** Identity of the data folder: a copy of the folder doesn't reach the node of the original. */
  readonly folder: string;
  /** {@link bootId} when it was written: after another start of the machine no node is there. */
  readonly boot: string;
  /** Absent in a file of an older node. */
  readonly process?: NodeProcess;
  readonly successor?: NodeProcess;
}

/** The process that a node is. */
export interface NodeProcess {
  readonly pid: number;
  /** As `processStart` tells it; empty where the system doesn't. */
  readonly start: string;
}

/** A process by its number, as it is now. */
export function processOf(pid: number): NodeProcess {
  return { pid, start: processStart(pid) ?? "" };
}

/** Whether a process still runs; where the system can't tell it from another, whether its number does. */
export function isThere({ pid, start }: NodeProcess): boolean {
  if (start !== "") return processStart(pid) === start;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/**
 * Writes the file of this process, whole or not at all, for this user alone.
 * @throws storage-full, storage-read-only, storage
 */
export function writeEndpoint(
  home: string,
  { address, token, successor }: Omit<Endpoint, "process">,
): void {
  const { endpoint: file } = nodeFiles(home);
  const inside = fileIdentity(dirname(address)) === fileIdentity(home);
  const content: EndpointFile = {
    address: inside ? basename(address) : address,
    token: toHex(token),
    folder: fileIdentity(home) ?? "",
    boot: bootId(),
    process: processOf(process.pid),
    ...(successor === undefined ? {} : { successor }),
  };
  const text = JSON.stringify(content);
  const draft = `${file}.${randomBytes(4).toString("hex")}`;
  try {
    writeFileSync(draft, text, { mode: 0o600, flush: false });
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    try {
      writeOnFullDisk(home, file, text);
    } catch {
      throw diskError(`no node can run in ${home}, for ${file} can't be written`, error);
    }
  }
}

function writeOnFullDisk(home: string, file: string, text: string): void {
  try {
    makeOfReserve(home, file, text);
  } catch {
    // The file that was made of it has room for another of its kind.
    returnToReserve(home, file);
    makeOfReserve(home, file, text);
  }
}

/**
 * The endpoint that the node of `home` left. That a file is there does not say that the node runs.
 * @returns `undefined` if there is none, or none of this folder and this start of the machine that this
 * program could read.
 * @throws storage, if it belongs to another user.
 */
export function readEndpoint(home: string): Endpoint | undefined {
  const content = readFile(home);
  const token = content && fromHex(content.token);
  if (content === undefined || token?.length !== tokenBytes) return undefined;
  const { address, process, successor } = content;
  return {
    address: isPipe(address) || isAbsolute(address) ? address : join(realpathSync(home), address),
    token,
    ...(process === undefined ? {} : { process }),
    ...(successor === undefined ? {} : { successor }),
  };
}

/**
 * Whether a process runs that is to go on in the place of the node of a data folder.
 * @throws storage, if the file belongs to another user.
 */
export function isAwaited(home: string): boolean {
  const successor = readFile(home)?.successor;
  return successor !== undefined && isThere(successor);
}

/**
 * The process of the node that left its endpoint in `home`, if it still runs; else that of who is to go
 * on in its place.
 * @returns `undefined` if neither does, or the system can't tell it from another of the same number.
 * @throws storage, if the file belongs to another user.
 */
export function readProcess(home: string): NodeProcess | undefined {
  const content = readFile(home);
  return [content?.process, content?.successor].find(
    (each) => each !== undefined && each.start !== "" && isThere(each),
  );
}

function readFile(home: string): EndpointFile | undefined {
  const { endpoint: file } = nodeFiles(home);
  let found: Stats;
  try {
    found = lstatSync(file);
  } catch {
    return undefined;
  }
  if (!found.isFile() || !isOwn(found)) {
    throw new CloudError("storage", `expected ${file} to be a file of this user, and it is not`);
  }
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
  if (!isEndpointFile(content) || content.folder !== fileIdentity(home)) return undefined;
  return isOfAnotherStart(content.boot) ? undefined : content;
}

/** Removes the file, unless another node has written its own since. */
export function removeEndpoint(home: string, token: Uint8Array): void {
  const current = readEndpoint(home);
  if (current !== undefined && toHex(current.token) === toHex(token)) {
    returnToReserve(home, nodeFiles(home).endpoint);
  }
}

/** Where it isn't known, the rest has to tell. */
function isOfAnotherStart(boot: string): boolean {
  const current = bootId();
  return boot !== "" && current !== "" && boot !== current;
}

function isEndpointFile(value: unknown): value is EndpointFile {
  return (
    typeof value === "object" &&
    value !== null &&
    "address" in value &&
    typeof value.address === "string" &&
    "token" in value &&
    typeof value.token === "string" &&
    "folder" in value &&
    typeof value.folder === "string" &&
    "boot" in value &&
    typeof value.boot === "string" &&
    (!("process" in value) || isProcess(value.process)) &&
    (!("successor" in value) || isProcess(value.successor))
  );
}

function isProcess(value: unknown): value is NodeProcess {
  return (
    typeof value === "object" &&
    value !== null &&
    "pid" in value &&
    typeof value.pid === "number" &&
    "start" in value &&
    typeof value.start === "string"
  );
}
