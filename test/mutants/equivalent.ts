import type { Mutant } from "./mutate.ts";

/** A change that nobody can see, and why. */
export interface Equivalent extends Pick<Mutant, "file" | "within" | "from" | "to"> {
  readonly why: string;
}

/**
 * Changes that no vector can notice. Each says why; one that a vector notices after all, or that no
 * longer stands in the code, is told by `npm run mutants`.
 */
export const equivalents: readonly Equivalent[] = [];
