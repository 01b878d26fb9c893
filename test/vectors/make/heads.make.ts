import {
  type CommittedPut,
  commitment,
  proveCommitment,
  saltedLeaves,
} from "../../../src/node/account/commitment.ts";
import { type Head, type HeadTerms, signHead } from "../../../src/node/account/heads.ts";
import { tipsHash } from "../../../src/node/account/lists/roster.ts";
import { certifyWriter, encodeCertificate, writerHeadKey } from "../../../src/node/account/writers.ts";
import { decodeLink } from "../../../src/node/blocks/link.ts";
import { concatBytes, toHex } from "../../../src/node/core/bytes.ts";
import { asBlockId, asSpaceId, asWriterId } from "../../../src/node/core/ids.ts";
import { asEpochKey, epochKeys } from "../../../src/node/crypto/derive.ts";
import { signatureDomains } from "../../../src/node/crypto/domains.ts";
import { nodePrimitives as primitives } from "../../../src/node/platform/primitives.ts";
import { resigned } from "../../account/test-accounts.ts";
import { about, labelled, labelledRandom, publicCid, writerSeed } from "./account-inputs.make.ts";
import { judgedHeads } from "./judged-heads.make.ts";
import { firstRoster, pseudonyms } from "./roster-story.make.ts";
import type { VectorValue } from "../vector-file.ts";

const { space } = firstRoster;
const writer = asWriterId(labelled("writer").subarray(0, 16));
const epochKey = asEpochKey(labelled("epoch key"));
const keys = epochKeys(primitives, epochKey);
const writerKey = writerHeadKey(primitives, writerSeed, space);
const certificate = certifyWriter(pseudonyms[0], space, writer, writerKey.publicKey);
const revision = decodeLink(
  concatBytes(Uint8Array.of(1), labelled("revision"), labelled("key of the revision")),
);
const zeros = new Uint8Array(32);

function puts(count: number): CommittedPut[] {
  return Array.from({ length: count }, (_, i) => ({
    stamp: { counter: 5 + (i >> 1), writer },
    record: labelled(`record ${i.toString()}`),
    id: asBlockId(labelled(`block ${i.toString()}`)),
    ...(i % 2 === 0 ? {} : { place: i * 300 }),
  }));
}

/** Heads of a writer, what rosters say of them, and what they commit to. FORMAT §12.7. */
export function makeHeads(): VectorValue {
  const random = labelledRandom("heads");
  const sign = (terms: Partial<HeadTerms>): Head =>
    signHead(
      primitives,
      random,
      writerKey,
      keys.headKey,
      {
        space,
        certificate,
        seq: 1,
        prev: zeros,
        roster: tipsHash(primitives, firstRoster),
        manifest: zeros,
        commit: commitment(primitives, zeros, []),
        ...terms,
      },
      revision,
    );
  const first = sign({});
  const leaves = saltedLeaves(primitives, keys.saltKey, writer, first.commit, puts(5));
  const second = sign({
    seq: 2,
    prev: first.hash,
    manifest: labelled("manifest"),
    commit: commitment(primitives, first.commit, leaves),
  });
  const largest = sign({ seq: Number.MAX_SAFE_INTEGER });
  return {
    about: about("§12.7, heads", [
      "`proofs`: for each leaf the hashes from its sibling upwards.",
      "`judged`: what the roster of the statements says of a head, where just the heads at the places",
      "`knows` are known; `lacks` is the hash of the one that would tell. `elsewhere` is of another space,",
      "and refused by each of the rosters.",
    ]),
    epochKey: toHex(epochKey),
    writerSeed: toHex(writerSeed),
    revision: toHex(concatBytes(Uint8Array.of(1), revision.id, revision.key)),
    heads: [first, second, largest].map(headVector),
    forks: [
      { one: toHex(second.bytes), other: toHex(sign({ seq: 2 }).bytes), fork: true },
      { one: toHex(first.bytes), other: toHex(second.bytes), fork: false },
      { one: toHex(first.bytes), other: toHex(first.bytes), fork: false },
    ],
    judged: judgedHeads(),
    commitments: commitmentVectors(),
    refused: refusedVectors(second),
  };
}

function headVector(head: Head): VectorValue {
  return {
    bytes: toHex(head.bytes),
    hash: toHex(head.hash),
    cid: publicCid(head.hash),
    space: toHex(head.space),
    headKey: toHex(head.headKey),
    certificate: {
      writer: toHex(head.certificate.writer),
      device: toHex(head.certificate.device),
      signature: toHex(head.certificate.signature),
    },
    seq: head.seq,
    prev: toHex(head.prev),
    roster: toHex(head.roster),
    manifest: toHex(head.manifest),
    commit: toHex(head.commit),
    box: toHex(head.box),
  };
}

function commitmentVectors(): VectorValue {
  return [0, 1, 2, 3, 5, 8].map((count) => {
    const previous = count === 0 ? zeros : labelled("commitment before");
    const leaves = saltedLeaves(primitives, keys.saltKey, writer, previous, puts(count));
    return {
      writer: toHex(writer),
      previous: toHex(previous),
      puts: puts(count).map(({ stamp, record, id, place }) => ({
        counter: stamp.counter,
        writer: toHex(stamp.writer),
        record: toHex(record),
        id: toHex(id),
        place: place ?? null,
      })),
      leaves: leaves.map(({ put, salt }) => ({ put: toHex(put), salt: toHex(salt) })),
      commit: toHex(commitment(primitives, previous, leaves)),
      proofs: leaves.map(
        (_, i) => proveCommitment(primitives, previous, leaves, i)?.path.map(toHex) ?? null,
      ),
    };
  });
}

function refusedVectors(head: Head): VectorValue {
  const changed = (changes: Parameters<typeof resigned>[3]): string =>
    toHex(resigned(head.bytes, writerKey, signatureDomains.head, changes));
  const elsewhere = asSpaceId(labelled("another space"));
  const foreign = certifyWriter(pseudonyms[0], elsewhere, writer, writerKey.publicKey);
  return [
    {
      code: "damaged",
      name: "altered",
      bytes: toHex(head.bytes.with(60, (head.bytes[60] ?? 0) ^ 1)),
    },
    { code: "damaged", name: "cut short", bytes: toHex(head.bytes.subarray(0, -1)) },
    { code: "damaged", name: "bytes left over", bytes: `${toHex(head.bytes)}00` },
    { code: "damaged", name: "without a field", bytes: changed({ commit: undefined }) },
    {
      code: "damaged",
      name: "a field of another size",
      bytes: changed({ prev: new Uint8Array(31) }),
    },
    { code: "damaged", name: "seq 0", bytes: changed({ seq: new Uint8Array(8) }) },
    {
      code: "damaged",
      name: "seq beyond 2^53 - 1",
      bytes: changed({ seq: new Uint8Array(8).fill(255) }),
    },
    {
      code: "damaged",
      name: "a certificate for another space",
      bytes: changed({ certificate: encodeCertificate(foreign) }),
    },
    { code: "newer", name: "version 2", bytes: changed({ version: 2 }) },
    { code: "newer", name: "an unknown field", bytes: changed({ time: 1 }) },
  ];
}
