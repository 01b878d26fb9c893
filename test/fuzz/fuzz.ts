import { setImmediate as nextTurn } from "node:timers/promises";
import { getHeapStatistics } from "node:v8";
import { seeded } from "../blocks/random.ts";
import { type Corpus, corpusOf } from "./corpus.ts";
import { Flaw, type Input, type Outcome, type Parser, showInput } from "./parser.ts";

/** The longest that one call may take, in milliseconds. */
const longestMs = 1000;
/** A promise that has not settled by then never does. */
const settleMs = 20_000;
/** How much one call may take of memory, and how much more for each byte or character that it is given. */
const maxCallBytes = 48 * 1024 * 1024;
const maxBytesABytes = 256;
/** By how much the process may grow while all parsers are tried. */
const maxGrowthBytes = 768 * 1024 * 1024;
/** Inputs between two looks at the whole process, which may clear away meanwhile. */
const lookEvery = 512;

/** An input that showed a flaw. */
export interface Failure {
  readonly parser: string;
  readonly seed: number;
  /** Which input of that seed; -1: one of the samples. */
  readonly at: number;
  readonly error: string;
  /** Hexadecimal, as `showInput` has it. */
  readonly input: string;
}

/** What the inputs of one parser came to. */
export interface Tally {
  readonly seeds: number;
  readonly inputs: number;
  readonly accepted: number;
  readonly refused: number;
  readonly failures: readonly Failure[];
}

/** Failures of one parser that are kept; more tell little. */
const maxFailures = 5;

interface FuzzOptions {
  readonly first?: number;
  readonly maxMs?: number;
  readonly onInput?: (at: number) => void;
}

/**
 * Gives a parser so many inputs. The same seed gives the same ones.
 * @param options.first - the number of the first input.
 * @param options.maxMs - the longest that one call may take.
 * @param options.onInput - told of each before it is tried.
 */
export async function fuzz(
  parser: Parser,
  seed: number,
  count: number,
  { first = 0, maxMs = longestMs, onInput }: FuzzOptions = {},
): Promise<Tally> {
  const failures: Failure[] = [];
  const fail = (input: Input, error: unknown, number: number): void => {
    const said = { error: sayError(error), input: showInput(input) };
    failures.push({ parser: parser.name, seed, at: number, ...said });
  };
  const corpus = await corpusOf(parser, (sample, error) => {
    fail(sample, error, -1);
  });
  let accepted = 0;
  let at = first;
  for (; at < first + count && failures.length < maxFailures; at++) {
    const input = inputAt(parser, corpus, seed, at);
    onInput?.(at);
    try {
      if (at % lookEvery === 0) {
        await nextTurn();
        checkGrowth();
      }
      if ((await tried(parser, input, maxMs)) === "accepted") accepted++;
    } catch (error) {
      fail(input, error, at);
    }
  }
  const inputs = at - first;
  const refused = inputs - accepted - failures.filter(({ at: which }) => which >= 0).length;
  return { seeds: corpus.seeds.length, inputs, accepted, refused, failures };
}

/** An input of a seed, by its number. */
function inputAt(parser: Parser, corpus: Corpus, seed: number, at: number): Input {
  let hash = 0x811c9dc5;
  for (const character of `${parser.name} ${seed.toString()} ${at.toString()}`) {
    hash = Math.imul(hash ^ character.charCodeAt(0), 0x0100_0193);
  }
  return corpus.make(seeded(hash));
}

/** Tries an input. @throws what the parser throws that it may not, and {@link Flaw} */
function tried(parser: Parser, input: Input, maxMs: number): Outcome | Promise<Outcome> {
  const before = usedBytes();
  const began = performance.now();
  const outcome = parser.run(input);
  if (outcome instanceof Promise) return inTime(outcome);
  if (performance.now() - began > maxMs) checkTime(parser, input, maxMs);
  const taken = usedBytes() - before;
  if (taken > maxCallBytes + maxBytesABytes * input.length) {
    throw new Flaw(`took ${taken.toString()} bytes of memory for ${input.length.toString()}`);
  }
  return outcome;
}

function usedBytes(): number {
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
  return heap + external;
}

/** Others may have had the processor: what is slow is slow again. */
function checkTime(parser: Parser, input: Input, maxMs: number): void {
  const again = [0, 1, 2].map(() => {
    const { user, system } = process.cpuUsage();
    void parser.run(input);
    const used = process.cpuUsage({ user, system });
    return (used.user + used.system) / 1000;
  });
  const least = Math.min(...again);
  if (least > maxMs) throw new Flaw(`took ${Math.round(least).toString()} ms`);
}

async function inTime(outcome: Promise<Outcome>): Promise<Outcome> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(new Flaw("the promise did not settle"));
  }, settleMs);
  try {
    return await Promise.race([outcome, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

const peakBytes = (): number => process.resourceUsage().maxRSS * 1024;
let peakBefore: number | undefined;

/** The most that the process has had shows also what was given back between two looks. */
function checkGrowth(): void {
  const peak = peakBytes();
  const growth = peak - (peakBefore ??= peak);
  if (growth <= maxGrowthBytes) return;
  peakBefore = peak;
  throw new Flaw(`the process has grown by ${growth.toString()} bytes`);
}

function sayError(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
