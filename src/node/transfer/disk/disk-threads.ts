import { Worker } from "node:worker_threads";
import { CloudError } from "../../core/cloud-error.ts";
import { Turns } from "../../core/turns.ts";
import { endWatched, lostThreads, stillMs, ThreadWatch } from "../../platform/thread-watch.ts";
import type { DiskCalls } from "./disk-calls.ts";
import { errorOf } from "./disk-error.ts";
import type { CallAnswer } from "./disk-worker.ts";

/** Requests that call the disk side by side; further ones wait. */
const maxThreads = 8;
/** As many threads may wait for disks that never answer. */
const maxLost = 16;
/** Short, since V8 keeps the memory of a thread that ended for 8 s more. */
const idleMs = 1000;

/** Who waits for an answer; which it is, the call knows. */
interface Waiting {
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
}

/** One thread, for one request: whatever becomes of its disk, no other request waits for it. */
export class DiskThread {
  readonly #worker: Worker;
  readonly #watch: ThreadWatch;
  readonly #waiting: Waiting[] = [];
  #signal: AbortSignal | undefined;
  #what = "";
  #lost: CloudError | undefined;

  constructor() {
    // The bundle and the sources differ in nothing but the ending.
    const ending = import.meta.url.endsWith(".ts") ? ".ts" : ".mjs";
    this.#watch = new ThreadWatch({
      isWithdrawn: () => this.#signal?.aborted === true,
      onStill: () => {
        this.#giveUp();
      },
    });
    this.#worker = new Worker(new URL(`./disk-worker${ending}`, import.meta.url), {
      workerData: { pulse: this.#watch.pulse },
      resourceLimits: { maxYoungGenerationSizeMb: 4 },
    });
    this.#worker.unref();
    this.#worker.on("message", (answer: CallAnswer) => {
      const call = this.#waiting.shift();
      if (this.#waiting.length === 0) this.#rest();
      if ("result" in answer) call?.resolve(answer.result as never);
      else call?.reject(errorOf(answer.error));
    });
    this.#worker.on("error", (cause: unknown) => {
      this.#lose(new CloudError("unexpected", "a thread for the disk failed", { cause }));
    });
    this.#worker.on("exit", () => {
      this.#lose(new CloudError("unavailable", "the drive was locked meanwhile"));
    });
  }

  /** Whether it can't be used any more. */
  get isLost(): boolean {
    return this.#lost !== undefined;
  }

  /** Belongs from now on to a request about a path, and calls the disk only as long as that wants it. */
  lend(what: string, signal: AbortSignal): void {
    this.#what = what;
    this.#signal = signal;
  }

  /**
   * Calls the disk.
   * @throws what the call throws; storage, if the disk didn't answer; cancelled, if it didn't and
   * nobody waits for it any more
   */
  call<Name extends keyof DiskCalls>(
    name: Name,
    ...args: Parameters<DiskCalls[Name]>
  ): Promise<ReturnType<DiskCalls[Name]>> {
    return new Promise((resolve, reject) => {
      if (this.#lost !== undefined) {
        reject(this.#lost);
        return;
      }
      this.#waiting.push({ resolve, reject });
      this.#watch.begin();
      this.#worker.ref();
      this.#worker.postMessage({ name, args });
    });
  }

  /** Ends it, whatever it does. */
  async end(): Promise<void> {
    this.#lose(new CloudError("unavailable", "the drive was locked meanwhile"));
    await endWatched([this.#worker]);
  }

  #rest(): void {
    this.#watch.end();
    this.#worker.unref();
  }

  #giveUp(): void {
    const withdrawn = this.#signal?.aborted === true;
    this.#lose(
      withdrawn ? new CloudError("cancelled", "the request was cancelled") : noAnswer(this.#what),
    );
    void endWatched([this.#worker]);
  }

  #lose(error: CloudError): void {
    if (this.#lost !== undefined) return;
    this.#lost = error;
    this.#rest();
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}

/** What is said of a disk that doesn't answer. @param what - a path on it. */
export function noAnswer(what: string): CloudError {
  const seconds = (stillMs / 1000).toString();
  return new CloudError(
    "storage",
    `the disk of ${JSON.stringify(what)} has not answered for ${seconds} s: see whether it is still connected`,
  );
}

/**
 * Threads in which paths of the user's are touched: a disk that hangs holds its own request and no
 * other. They are started when needed and end when nothing has been asked for a while.
 */
export class DiskThreads {
  readonly #turns = new Turns(maxThreads);
  readonly #all = new Set<DiskThread>();
  readonly #idle: DiskThread[] = [];
  #timer: NodeJS.Timeout | undefined;

  /**
   * Lends a thread to one request.
   * @param what - the path that it is about.
   * @throws storage, if too many disks don't answer; what `work` throws
   */
  use<Result>(
    what: string,
    signal: AbortSignal,
    work: (disk: DiskThread) => Promise<Result>,
  ): Promise<Result> {
    return this.#turns.take(async () => {
      if (signal.aborted) throw new CloudError("cancelled", "the request was cancelled");
      if (lostThreads() >= maxLost) {
        throw new CloudError(
          "storage",
          "too many requests wait for disks that don't answer: see which are still connected, then ipcloud node stop",
        );
      }
      clearTimeout(this.#timer);
      const disk = this.#idle.pop() ?? this.#start();
      disk.lend(what, signal);
      try {
        return await work(disk);
      } finally {
        if (disk.isLost) this.#all.delete(disk);
        else this.#idle.push(disk);
        this.#timer = setTimeout(() => {
          void this.clear(this.#idle.splice(0));
        }, idleMs).unref();
      }
    });
  }

  /** Ends threads; without an argument all of them. */
  async clear(threads: readonly DiskThread[] = [...this.#all]): Promise<void> {
    for (const each of threads) this.#all.delete(each);
    for (const [i, each] of [...this.#idle.entries()].reverse()) {
      if (threads.includes(each)) this.#idle.splice(i, 1);
    }
    await Promise.all(threads.map((each) => each.end()));
  }

  #start(): DiskThread {
    const disk = new DiskThread();
    this.#all.add(disk);
    return disk;
  }
}
