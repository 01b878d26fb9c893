import assert from "node:assert/strict";
import fc from "fast-check";
import type { BlockKey, Link } from "../../src/node/blocks/link.ts";
import { paddedLength } from "../../src/node/blocks/padding.ts";
import { maxBlockBytes } from "../../src/node/blocks/ports.ts";
import {
  type BlockKind,
  blockKinds,
  maxPayloadBytes,
  openBlock,
  sealBlock,
} from "../../src/node/blocks/seal.ts";
import { concatBytes, equalBytes } from "../../src/node/core/bytes.ts";
import { showCid } from "../../src/node/core/cid.ts";
import { asEpochKey, epochKeys } from "../../src/node/crypto/derive.ts";
import { nodePrimitives } from "../../src/node/platform/primitives.ts";
import { below, isLong, randomBytes, seeded } from "./random.ts";
import { referencePlaintext, referenceSeal, zstdFrame } from "./reference-seal.ts";
import { refuses } from "./refuses.ts";
import { testContentKey, testKey } from "./test-maps.ts";

const kinds = Object.keys(blockKinds) as BlockKind[];
const overhead = 32 + 5 + 16;

const seal = (kind: BlockKind, payload: Uint8Array, compress = false) =>
  sealBlock(nodePrimitives, testContentKey, kind, payload, compress);
const open = (link: Link, kind: BlockKind, bytes: Uint8Array): Uint8Array =>
  openBlock(nodePrimitives, link, kind, bytes);

/** Refused as damaged, in a sentence that names the block. */
function isDamaged(link: Link, kind: BlockKind, bytes: Uint8Array, why: RegExp): Promise<void> {
  return refuses(
    () => open(link, kind, bytes),
    "damaged",
    new RegExp(`^the ${kind} block ${showCid(link.id)} can't be opened: .*${why.source}`, "u"),
  );
}

/** A copy with one bit flipped. */
function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = bytes.slice();
  copy[bit >>> 3] = (copy[bit >>> 3] as number) ^ (1 << (bit & 7));
  return copy;
}

