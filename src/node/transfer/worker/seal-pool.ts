import { CloudError } from "../../core/cloud-error.ts";
import { DiskThreads } from "../disk/disk-threads.ts";
import type { JobResult, JobType, SealJobs } from "./seal-jobs.ts";
import {
  type BlockTaker,
  cancelled,
  lockedMeanwhile,
  SealProcess,
  type Task,
} from "./seal-process.ts";

/** Options of {@link SealPool}; the defaults are what a node uses. */
export interface SealPoolOptions {
  /** Processes at most. */
  readonly workers?: number;
  /** After so long without a job its processes end, so that a node at rest stays small. */
  readonly idleMs?: number;
}

/** What a job is run for. */
export interface JobOptions {
  /** Takes the blocks that it seals. */
  readonly batch?: BlockTaker;
  /** Once it is aborted, a job that waits fails, and one whose disk doesn't answer is soon given up. */
  readonly signal?: AbortSignal;
}

/** Jobs that a process has at once: one that runs and one that waits, so that it never idles. */
const jobsEach = 2;
/** Processes at most, those that wait for a disk included. */
const maxProcesses = 8;

/**
 * Processes that seal and open, started when there is something to do and ended when there has been
 * nothing for a while: what they held of memory goes with them, whatever the C library would keep,
 * and so do the keys that their jobs brought.
 */
export class SealPool {
  /** The threads in which paths of the user's are touched that are no content. */
  readonly disks = new DiskThreads();
  readonly #workers: number;
  readonly #idleMs: number;
  readonly #processes = new Set<SealProcess>();
  readonly #waiting: Task[] = [];
  #idle: NodeJS.Timeout | undefined;
  #closed = false;

  constructor({ workers = 2, idleMs = 5000 }: SealPoolOptions = {}) {
    this.#workers = workers;
    this.#idleMs = idleMs;
  }

  /** Jobs that keep every process busy: who has more under way only holds memory. */
  get width(): number {
    return this.#workers * jobsEach;
  }

  /**
   * Runs a job in a process. The batch has all blocks that it seals once this resolves.
   * @throws cancelled; storage, if the disk of a job doesn't answer; unavailable, once the pool is
   * closed; unexpected, if a process ends by itself or can't be started; what the job throws; and what the batch does
   */
  run<Type extends JobType>(
    job: SealJobs[Type]["job"] & { readonly type: Type },
    { batch, signal }: JobOptions = {},
  ): Promise<SealJobs[Type]["result"]> {
    return new Promise<JobResult>((resolve, reject) => {
      if (this.#closed) {
        reject(lockedMeanwhile());
        return;
      }
      clearTimeout(this.#idle);
      this.#waiting.push({ job, batch, signal, resolve, reject });
      this.#assign();
    });
  }

  /**
   * Ends the processes, and with them the keys that their jobs brought; jobs under way fail. Later
   * jobs start new ones.
   */
  async clear(): Promise<void> {
    await this.disks.clear();
    await this.#end(lockedMeanwhile());
  }

  /** Ends the processes, and takes no further job. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.clear();
  }

  #assign(): void {
    for (let at = this.#waiting.length - 1; at >= 0; at--) {
      if (this.#waiting[at]?.signal?.aborted !== true) continue;
      for (const { reject } of this.#waiting.splice(at, 1)) reject(cancelled());
    }
    while (this.#waiting.length > 0) {
      let process: SealProcess | undefined;
      try {
        process = this.#freest();
      } catch (cause) {
        const error = new CloudError("unexpected", "no process can be started", { cause });
        for (const { reject } of this.#waiting.splice(0)) reject(error);
      }
      if (process === undefined) return;
      process.give(this.#waiting.shift() as Task);
    }
  }

  /**
   * The process with the fewest jobs, a new one if all have some; none if all have enough.
   * @throws what the system says, if it starts none
   */
  #freest(): SealProcess | undefined {
    let freest: SealProcess | undefined;
    const free = [...this.#processes].filter(({ isStuck }) => !isStuck);
    for (const process of free) {
      if (freest === undefined || process.load < freest.load) freest = process;
    }
    if (freest?.load === 0) return freest;
    // Beside those that wait for a disk, so that what needs none of it goes on.
    if (free.length < this.#workers && this.#processes.size < maxProcesses) return this.#start();
    return freest !== undefined && freest.load < jobsEach ? freest : undefined;
  }

  #start(): SealProcess {
    const process: SealProcess = new SealProcess({
      onFree: () => {
        this.#assign();
        if ([...this.#processes].every(({ load }) => load === 0)) this.#rest();
      },
      onGone: (left) => {
        this.#processes.delete(process);
        this.#waiting.unshift(...left);
        this.#assign();
      },
    });
    this.#processes.add(process);
    return process;
  }

  #rest(): void {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => {
      const error = new CloudError("unexpected", "a process had a job while it rested");
      void this.#end(error);
    }, this.#idleMs);
    this.#idle.unref();
  }

  async #end(error: CloudError): Promise<void> {
    clearTimeout(this.#idle);
    for (const { reject } of this.#waiting.splice(0)) reject(error);
    const processes = [...this.#processes];
    this.#processes.clear();
    await Promise.all(processes.map((process) => process.end(error)));
  }
}
