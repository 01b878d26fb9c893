import { createContext, Script } from "node:vm";

const call = new Script("work()");

/**
 * Runs something that may take for ever, as a regular expression can.
 * @returns whether it came to its end in time. If not, it was broken off at any point, and nothing
 * that it was changing may be used.
 * @throws what it throws
 */
export function runLimited(work: () => void, limitMs: number): boolean {
  try {
    call.runInContext(createContext({ work }), { timeout: limitMs });
    return true;
  } catch (error) {
    if (isTimeout(error)) return false;
    throw error;
  }
}

/** It is an error of the other context, so no `Error` of this one. */
function isTimeout(error: unknown): boolean {
  if (typeof error !== "object" || error === null || !("code" in error)) return false;
  return error.code === "ERR_SCRIPT_EXECUTION_TIMEOUT";
}