describe("a sealed block", () => {
  const sizes = [0, 1, 2, 127, 255, 256, 257, 320, 321, 4096, 4097, 65_531, 65_536, 65_537];
  sizes.push(262_143, 262_144, 262_145, maxPayloadBytes - 1, maxPayloadBytes);
  const largest = Object.fromEntries(
    kinds.map((kind) => [kind, kind === "content" ? 262_144 : maxPayloadBytes]),
  ) as Record<BlockKind, number>;

  for (const kind of kinds) {
    it(`of the kind ${kind} opens to what was sealed, at every size`, () => {
      const random = seeded(7);
      for (const size of sizes.filter((each) => each <= largest[kind])) {
        const payload = size < 70_000 ? randomBytes(random, size) : new Uint8Array(size).fill(7);
        for (const compress of [false, true]) {
          const { link, block } = seal(kind, payload, compress);
          assert.ok(equalBytes(open(link, kind, block.bytes), payload));
          assert.ok(equalBytes(block.id, nodePrimitives.sha256(block.bytes)));
          assert.ok(block.bytes.length <= maxBlockBytes);
          if (!compress) assert.equal(block.bytes.length, overhead + paddedLength(size));
        }
      }
    });
  }

  it("is byte for byte what FORMAT §6 says", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 3000 }),
        fc.constantFrom(...kinds),
        (payload, kind) => {
          const made = seal(kind, payload);
          const expected = referenceSeal(
            testContentKey,
            blockKinds[kind],
            referencePlaintext(0, payload),
          );
          assert.deepEqual(made.link, expected.link);
          assert.deepEqual(made.block.bytes, expected.bytes);
        },
      ),
      { seed: 2, numRuns: isLong ? 20_000 : 300 },
    );
  });

  it("is one for equal payloads, and another for another kind or content key", () => {
    const payload = new Uint8Array(100).fill(1);
    const { block } = seal("content", payload);
    assert.ok(equalBytes(block.bytes, seal("content", payload.slice()).block.bytes));
    assert.ok(!equalBytes(block.id, seal("record", payload).block.id));
    const other = epochKeys(nodePrimitives, asEpochKey(testKey("another epoch"))).contentKey;
    const sealedElsewhere = sealBlock(nodePrimitives, other, "content", payload, false);
    assert.ok(!equalBytes(block.id, sealedElsewhere.block.id));
    assert.ok(
      !equalBytes(block.bytes.subarray(0, 32), sealedElsewhere.block.bytes.subarray(0, 32)),
    );
  });

  it("is compressed where that saves, and only there", () => {
    const even = new Uint8Array(10_000).fill(5);
    assert.equal(seal("content", even, true).block.bytes.length, overhead + 256);
    assert.equal(seal("content", even, false).block.bytes.length, overhead + 10_240);
    const noise = randomBytes(seeded(3), 10_000);
    assert.deepEqual(seal("content", noise, true), seal("content", noise, false));
    const tiny = new Uint8Array(256).fill(5);
    assert.deepEqual(seal("content", tiny, true), seal("content", tiny, false));
  });

  it("hides where inside its padded size the payload ends", () => {
    assert.equal(
      seal("content", new Uint8Array(3585)).block.bytes.length,
      seal("content", new Uint8Array(4096)).block.bytes.length,
    );
  });

  it("is refused at every length but its own", async () => {
    for (const size of [0, 1, 40, 300]) {
      const { link, block } = seal("record", new Uint8Array(size).fill(9));
      for (let end = 0; end < block.bytes.length; end++) {
        await isDamaged(link, "record", block.bytes.subarray(0, end), /it /u);
      }
      await isDamaged(link, "record", concatBytes(block.bytes, Uint8Array.of(0)), /altered/u);
    }
  });

  it("is refused with any bit flipped, in the block or in its key", async () => {
    const { link, block } = seal("record", randomBytes(seeded(4), 70));
    for (let bit = 0; bit < block.bytes.length * 8; bit++) {
      const why = bit < 256 ? /another key/u : /altered/u;
      await isDamaged(link, "record", flipped(block.bytes, bit), why);
    }
    for (let bit = 0; bit < 256; bit++) {
      const key = flipped(link.key, bit) as BlockKey;
      await isDamaged({ ...link, key }, "record", block.bytes, /another key/u);
    }
    const random = seeded(5);
    const large = seal("content", randomBytes(random, 200_000));
    for (let i = 0; i < (isLong ? 2000 : 50); i++) {
      const bit = below(random, large.block.bytes.length * 8);
      await isDamaged(
        large.link,
        "content",
        flipped(large.block.bytes, bit),
        /another key|altered/u,
      );
    }
  });

  it("is refused in another's place", async () => {
    const [a, b] = [seal("record", Uint8Array.of(1)), seal("record", Uint8Array.of(2))];
    await isDamaged(a.link, "record", b.block.bytes, /another key/u);
    const mixed = concatBytes(a.block.bytes.subarray(0, 32), b.block.bytes.subarray(32));
    await isDamaged(a.link, "record", mixed, /altered/u);
  });

  it("is refused as another kind", async () => {
    for (const kind of kinds) {
      const { link, block } = seal(kind, new Uint8Array(50));
      for (const other of kinds) {
        if (other !== kind) await isDamaged(link, other, block.bytes, /another kind/u);
      }
    }
  });

  it("is refused under another suite", async () => {
    const { link, block } = seal("record", new Uint8Array(50));
    await isDamaged({ ...link, suite: 2 }, "record", block.bytes, /altered/u);
  });

  it("is refused when it is larger than any block may be", async () => {
    const plaintext = new Uint8Array(maxBlockBytes);
    const { link, bytes } = referenceSeal(testContentKey, blockKinds.content, plaintext);
    await isDamaged(link, "content", bytes, /it has 1048624 bytes/u);
  });

  it("is not made of a payload that is too large", async () => {
    const tooLarge = new Uint8Array(maxPayloadBytes + 1);
    await refuses(() => seal("pack", tooLarge), "unexpected", /larger than the 524288 allowed/u);
    const chunk = tooLarge.subarray(0, 262_145);
    await refuses(() => seal("content", chunk), "unexpected", /larger than the 262144 allowed/u);
  });

  it("is refused when it opens to more than its kind may hold, compressed or not", async () => {
    for (const kind of ["content", "pack"] as const) {
      const payload = new Uint8Array(largest[kind] + 1).fill(3);
      for (const plaintext of [
        referencePlaintext(0, payload),
        referencePlaintext(1, zstdFrame(payload)),
      ]) {
        const { link, bytes } = referenceSeal(testContentKey, blockKinds[kind], plaintext);
        await isDamaged(link, kind, bytes, /larger than its kind/u);
      }
    }
  });

  it("is compressed, and read compressed, only where its kind may be", async () => {
    const even = new Uint8Array(10_000).fill(5);
    const zstd = referencePlaintext(1, zstdFrame(even));
    for (const kind of kinds) {
      const mayBe = ["content", "record", "pack"].includes(kind);
      const isSmall = seal(kind, even, true).block.bytes.length < 10_000;
      assert.equal(isSmall, mayBe, kind);
      const { link, bytes } = referenceSeal(testContentKey, blockKinds[kind], zstd);
      if (mayBe) assert.deepEqual(open(link, kind, bytes), even);
      else await isDamaged(link, kind, bytes, /codec 1/u);
    }
  });

  it("is refused with a codec that the format does not have", async () => {
    for (const codec of [2, 3, 127, 255]) {
      const plaintext = referencePlaintext(codec, new Uint8Array(40));
      const { link, bytes } = referenceSeal(testContentKey, blockKinds.pack, plaintext);
      await isDamaged(link, "pack", bytes, new RegExp(`codec ${codec.toString()}`, "u"));
    }
  });

  it("is refused with other padding than the format's", async () => {
    const good = referencePlaintext(0, new Uint8Array(4070).fill(1));
    const spoil = (at: number, byte: number): Uint8Array => {
      const copy = good.slice();
      copy[at] = byte;
      return copy;
    };
    const cases: [Uint8Array, RegExp][] = [
      [spoil(good.length - 1, 1), /padding/u],
      [spoil(5 + 4070, 0x80), /padding/u],
      [good.subarray(0, -1), /length/u],
      [concatBytes(good, new Uint8Array(1)), /length/u],
      [concatBytes(good, new Uint8Array(256)), /length/u],
      [spoil(1, 0xff), /length/u],
      [spoil(3, 0), /length/u],
      [new Uint8Array(6), /length/u],
      [Uint8Array.of(0, 0, 0, 0, 1), /length/u],
    ];
    for (const [plaintext, why] of cases) {
      const { link, bytes } = referenceSeal(testContentKey, blockKinds.state, plaintext);
      await isDamaged(link, "state", bytes, why);
    }
    for (const length of [0, 4]) {
      const short = referenceSeal(testContentKey, blockKinds.state, new Uint8Array(length));
      await isDamaged(short.link, "state", short.bytes, /it has/u);
    }
  });

  it("is refused when its compressed body is no single zstd frame", async () => {
    const frame = zstdFrame(new Uint8Array(1000).fill(4));
    const noMagic = frame.slice();
    noMagic[0] = 0;
    const bodies = [
      new Uint8Array(0),
      noMagic,
      frame.subarray(0, -1),
      concatBytes(frame, Uint8Array.of(0)),
      concatBytes(frame, frame),
      frame.subarray(0, 5),
    ];
    for (const body of bodies) {
      const plaintext = referencePlaintext(1, body);
      const { link, bytes } = referenceSeal(testContentKey, blockKinds.content, plaintext);
      await isDamaged(link, "content", bytes, /compressed content is malformed/u);
    }
  });

  it("is refused without being unfolded when it is a bomb", async () => {
    const frame = zstdFrame(new Uint8Array(64 * 1024 * 1024));
    assert.ok(frame.length < maxBlockBytes / 2);
    const plaintext = referencePlaintext(1, frame);
    const { link, bytes } = referenceSeal(testContentKey, blockKinds.content, plaintext);
    const before = process.memoryUsage().rss;
    await isDamaged(link, "content", bytes, /larger than its kind/u);
    assert.ok(process.memoryUsage().rss - before < 16 * 1024 * 1024);
  });

  it("has a constant overhead besides its padding", () => {
    assert.equal(seal("record", new Uint8Array(0)).block.bytes.length, overhead + 256);
    const chunk = seal("content", randomBytes(seeded(8), 262_144), true);
    assert.equal(chunk.block.bytes.length, overhead + 262_144);
  });
});
