import {
  type CommitmentProof,
  type CommittedPut,
  commitment,
  type Leaf,
  proveCommitment,
  saltedLeaves,
} from "../../../../src/node/account/commitment.ts";
import { type Head, type HeadTerms, lastSeq, signHead } from "../../../../src/node/account/heads.ts";
import { tipsHash } from "../../../../src/node/account/lists/roster.ts";
import {
  certifyWriter,
  encodeCertificate,
  writerHeadKey,
} from "../../../../src/node/account/writers.ts";
import { decodeLink } from "../../../../src/node/blocks/link.ts";
import { concatBytes, toHex } from "../../../../src/node/core/bytes.ts";
import { asBlockId, asSpaceId, asWriterId } from "../../../../src/node/core/ids.ts";
import { asEpochKey, epochKeys } from "../../../../src/node/crypto/derive.ts";
import { signatureDomains } from "../../../../src/node/crypto/domains.ts";
import { nodePrimitives as primitives } from "../../../../src/node/platform/primitives.ts";
import { resigned } from "../../../account/test-accounts.ts";
import { about, labelled, labelledRandom, publicCid, writerSeed } from "../account/account-inputs.make.ts";
import { judgedHeads } from "./judged-heads.make.ts";
import { firstRoster, pseudonyms } from "../lists/roster-story.make.ts";
import type { VectorValue } from "../../vector-file.ts";

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
const another = asSpaceId(labelled("another space"));

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
  const elsewhere = {
    space: another,
    certificate: certifyWriter(pseudonyms[0], another, writer, writerKey.publicKey),
  };
  const last = sign({
    seq: lastSeq,
    prev: second.hash,
    commit: commitment(primitives, second.commit, []),
  });
  return {
    about: about("§12.7, heads", [
      "`last`: whether the writer says by it that it writes no more.",
      "`proofs`: for each leaf the hashes from its sibling upwards. `falseProofs` show nothing, each for a",
      "reason of its own alone.",
      "`judged`: what the roster of the statements says of a head, where just the heads at the places",
      "`knows` are known; `lacks` is the hash of the one that would tell. `elsewhere` is of another space,",
      "and refused by each of the rosters.",
    ]),
    epochKey: toHex(epochKey),
    writerSeed: toHex(writerSeed),
    revision: toHex(concatBytes(Uint8Array.of(1), revision.id, revision.key)),
    heads: [first, second, last].map(headVector),
    forks: [
      ...[writerOf("another"), elsewhere].map((changes) => ({
        one: toHex(second.bytes),
        other: toHex(sign({ seq: 2, ...changes }).bytes),
        fork: false,
      })),
      { one: toHex(second.bytes), other: toHex(sign({ seq: 2 }).bytes), fork: true },
      { one: toHex(first.bytes), other: toHex(second.bytes), fork: false },
      { one: toHex(first.bytes), other: toHex(first.bytes), fork: false },
    ],
    judged: judgedHeads(),
    commitments: commitmentVectors(),
    falseProofs: falseProofs(),
    refused: refusedVectors(second),
  };
}

/** Another writer of the same device, by the same key. */
function writerOf(name: string): Partial<HeadTerms> {
  const id = asWriterId(labelled(`writer ${name}`).subarray(0, 16));
  return { certificate: certifyWriter(pseudonyms[0], space, id, writerKey.publicKey) };
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
    last: head.seq === lastSeq,
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

/** Proofs by which something follows that was not committed to. */
function falseProofs(): VectorValue {
  const previous = labelled("commitment before");
  const leavesOf = (count: number): Leaf[] =>
    saltedLeaves(primitives, keys.saltKey, writer, previous, puts(count));
  const prove = (leaves: readonly Leaf[], index: number): CommitmentProof =>
    proveCommitment(primitives, previous, leaves, index) as CommitmentProof;
  const one = leavesOf(1);
  const two = leavesOf(2);
  const three = leavesOf(3);
  const [alone, left, right] = [prove(one, 0), prove(two, 0), prove(two, 1)];
  const last = prove(three, 2);
  const shifted = (leaf: Leaf, by: number): Leaf => {
    const bytes = concatBytes(leaf.salt, leaf.put);
    return { salt: bytes.subarray(0, 16 + by), put: bytes.subarray(16 + by) };
  };
  const placed = two.find(({ put }) => put.length === 90) as Leaf;
  const odd = [{ salt: alone.leaf.salt, put: alone.leaf.put.subarray(1) }];
  const cases: [name: string, leaves: readonly Leaf[], proof: CommitmentProof][] = [
    ["the index is the count", one, { ...alone, index: 1 }],
    ["the index is beyond the count", one, { ...alone, index: 2 }],
    ["the index is -1", one, { ...alone, index: -1 }],
    ["the index is no integer", two, { ...left, index: 0.5 }],
    ["the index of the other leaf", two, { ...left, index: 1 }],
    ["fewer leaves, and a path that is too long", three, { ...last, index: 0, count: 1 }],
    ["more leaves, and a path that is too short", one, { ...alone, count: 2 }],
    ["another sibling", two, { ...left, path: right.path }],
    ["another commitment before", one, { ...alone, previous: zeros }],
    ["a put of another length", odd, prove(odd, 0)],
    [
      "the end of a put in its salt",
      two,
      { ...prove(two, two.indexOf(placed)), leaf: shifted(placed, 2) },
    ],
  ];
  return cases.map(([name, leaves, { leaf, index, count, path, previous: before }]) => ({
    name,
    put: toHex(leaf.put),
    salt: toHex(leaf.salt),
    index,
    count,
    path: path.map(toHex),
    previous: toHex(before),
    commit: toHex(commitment(primitives, previous, leaves)),
  }));
}

function refusedVectors(head: Head): VectorValue {
  const changed = (changes: Parameters<typeof resigned>[3]): string =>
    toHex(resigned(head.bytes, writerKey, signatureDomains.head, changes));
  const foreign = certifyWriter(pseudonyms[0], another, writer, writerKey.publicKey);
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
    {
      code: "damaged",
      name: "a head key that is a list of its bytes",
      bytes: changed({ headKey: [...head.headKey] }),
    },
    // 582 bytes, and of the field beside its bytes 1 + 4 for the name and 3 for the length.
    {
      code: "newer",
      name: "an unknown field, and 4,096 bytes",
      bytes: changed({ more: new Uint8Array(4096 - 582 - 8) }),
    },
    {
      code: "damaged",
      name: "an unknown field, and 4,097 bytes",
      bytes: changed({ more: new Uint8Array(4097 - 582 - 8) }),
    },
  ];
}
