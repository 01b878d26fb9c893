import { parentPort } from "node:worker_threads";
import { beat } from "../../platform/thread-watch.ts";
import { type CallMessage, diskCalls } from "./disk-calls.ts";
import { type ToldError, toldError } from "./disk-error.ts";

/** What the thread answers, in the order in which it was asked. */
export type CallAnswer = { readonly result: unknown } | { readonly error: ToldError };

/** The entry of a thread that calls the disk: one call after the other, each with an answer. */
parentPort?.on("message", ({ name, args }: CallMessage) => {
  beat();
  let answer: CallAnswer;
  try {
    const call = diskCalls[name] as (...args: readonly unknown[]) => unknown;
    answer = { result: call(...args) };
  } catch (error) {
    answer = { error: toldError(error) };
  }
  beat();
  parentPort?.postMessage(answer);
});
