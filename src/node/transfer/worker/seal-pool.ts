import { type Transferable, Worker } from "node:worker_threads";
import { CloudError } from "../../core/cloud-error.ts";
import { endThreads, ThreadWatch } from "../../platform/thread-watch.ts";
import { DiskThreads, noAnswer } from "../disk/disk-threads.ts";
import type { AnswerMessage, JobResult, JobType, SealJob, SealJobs } from "./seal-jobs.ts";

/** Options of {@link SealPool}; the defaults are what a node uses. */
export interface SealPoolOptions {
  /** Threads at most. */
  readonly workers?: number;
  /** After so long without a job its threads end, so that a node at rest stays small. */
  readonly idleMs?: number;
}

/** Jobs that a thread has at once: one that runs and one that waits, so that it never idles. */
const jobsEach = 2;
/** Threads at most, those that wait for a disk included. */
const maxThreads = 8;
/** What a thread may hold of short-lived objects; more would only be collected later. */
const youngMiB = 8;

interface Task {
  /** Aborted: nobody wants it any more. */
  readonly signal: AbortSignal | undefined;
  readonly job: SealJob;
  readonly transfer: readonly Transferable[];
  readonly resolve: (result: JobResult) => void;
  readonly reject: (error: Error) => void;
}

interface Thread {
  readonly worker: Worker;
  readonly watch: ThreadWatch;
  /** The first is under way. */
  readonly tasks: Map<number, Task>;
}

/**
 * Worker threads that seal and open, started when there is something to do and ended when there has
 * been nothing for a while. They hold no keys: a job brings what it needs.
 */
export class SealPool {
  /** The threads in which paths of the user's are touched that are no content. */
  readonly disks = new DiskThreads();
  readonly #workers: number;
  readonly #idleMs: number;
  readonly #threads = new Set<Thread>();
  readonly #waiting: Task[] = [];
  #next = 1;
  #idle: NodeJS.Timeout | undefined;
  #closed = false;

  constructor({ workers = 2, idleMs = 5000 }: SealPoolOptions = {}) {
    this.#workers = workers;
    this.#idleMs = idleMs;
  }

  /** Jobs that keep every thread busy: who has more under way only holds memory. */
  get width(): number {
    return this.#workers * jobsEach;
  }

