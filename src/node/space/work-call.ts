import type { Progress } from "./types.ts";

/** What long work is given. */
export interface WorkCall {
  readonly signal: AbortSignal;
  readonly progress: (progress: Progress) => void;
}
