import { type Transferable, Worker } from "node:worker_threads";
import { CloudError } from "../../core/cloud-error.ts";
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
/** What a thread may hold of short-lived objects; more would only be collected later. */
const youngMiB = 8;

interface Task {
  readonly job: SealJob;
  readonly transfer: readonly Transferable[];
  readonly resolve: (result: JobResult) => void;
  readonly reject: (error: Error) => void;
}

interface Thread {
  readonly worker: Worker;
  readonly tasks: Map<number, Task>;
}

/**
 * Worker threads that seal and open, started when there is something to do and ended when there has
 * been nothing for a while. They hold no keys: a job brings what it needs.
 */
export class SealPool {
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
   * @throws unavailable, once the pool is closed; unexpected, if a thread ends by itself; and what
   * the job throws
   */
  run<Type extends JobType>(
    job: SealJobs[Type]["job"] & { readonly type: Type },
    transfer: readonly Transferable[] = [],
  ): Promise<SealJobs[Type]["result"]> {
    return new Promise<JobResult>((resolve, reject) => {
      if (this.#closed) {
        reject(new CloudError("unavailable", "the drive was locked meanwhile"));
        return;
      }
      clearTimeout(this.#idle);
      this.#waiting.push({ job, transfer, resolve, reject });
      this.#assign();
    });
  }

  /**
   * Ends the threads, and with them the keys that their jobs brought; jobs under way fail. Later jobs
   * start new ones.
   */
  async clear(): Promise<void> {
    await this.#end(new CloudError("unavailable", "the drive was locked meanwhile"));
  }

  /** Ends the threads, and takes no further job. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.clear();
  }

  #assign(): void {
    for (;;) {
      if (this.#waiting.length === 0) return;
      const thread = this.#freest();
      if (thread === undefined) return;
      const task = this.#waiting.shift() as Task;
      const number = this.#next++;
      thread.tasks.set(number, task);
      thread.worker.ref();
      thread.worker.postMessage({ number, job: task.job }, task.transfer);
    }
  }

  /** The thread with the fewest jobs, a new one if all have some; none if all have enough. */
  #freest(): Thread | undefined {
    let freest: Thread | undefined;
    for (const thread of this.#threads) {
      if (freest === undefined || thread.tasks.size < freest.tasks.size) freest = thread;
    }
    if (freest?.tasks.size === 0) return freest;
    if (this.#threads.size < this.#workers) return this.#start();
    return freest !== undefined && freest.tasks.size < jobsEach ? freest : undefined;
  }

  #start(): Thread {
    // The bundle and the sources differ in nothing but the ending.
    const ending = import.meta.url.endsWith(".ts") ? ".ts" : ".mjs";
    const worker = new Worker(new URL(`./seal-worker${ending}`, import.meta.url), {
      resourceLimits: { maxYoungGenerationSizeMb: youngMiB },
    });
    worker.unref();
    const thread: Thread = { worker, tasks: new Map() };
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
    if (thread.tasks.size === 0) thread.worker.unref();
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

  #lose(thread: Thread, cause: unknown): void {
    this.#threads.delete(thread);
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
    for (const { tasks } of threads) {
      for (const { reject } of tasks.values()) reject(error);
      tasks.clear();
    }
    await Promise.all(threads.map(({ worker }) => worker.terminate()));
  }
}