  /**
   * Runs a job in a thread.
   * @param transfer - buffers in it that are handed over rather than copied.
   * @param signal - once it is aborted, a job that waits fails, and one whose disk doesn't answer is
   * soon given up.
   * @throws cancelled; storage, if the disk of a job doesn't answer; unavailable, once the pool is closed; unexpected, if a thread ends by itself; and what
   * the job throws
   */
  run<Type extends JobType>(
    job: SealJobs[Type]["job"] & { readonly type: Type },
    transfer: readonly Transferable[] = [],
    signal?: AbortSignal,
  ): Promise<SealJobs[Type]["result"]> {
    return new Promise<JobResult>((resolve, reject) => {
      if (this.#closed) {
        reject(new CloudError("unavailable", "the drive was locked meanwhile"));
        return;
      }
      clearTimeout(this.#idle);
      this.#waiting.push({ job, transfer, signal, resolve, reject });
      this.#assign();
    });
  }

  /**
   * Ends the threads, and with them the keys that their jobs brought; jobs under way fail. Later jobs
   * start new ones.
   */
  async clear(): Promise<void> {
    await this.disks.clear();
    await this.#end(new CloudError("unavailable", "the drive was locked meanwhile"));
  }

  /** Ends the threads, and takes no further job. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.clear();
  }

  #assign(): void {
    for (let at = this.#waiting.length - 1; at >= 0; at--) {
      if (this.#waiting[at]?.signal?.aborted !== true) continue;
      for (const { reject } of this.#waiting.splice(at, 1)) reject(cancelled());
    }
    for (;;) {
      if (this.#waiting.length === 0) return;
      const thread = this.#freest();
      if (thread === undefined) return;
      const task = this.#waiting.shift() as Task;
      const number = this.#next++;
      thread.tasks.set(number, task);
      thread.worker.ref();
      thread.watch.begin();
      thread.worker.postMessage({ number, job: task.job }, task.transfer);
    }
  }

  /** The thread with the fewest jobs, a new one if all have some; none if all have enough. */
  #freest(): Thread | undefined {
    let freest: Thread | undefined;
    const free = [...this.#threads].filter(({ watch }) => !watch.isStuck);
    for (const thread of free) {
      if (freest === undefined || thread.tasks.size < freest.tasks.size) freest = thread;
    }
    if (freest?.tasks.size === 0) return freest;
    // Beside those that wait for a disk, so that what needs none of it goes on.
    if (free.length < this.#workers && this.#threads.size < maxThreads) return this.#start();
    return freest !== undefined && freest.tasks.size < jobsEach ? freest : undefined;
  }

  #start(): Thread {
    // The bundle and the sources differ in nothing but the ending.
    const ending = import.meta.url.endsWith(".ts") ? ".ts" : ".mjs";
    const watch = new ThreadWatch({
      isWithdrawn: () => firstOf(thread)?.signal?.aborted === true,
      onStuck: () => {
        this.#assign();
      },
      onStill: () => {
        this.#giveUp(thread);
      },
    });
    const worker = new Worker(new URL(`./seal-worker${ending}`, import.meta.url), {
      workerData: { pulse: watch.pulse },
      resourceLimits: { maxYoungGenerationSizeMb: youngMiB },
    });
    worker.unref();
    const thread: Thread = { worker, watch, tasks: new Map() };
    this.#threads.add(thread);
    worker.on("message", (answer: AnswerMessage) => {
      this.#answer(thread, answer);
    });
    worker.on("error", (cause: unknown) => {
      this.#lose(thread, cause);
    });
    worker.on("exit", () => {
      this.#lose(thread, undefined);
    });
    return thread;
  }

  #answer(thread: Thread, answer: AnswerMessage): void {
    const task = thread.tasks.get(answer.number);
    thread.tasks.delete(answer.number);
    // A thread with nothing to do must not keep the process alive; one with a job must.
    if (thread.tasks.size === 0) {
      thread.worker.unref();
      thread.watch.end();
    }
    if ("result" in answer) task?.resolve(answer.result);
    else task?.reject(new CloudError("unexpected", `a sealing thread failed: ${answer.error}`));
    this.#assign();
    if ([...this.#threads].every(({ tasks }) => tasks.size === 0)) this.#rest();
  }

  #rest(): void {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => {
      void this.#end(new CloudError("unexpected", "a thread had a job while it rested"));
    }, this.#idleMs);
    this.#idle.unref();
  }

  /** The disk of the first job of a thread doesn't answer. */
  #giveUp(thread: Thread): void {
    const [first, ...others] = thread.tasks.values();
    if (first === undefined) return;
    thread.watch.end();
    thread.tasks.clear();
    this.#threads.delete(thread);
    void endThreads([thread.worker]);
    first.reject(first.signal?.aborted === true ? cancelled() : noAnswer(pathOf(first.job)));
    // What was handed over with a job is in that thread.
    for (const task of others) {
      if (task.transfer.length === 0) this.#waiting.unshift(task);
      else
        task.reject(
          new CloudError(
            "unavailable",
            "a disk that another request was at does not answer: try again",
          ),
        );
    }
    this.#assign();
  }

  #lose(thread: Thread, cause: unknown): void {
    if (!this.#threads.delete(thread)) return;
    thread.watch.end();
    for (const { reject } of thread.tasks.values()) {
      reject(new CloudError("unexpected", "a sealing thread ended by itself", { cause }));
    }
    thread.tasks.clear();
    this.#assign();
  }

  async #end(error: CloudError): Promise<void> {
    clearTimeout(this.#idle);
    for (const { reject } of this.#waiting.splice(0)) reject(error);
    const threads = [...this.#threads];
    this.#threads.clear();
    for (const { tasks, watch } of threads) {
      watch.end();
      for (const { reject } of tasks.values()) reject(error);
      tasks.clear();
    }
    await endThreads(threads.map(({ worker }) => worker));
  }
}

/** What a thread is at. */
function firstOf({ tasks }: Thread): Task | undefined {
  return tasks.values().next().value;
}

function cancelled(): CloudError {
  return new CloudError("cancelled", "the request was cancelled");
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
    case "open":
      return "";
  }
}
