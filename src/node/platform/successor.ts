import { type ChildProcess, spawn } from "node:child_process";
import { Socket } from "node:net";
import { parse } from "node:path";
import type { Writable } from "node:stream";
import { finished } from "node:stream/promises";

/** Names the descriptor on which a node gets what the one before hands over. */
const pipeVariable = "IPCLOUD_PREDECESSOR_FD";
/** More than a node hands over. */
const maxBytes = 1024 * 1024;

/** A process that is to go on in the place of this one, and waits for its end. */
export interface Successor {
  readonly pid: number;
  /**
   * Hands over what it goes on with: by a pipe, for arguments and environment are seen by others.
   * Once, at the end: it begins when this process has ended.
   * @param message - at most 1 MiB.
   */
  give(message: Uint8Array): Promise<void>;
  /** It is not needed. */
  end(): void;
}

/**
 * Starts this program once more, as this process was started. It loads while this process closes.
 * @returns `undefined`, if the system starts none
 */
export function startSuccessor(): Successor | undefined {
  const [, entry] = process.argv;
  if (entry === undefined) return undefined;
  let child: ChildProcess;
  try {
    child = spawn(process.execPath, [...process.execArgv, entry], {
      detached: true,
      stdio: ["ignore", "ignore", "ignore", "pipe"],
      cwd: parse(process.execPath).root,
      env: { ...process.env, [pipeVariable]: "3" },
      windowsHide: true,
    });
  } catch {
    return undefined;
  }
  // That it can't be run, or is gone, is seen by who looks for its process.
  child.on("error", () => undefined);
  child.unref();
  const pipe = child.stdio[3] as (Writable & Pick<Socket, "unref">) | null | undefined;
  const { pid } = child;
  if (pid === undefined || !pipe) return undefined;
  pipe.on("error", () => undefined);
  pipe.unref();
  return {
    pid,
    give: (message) =>
      new Promise((resolve) => {
        pipe.write(message, () => {
          resolve();
        });
      }),
    end: () => {
      child.kill("SIGKILL");
    },
  };
}

/** Whether this process was started to go on in the place of another. */
export function isSuccessor(): boolean {
  return process.env[pipeVariable] !== undefined;
}

/**
 * Waits for the end of the process that started this one to go on in its place. Call it once, where
 * {@link isSuccessor}.
 * @returns what it has handed over: nothing, if it came to no proper end.
 */
export async function awaitPredecessor(): Promise<Uint8Array> {
  const descriptor = Number(process.env[pipeVariable]);
  Reflect.deleteProperty(process.env, pipeVariable);
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    const pipe = new Socket({ fd: descriptor, readable: true, writable: false });
    pipe.on("data", (part: Buffer) => {
      length += part.length;
      if (length > maxBytes) pipe.destroy();
      else parts.push(part);
    });
    // The system closes the other end when the process has ended, after its memory is gone.
    await finished(pipe, { writable: false });
  } catch {
    return new Uint8Array(0);
  }
  const message = new Uint8Array(Buffer.concat(parts));
  for (const part of parts) part.fill(0);
  return message;
}
