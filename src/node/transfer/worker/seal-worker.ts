import { parentPort, type Transferable } from "node:worker_threads";
import { openRecords } from "./open-records.ts";
import { sealFiles } from "./seal-files.ts";
import type { AnswerMessage, JobMessage, JobResult, SealJob } from "./seal-jobs.ts";
import { sealRange } from "./seal-range.ts";
import { sealStretch } from "./seal-stretch.ts";
import { writeChunks } from "./write-chunks.ts";

/** The entry of a worker thread: one job after the other, each with an answer. */
function work(job: SealJob): JobResult {
  switch (job.type) {
    case "files":
      return sealFiles(job);
    case "range":
      return sealRange(job);
    case "stretch":
      return sealStretch(job);
    case "records":
      return openRecords(job);
    case "chunks":
      return writeChunks(job);
  }
}

/** What is handed over rather than copied: the sealed blocks, each an array of its own. */
function handedOver(result: JobResult): Transferable[] {
  return "blocks" in result ? result.blocks.map(({ buffer }) => buffer as ArrayBuffer) : [];
}

parentPort?.on("message", ({ number, job }: JobMessage) => {
  let answer: AnswerMessage;
  let transfer: Transferable[] = [];
  try {
    const result = work(job);
    answer = { number, result };
    transfer = handedOver(result);
  } catch (error) {
    answer = { number, error: String(error) };
  }
  parentPort?.postMessage(answer, transfer);
});
