import { decodeEpoch } from "../../../../src/node/account/epochs.ts";
import { encodeSigned } from "../../../../src/node/account/signed-record.ts";
import type { CborValue } from "../../../../src/node/blocks/cbor.ts";
import { toHex } from "../../../../src/node/core/bytes.ts";
import { isCloudError } from "../../../../src/node/core/cloud-error.ts";
import { signatureDomains } from "../../../../src/node/crypto/domains.ts";
import { nodePrimitives as primitives } from "../../../../src/node/platform/primitives.ts";
import { firstRoster, override } from "../lists/roster-story.make.ts";
import type { VectorValue } from "../../vector-file.ts";

/** An epoch statement that is too long to be written out: the bytes of its files and its handover. */
export interface LargeEpoch {
  readonly boxes: readonly number[];
  readonly handover: number;
}

/** The bytes of the first epoch statement of the space of all vectors, as the override key signs it. */
export function largeEpoch({ boxes, handover }: LargeEpoch): Uint8Array {
  const fields = {
    version: 1,
    space: firstRoster.space,
    n: 1,
    check: new Uint8Array(32),
    boxes: boxes.map((length, i): CborValue => {
      const to = new Uint8Array(32);
      new DataView(to.buffer).setUint32(0, i);
      return [to, new Uint8Array(length)];
    }),
    handover: new Uint8Array(handover),
    signer: override.publicKey,
  };
  return encodeSigned(fields, override, signatureDomains.epoch);
}

/** With which code a statement is refused; `null`: it is not. */
export function refusalOf(bytes: Uint8Array): string | null {
  try {
    decodeEpoch(primitives, bytes);
    return null;
  } catch (error) {
    if (isCloudError(error)) return error.code;
    throw error;
  }
}

/** Epoch statements at their bounds. */
export function largeEpochs(): VectorValue {
  const most = Array.from({ length: 14 }, () => 65_536);
  const cases: [name: string, spec: LargeEpoch][] = [
    [
      "files and a handover as large as may be, and 1,048,576 bytes",
      { boxes: [...most, 64_707], handover: 65_536 },
    ],
    ["a byte more", { boxes: [...most, 64_708], handover: 65_536 }],
    ["as many boxes as may be", { boxes: Array.from({ length: 257 }, () => 1), handover: 1 }],
  ];
  return cases.map(([name, spec]) => {
    const bytes = largeEpoch(spec);
    const hash = toHex(primitives.sha256(bytes));
    return { name, ...spec, length: bytes.length, hash, code: refusalOf(bytes) };
  });
}
