import { randomFillSync } from "node:crypto";
import type { RandomBytes } from "../crypto/primitives.ts";

/** Randomness from the operating system. */
export const systemRandom: RandomBytes = (length) => randomFillSync(new Uint8Array(length));
