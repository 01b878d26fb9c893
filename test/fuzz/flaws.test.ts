import assert from "node:assert/strict";
import { CloudError } from "../../src/node/core/cloud-error.ts";
import { fuzz } from "./fuzz.ts";
import { bytesParser, type Parser, textParser } from "./parser.ts";

/** Short, so that what takes longer is soon found. */
const maxMs = 5;
const samples = (): Uint8Array[] => [new Uint8Array(40).fill(0x41), Uint8Array.of(0x83, 1, 2, 3)];
/** What a flawed parser does wrong only with some inputs: a sample is none of them. */
const isOdd = (bytes: Uint8Array): boolean => bytes.includes(0xff);
const parse =
  (flaw: (bytes: Uint8Array) => void) =>
  (bytes: Uint8Array): Uint8Array => {
    if (isOdd(bytes)) flaw(bytes);
    return bytes;
  };

/** Keeps the processor busy. */
function spin(ms: number): void {
  for (const began = process.cpuUsage(); process.cpuUsage(began).user < ms * 1000; );
}

const flawed: readonly (readonly [what: string, parser: Parser, error: RegExp])[] = [
  [
    "throws what is no CloudError",
    bytesParser("x", {
      samples,
      parse: parse(() => {
        throw new RangeError("out of range");
      }),
    }),
    /RangeError: out of range/u,
  ],
  [
    "refuses by a code that it may not",
    bytesParser("x", {
      samples,
      parse: parse(() => {
        throw new CloudError("unexpected", "a bug");
      }),
    }),
    /CloudError: a bug/u,
  ],
  [
    "rejects with what is no CloudError",
    bytesParser("x", {
      samples,
      parse: (bytes) =>
        isOdd(bytes) ? Promise.reject(new TypeError("no")) : Promise.resolve(bytes),
    }),
    /TypeError: no/u,
  ],
  [
    "takes two encodings of one thing",
    bytesParser("x", {
      samples,
      parse: (bytes) => bytes,
      encode: (bytes) => bytes.map((byte) => (byte === 0xff ? 0 : byte)),
    }),
    /encoded as other bytes/u,
  ],
  [
    "takes a long time",
    bytesParser("x", {
      samples,
      parse: parse(() => {
        spin(2 * maxMs);
      }),
    }),
    /took \d+ ms/u,
  ],
  [
    "takes much memory for little",
    bytesParser("x", {
      samples,
      parse: (bytes) => (isOdd(bytes) ? new Uint8Array(64 * 1024 * 1024) : bytes),
    }),
    /took \d+ bytes of memory/u,
  ],
  [
    "stumbles over half a surrogate pair",
    textParser("x", {
      samples: () => ["some text"],
      parse: (text) => encodeURIComponent(text),
    }),
    /URIError/u,
  ],
];

describe("the fuzzer", () => {
  for (const [what, parser, error] of flawed) {
    it(`finds a parser that ${what}`, async () => {
      const { failures } = await fuzz(parser, 1, 100, { maxMs });
      const [first] = failures;
      assert.match(first?.error ?? "nothing was found", error);
      assert.match(first?.input ?? "", /^([0-9a-f]{2})+$/u);
    });
  }

  it("finds nothing in one that is sound", async () => {
    const sound = bytesParser("x", { samples, parse: (bytes) => bytes, encode: (bytes) => bytes });
    assert.deepEqual((await fuzz(sound, 1, 300)).failures, []);
  });

  it("refuses a parser that accepts none of its samples, of which it would show nothing", async () => {
    const never = bytesParser("x", { samples, parse: () => undefined });
    await assert.rejects(fuzz(never, 1, 10), /none of the samples of x is accepted/u);
  });
});
