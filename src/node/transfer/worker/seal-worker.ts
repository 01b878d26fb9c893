import { parentPort, type Transferable } from "node:worker_threads";
import { beat } from "../../platform/thread-watch.ts";
import { openContent } from "./open-content.ts";
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
    case "open":
      return openContent(job);
  }
}

/** What is handed over rather than copied: arrays of their own. */
function handedOver(result: JobResult): Transferable[] {
  if ("bytes" in result) return [result.bytes.buffer as ArrayBuffer];
  return "blocks" in result ? result.blocks.map(({ buffer }) => buffer as ArrayBuffer) : [];
}

parentPort?.on("message", ({ number, job }: JobMessage) => {
  beat();
  let answer: AnswerMessage;
  let transfer: Transferable[] = [];
  try {
    const result = work(job);
    answer = { number, result };
    transfer = handedOver(result);
  } catch (error) {
    answer = { number, error: String(error) };
  }
  beat();
  parentPort?.postMessage(answer, transfer);
});
