import { type CloudErrorCode, isCloudError } from "../../src/node/core/cloud-error.ts";

/** What came of one input. */
export type Outcome = "accepted" | "refused";

/** What an input consists of: bytes; text; text that is JSON; a key and a value ({@link joinPair}). */
export type InputKind = "bytes" | "pair" | "text" | "json";

export type Input = Uint8Array | string;

/** A parser of what comes from outside, as the fuzzer knows it. */
export interface Parser {
  readonly name: string;
  readonly kind: InputKind;
  /** How many inputs it is given beside the others, whose share is 1: fewer where each takes long. */
  readonly share: number;
  /** Inputs of which some are accepted; those are changed. */
  readonly samples: () => readonly Input[];
  /** @throws what no parser may throw, and {@link Flaw} */
  readonly run: (input: Input) => Outcome | Promise<Outcome>;
}

/** Something that a parser must not do. */
export class Flaw extends Error {
  override readonly name = "Flaw";
}

interface Spec<Kind extends Input, Value> {
  readonly samples: () => readonly Kind[];
  /** @returns `undefined` where the parser says so that the input is none. */
  readonly parse: (input: Kind) => Value | undefined | Promise<Value | undefined>;
  /** The codes with which it may refuse; by default those of stored bytes. */
  readonly codes?: readonly CloudErrorCode[];
  readonly share?: number;
  /** What was accepted, encoded: it must be the input. */
  readonly encode?: (value: Value) => Kind;
  /** Further checks of what was accepted. @throws Flaw */
  readonly check?: (value: Value, input: Kind) => void;
}

/** A parser of bytes. */
export function bytesParser<Value>(name: string, spec: Spec<Uint8Array, Value>): Parser {
  return define(name, "bytes", spec);
}

/** A parser of a key and a value, which are given as {@link joinPair} joins them. */
export function pairParser<Value>(name: string, spec: Spec<Uint8Array, Value>): Parser {
  return define(name, "pair", spec);
}

/** A parser of text. */
export function textParser<Value>(name: string, spec: Spec<string, Value>): Parser {
  return define(name, "text", spec);
}

/** A parser of text that is JSON, or should be. */
export function jsonParser<Value>(name: string, spec: Spec<string, Value>): Parser {
  return define(name, "json", spec);
}

function define<Kind extends Input, Value>(
  name: string,
  kind: InputKind,
  spec: Spec<Kind, Value>,
): Parser {
  const codes = spec.codes ?? ["damaged", "newer"];
  const judge = (value: Value | undefined, input: Kind): Outcome => {
    if (value === undefined) return "refused";
    const encoded = spec.encode?.(value);
    if (encoded !== undefined && !isSame(encoded, input)) {
      throw new Flaw(`what was accepted is encoded as other bytes: ${showInput(encoded)}`);
    }
    spec.check?.(value, input);
    return "accepted";
  };
  const refuse = (error: unknown): Outcome => {
    if (!isCloudError(error, ...codes)) throw error;
    if (error.message === "") throw new Flaw("a refusal without a sentence");
    return "refused";
  };
  return {
    name,
    kind,
    share: spec.share ?? 1,
    samples: spec.samples,
    run: (given) => {
      const input = given as Kind;
      let value: Value | undefined | Promise<Value | undefined>;
      try {
        value = spec.parse(input);
      } catch (error) {
        return refuse(error);
      }
      if (!(value instanceof Promise)) return judge(value, input);
      return value.then((settled) => judge(settled, input), refuse);
    },
  };
}

function isSame(a: Input, b: Input): boolean {
  if (typeof a === "string" || typeof b === "string") return a === b;
  return Buffer.compare(a, b) === 0;
}

/** An input in hexadecimal: of bytes, or of the UTF-16 of a text, little end first. */
export function showInput(input: Input): string {
  const bytes = typeof input === "string" ? Buffer.from(input, "utf16le") : Buffer.from(input);
  return bytes.toString("hex");
}

/** Length of the key (2 B) ‖ key ‖ value. */
export function joinPair(key: Uint8Array, value: Uint8Array): Uint8Array {
  const pair = new Uint8Array(2 + key.length + value.length);
  pair[0] = key.length >>> 8;
  pair[1] = key.length & 0xff;
  pair.set(key, 2);
  pair.set(value, 2 + key.length);
  return pair;
}

/** Reads {@link joinPair} back; a key that is cut short is as short as it is. */
export function splitPair(pair: Uint8Array): {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
} {
  const end = 2 + (((pair[0] ?? 0) << 8) | (pair[1] ?? 0));
  return { key: pair.subarray(2, end), value: pair.subarray(Math.min(end, pair.length)) };
}
