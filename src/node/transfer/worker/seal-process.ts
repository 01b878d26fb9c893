import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { CloudError } from "../../core/cloud-error.ts";
import { asBlockId, type BlockId } from "../../core/ids.ts";
import { workEnvironment } from "../../platform/environment.ts";
import { endWatched, ThreadWatch } from "../../platform/thread-watch.ts";
import type { HeldBlock, Reservation, StoreBatch } from "../../store/store.ts";
import { noAnswer } from "../disk/disk-threads.ts";
import type {
  FromWorker,
  HeldBlocks,
  JobResult,
  SealedBlocks,
  SealJob,
  ToWorker,
} from "./seal-jobs.ts";

/** What passes through such a process is soon garbage: a small heap is collected early. */
const flags: readonly string[] = [
  "--max-semi-space-size=2",
  "--max-old-space-size=256",
  "--expose-gc",
  "--disable-warning=ExperimentalWarning",
];
const idBytes = 32;

/** Where sealed blocks go. */
export type BlockTaker = Pick<StoreBatch, "put" | "reserve">;

/** A job, and who waits for what comes of it. */
export interface Task {
  readonly job: SealJob;
  /** Takes the blocks that the job seals. */
  readonly batch: BlockTaker | undefined;
  /** Aborted: nobody wants it any more. */
  readonly signal: AbortSignal | undefined;
  readonly resolve: (result: JobResult) => void;
  readonly reject: (error: Error) => void;
}

interface Running extends Task {
  /** What it sealed waits for us to make room. */
  isAsking: boolean;
  /** Where the process writes what the job sealed. */
  reservation: Reservation | undefined;
}

/** Who is told about a process. */
export interface ProcessEvents {
  /** A job has ended, or nothing more should wait behind the process. */
  readonly onFree: () => void;
  /** It takes no further job. @param left - what it had not begun. */
  readonly onGone: (left: readonly Task[]) => void;
}

/** One child process that works on jobs, one after the other. It keeps no keys: a job brings what it needs. */
export class SealProcess {
  readonly #child: ChildProcess;
  readonly #events: ProcessEvents;
  readonly #watch: ThreadWatch;
  /** In the order in which it comes to them; one that asks comes again once it is answered. */
  readonly #tasks = new Map<number, Running>();
  readonly #ended: Promise<unknown>;
  #next = 1;
  #isGone = false;

