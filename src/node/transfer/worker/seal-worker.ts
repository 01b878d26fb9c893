import { isCloudError } from "../../core/cloud-error.ts";
import { systemErrorCode } from "../../platform/system-error.ts";
import { beat, beatBy } from "../../platform/thread-watch.ts";
import { BlockBasket } from "./block-basket.ts";
import { openRecords } from "./open-records.ts";
import { sealFiles } from "./seal-files.ts";
import type {
  FromWorker,
  JobResult,
  OpeningJob,
  RoomAnswer,
  SealingJob,
  SealJob,
  ToWorker,
} from "./seal-jobs.ts";
import { sealRange } from "./seal-range.ts";
import { sealStretch } from "./seal-stretch.ts";
import { searchChunks, searchRecords } from "./search-texts.ts";
import { writeChunks } from "./write-chunks.ts";

/**
 * The entry of a process that seals and opens: one job after the other, each with an answer. It ends
 * with the node that started it.
 */

/** Jobs that wait for room for what they sealed. */
const waiting = new Map<number, { readonly result: JobResult; readonly basket: BlockBasket }>();
/** Between two messages that say that it goes on. */
const beatMs = 200;
let lastBeat = 0;

/** Copies a message before it returns, and has it on its way even if nothing else returns after it. */
function tell(message: FromWorker): void {
  // Who has gone meanwhile needs no answer.
  process.send?.(message, undefined, {}, () => undefined);
}

function tellFailure(number: number, error: unknown): void {
  const code = systemErrorCode(error);
  const why = isCloudError(error) ? error.message : String(error);
  tell({ type: "failed", number, why, ...(code === undefined ? {} : { code }) });
}

function work(number: number, job: SealJob): void {
  if (isOpening(job)) {
    tell({ type: "done", number, result: open(job) });
    return;
  }
  const basket = new BlockBasket(job.keys);
  const result = seal(job, basket);
  const held = basket.held();
  if (held === undefined) {
    tell({ type: "done", number, result, blocks: basket.take() });
    return;
  }
  waiting.set(number, { result, basket });
  tell({ type: "asks", number, held });
}

function isOpening(job: SealJob): job is OpeningJob {
  return !("keys" in job);
}

function open(job: OpeningJob): JobResult {
  switch (job.type) {
    case "records":
      return openRecords(job);
    case "chunks":
      return writeChunks(job);
    case "search records":
      return searchRecords(job);
    case "search chunks":
      return searchChunks(job);
  }
}

function seal(job: SealingJob, basket: BlockBasket): JobResult {
  switch (job.type) {
    case "files":
      return sealFiles(job, basket);
    case "range":
      return sealRange(job, basket);
    case "stretch":
      return sealStretch(job, basket);
  }
}

function takeRoom({ number, room }: RoomAnswer): void {
  const sealed = waiting.get(number);
  waiting.delete(number);
  if (sealed === undefined) return;
  const { result, basket } = sealed;
  try {
    if (room === "none") return;
    if (room !== "hand over") basket.write(room);
    tell({ type: "done", number, result, blocks: basket.take() });
  } finally {
    basket.release();
  }
}

beatBy(() => {
  const now = performance.now();
  if (now - lastBeat < beatMs) return;
  lastBeat = now;
  tell({ type: "beats" });
});
process.on("message", (message: ToWorker) => {
  beat();
  // What a job leaves behind are buffers, which V8 looks at only when they are 60 MB.
  globalThis.gc?.({ type: "minor" });
  try {
    if (message.type === "job") work(message.number, message.job);
    else takeRoom(message);
  } catch (error) {
    tellFailure(message.number, error);
  }
});
process.on("disconnect", () => {
  process.exit();
});
// Ctrl-C on a node in the foreground reaches the whole group: it is the node that ends in order.
process.on("SIGINT", () => undefined);