  /** @throws what the system says, if it starts none; or else its jobs fail. */
  constructor(events: ProcessEvents) {
    this.#events = events;
    // The bundle and the sources differ in nothing but the ending.
    const ending = import.meta.url.endsWith(".ts") ? ".ts" : ".mjs";
    this.#child = fork(fileURLToPath(new URL(`./seal-worker${ending}`, import.meta.url)), {
      serialization: "advanced",
      execArgv: [...flags],
      env: workEnvironment(),
      windowsHide: true,
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    this.#child.unref();
    this.#child.channel?.unref();
    this.#watch = new ThreadWatch({
      isWithdrawn: () => this.#underWay()?.signal?.aborted === true,
      onStuck: events.onFree,
      onStill: () => {
        this.#giveUp();
      },
    });
    this.#child.on("message", (message: FromWorker) => {
      this.#hear(message);
    });
    this.#ended = new Promise((resolve) => {
      const end = (cause?: unknown): void => {
        resolve(undefined);
        this.#lose(new CloudError("unexpected", "a sealing process ended by itself", { cause }));
      };
      this.#child.once("exit", () => {
        end();
      });
      this.#child.once("error", end);
    });
  }

  /** Jobs that it has. */
  get load(): number {
    return this.#tasks.size;
  }

  /** Whether it waits for a disk for so long that nothing more should wait behind it. */
  get isStuck(): boolean {
    return this.#watch.isStuck;
  }

  /** Gives it a job, for when it has done those before. */
  give(task: Task): void {
    const number = this.#next++;
    this.#tasks.set(number, { ...task, isAsking: false, reservation: undefined });
    this.#tell({ type: "job", number, job: task.job });
    this.#attend();
  }

  /** Ends it at once. Resolves when it has ended, or can't, and its jobs have failed. */
  async end(error: CloudError): Promise<void> {
    this.#isGone = true;
    this.#watch.end();
    for (const [number, { reservation }] of [...this.#tasks]) {
      if (reservation === undefined) this.#reject(number, error);
    }
    await this.#kill(error);
  }

  /** Ends it, and then those of its jobs that it may have been writing for. */
  async #kill(error: CloudError): Promise<void> {
    const terminate = async (): Promise<unknown> => {
      this.#child.kill("SIGKILL");
      return this.#ended;
    };
    const unref = (): void => {
      this.#child.channel?.unref();
    };
    const hasEnded = await endWatched([{ unref, terminate }]);
    for (const number of [...this.#tasks.keys()]) this.#reject(number, error, !hasEnded);
  }

  /** What it is at, as far as that is its own: not what waits for us. */
  #underWay(): Running | undefined {
    for (const task of this.#tasks.values()) if (!task.isAsking) return task;
    return undefined;
  }

  /** With nothing to do it must not keep the node alive, nor be looked at. */
  #attend(): void {
    if (this.#isGone) return;
    if (this.#underWay() === undefined) this.#watch.end();
    else this.#watch.begin();
    if (this.#tasks.size > 0) this.#child.channel?.ref();
    else this.#child.channel?.unref();
  }

  #tell(message: ToWorker): void {
    // Whether it has ended, or never began, is told.
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  #hear(message: FromWorker): void {
    this.#watch.noteBeat();
    if (message.type === "beats") return;
    const { number } = message;
    const task = this.#tasks.get(number);
    if (task === undefined) return;
    if (message.type === "asks") {
      task.isAsking = true;
      void this.#makeRoom(number, task, message.held);
      this.#attend();
    } else if (message.type === "failed") {
      const { why, code } = message;
      this.#reject(number, Object.assign(new Error(why), code === undefined ? {} : { code }));
    } else this.#settle(number, task, message.result, message.blocks);
  }

  async #makeRoom(number: number, task: Running, held: HeldBlocks): Promise<void> {
    try {
      const reservation = await task.batch?.reserve(heldBlocks(held));
      if (!this.#tasks.has(number)) {
        reservation?.lost(lockedMeanwhile());
        return;
      }
      task.isAsking = false;
      task.reservation = reservation;
      // It comes to it after those that it was given meanwhile.
      this.#tasks.delete(number);
      this.#tasks.set(number, task);
      if (reservation === undefined) this.#tell({ type: "room", number, room: "hand over" });
      else {
        const { wanted, rooms } = reservation;
        this.#tell({ type: "room", number, room: { wanted, rooms } });
      }
      this.#attend();
    } catch (error) {
      this.#tell({ type: "room", number, room: "none" });
      this.#reject(number, asError(error));
    }
  }

  #settle(
    number: number,
    task: Running,
    result: JobResult,
    blocks: SealedBlocks | undefined,
  ): void {
    try {
      task.reservation?.written();
      task.reservation = undefined;
      if (blocks !== undefined) putAll(task.batch, blocks);
    } catch (error) {
      this.#reject(number, asError(error));
      return;
    }
    this.#tasks.delete(number);
    this.#attend();
    task.resolve(result);
    this.#events.onFree();
  }

  /** Its disk doesn't answer. */
  #giveUp(): void {
    const stuck = this.#underWay();
    if (stuck === undefined || this.#isGone) return;
    const left: Task[] = [];
    for (const [number, task] of [...this.#tasks]) {
      if (task === stuck || task.isAsking || task.reservation !== undefined) continue;
      this.#tasks.delete(number);
      left.push(task);
    }
    this.#leave(left);
    for (const [number, task] of [...this.#tasks]) {
      if (task !== stuck || task.reservation !== undefined) continue;
      this.#reject(
        number,
        task.signal?.aborted === true ? cancelled() : noAnswer(pathOf(task.job)),
      );
    }
    const why = "a disk that another request was at does not answer: try again";
    void this.#kill(new CloudError("unavailable", why));
  }

  /** It ended. */
  #lose(error: CloudError): void {
    if (this.#isGone) return;
    this.#leave([]);
    for (const number of [...this.#tasks.keys()]) this.#reject(number, error);
  }

  #leave(left: readonly Task[]): void {
    this.#isGone = true;
    this.#watch.end();
    this.#events.onGone(left);
  }

  #reject(number: number, error: Error, mayStillWrite = false): void {
    const task = this.#tasks.get(number);
    if (task === undefined) return;
    this.#tasks.delete(number);
    this.#attend();
    task.reject(task.reservation?.lost(error, mayStillWrite) ?? error);
    this.#events.onFree();
  }
}

/** What is said of a job that nobody wants any more. */
export function cancelled(): CloudError {
  return new CloudError("cancelled", "the request was cancelled");
}

/** What is said of a job whose keys are gone. */
export function lockedMeanwhile(): CloudError {
  return new CloudError("unavailable", "the drive was locked meanwhile");
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** Reads columns of blocks that are held elsewhere. */
function heldBlocks({ ids, lengths }: HeldBlocks): HeldBlock[] {
  return Array.from(lengths, (length, i) => ({ id: idAt(ids, i), length }));
}

function putAll(batch: BlockTaker | undefined, { ids, lengths, bytes }: SealedBlocks): void {
  let at = 0;
  lengths.forEach((length, i) => {
    batch?.put({ id: idAt(ids, i), bytes: bytes.subarray(at, at + length) });
    at += length;
  });
}

function idAt(ids: Uint8Array, i: number): BlockId {
  return asBlockId(ids.subarray(i * idBytes, (i + 1) * idBytes));
}

/** A path that a job is about. */
function pathOf(job: SealJob): string {
  switch (job.type) {
    case "files":
    case "records":
      return job.items.paths.split("\0", 1)[0] ?? "";
    case "range":
      return job.path;
    case "chunks":
      return job.items[0]?.path ?? "";
    case "stretch":
    case "search records":
    case "search chunks":
      return "";
  }
}
