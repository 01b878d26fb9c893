import {
  checkCommitment,
  commitment,
  proveCommitment,
} from "../../../src/node/account/commitment.ts";
import { openEpoch } from "../../../src/node/account/epoch-keys.ts";
import {
  asEpochHash,
  checkEpochs,
  currentEpoch,
  decodeEpoch,
} from "../../../src/node/account/epochs.ts";
import { decodeHead, type Head, openHead } from "../../../src/node/account/heads.ts";
import { decodeCuts, encodeCuts } from "../../../src/node/account/lists/cuts.ts";
import { openDeviceList } from "../../../src/node/account/lists/device-list.ts";
import { openRoster, tipsHash } from "../../../src/node/account/lists/roster.ts";
import { bytesOf } from "../../../src/node/account/lists/statement-set.ts";
import { encodeSigned } from "../../../src/node/account/signed-record.ts";
import { certifyWriter, encodeCertificate } from "../../../src/node/account/writers.ts";
import { type CborValue, decodeCanonical, encodeCanonical } from "../../../src/node/blocks/cbor.ts";
import { encodeLink } from "../../../src/node/blocks/link.ts";
import { asBytes, asInteger, asList, asTuple } from "../../../src/node/blocks/shape.ts";
import { concatBytes, fromHex, toHex, uint64Bytes } from "../../../src/node/core/bytes.ts";
import { IdSet } from "../../../src/node/core/id-map.ts";
import { asSpaceId, asWriterId } from "../../../src/node/core/ids.ts";
import { sealBox } from "../../../src/node/crypto/box.ts";
import { asEpochKey, epochKeys } from "../../../src/node/crypto/derive.ts";
import {
  boxDomains,
  type SignatureDomain,
  signatureDomains,
} from "../../../src/node/crypto/domains.ts";
import { asPublicKey, type SigningKey } from "../../../src/node/crypto/sign.ts";
import { nodePrimitives } from "../../../src/node/platform/primitives.ts";
import { testIdentity, testOverride, testRoot } from "../../account/test-accounts.ts";
import { readVectors } from "../../vectors/vector-file.ts";
import { bytesParser, Flaw, type Parser } from "../parser.ts";
import { vectorBytes } from "../vectors.ts";

const what = "what is tried";
const nonce = (): Uint8Array => new Uint8Array(24);
const hex = (digits: string): Uint8Array => fromHex(digits) ?? new Uint8Array(0);
interface Listed {
  readonly space: string;
  readonly account: string;
  readonly override: string;
  readonly statements: readonly { readonly bytes: string }[];
  readonly lists: readonly { readonly statements: readonly number[] }[];
}
const rosters = readVectors("rosters") as Listed;
const devices = readVectors("devices") as Listed;
const epochs = readVectors("epochs") as {
  readonly space: string;
  readonly current: {
    readonly statements: readonly { readonly bytes: string; readonly signer: string }[];
  };
};
const space = asSpaceId(hex(rosters.space));
const account = asPublicKey(hex(devices.account));
const epochKey = asEpochKey(new Uint8Array(32).fill(5));
const epochSpace = asSpaceId(hex(epochs.space));
const writer = asWriterId(new Uint8Array(16).fill(6));
const writerKey = testIdentity(7);
const deviceKey = testIdentity(8);

/** Lists of some statements, as the vectors combine them. */
function listsOf({ statements, lists }: Pick<Listed, "statements" | "lists">): Uint8Array[] {
  return lists
    .map((list) => list.statements.map((at) => hex(statements[at]?.bytes ?? "")))
    .filter((list) => list.length > 0 && list.length < 9)
    .map((list) => encodeCanonical(list));
}

const listOf = (bytes: Uint8Array): Uint8Array[] =>
  asList(decodeCanonical(bytes, what), what).map((item) => asBytes(item, what));

/** Records without their signature: those that are signed anew once they were changed. */
function unsigned(records: readonly Uint8Array[]): Uint8Array[] {
  return records.flatMap((bytes) => {
    try {
      const { signature, ...fields } = decodeCanonical(bytes, what) as Record<string, CborValue>;
      return signature === undefined ? [] : [encodeCanonical(fields)];
    } catch {
      return [];
    }
  });
}

/** Signs whatever fields there are, by a key that they are made to name. */
function signed(
  bytes: Uint8Array,
  key: SigningKey,
  domain: SignatureDomain,
  own: Readonly<Record<string, CborValue>>,
): Uint8Array {
  const value = decodeCanonical(bytes, what);
  if (
    value === null ||
    typeof value !== "object" ||
    Array.isArray(value) ||
    value instanceof Uint8Array
  )
    return bytes;
  return encodeSigned({ ...(value as Record<string, CborValue>), ...own }, key, domain);
}

/** A head by a writer whom its device certified in the space that it names. */
function signedHead(bytes: Uint8Array): Uint8Array {
  const headKey = writerKey.publicKey;
  const certificate = encodeCertificate(certifyWriter(deviceKey, space, writer, headKey));
  return signed(bytes, writerKey, signatureDomains.head, { space, headKey, certificate });
}

function decodeEach(bytes: Uint8Array): ReturnType<typeof decodeEpoch>[] {
  return listOf(bytes).map((each) => decodeEpoch(nodePrimitives, each));
}

const sameBytes = ({ bytes }: { readonly bytes: Uint8Array }): Uint8Array => bytes;
const leaves = Array.from({ length: 5 }, (_, i) => ({
  put: new Uint8Array(i % 2 === 0 ? 88 : 90).fill(i),
  salt: new Uint8Array(16).fill(i),
}));
const previous = new Uint8Array(32);
const commit = commitment(nodePrimitives, previous, leaves);

/** An epoch that hands on what is tried. */
function openHandover(handover: Uint8Array): ReturnType<typeof openEpoch> {
  const keys = epochKeys(nodePrimitives, epochKey);
  const n = 2;
  const context = concatBytes(epochSpace, uint64Bytes(n), keys.check);
  const nothing = new Uint8Array(0);
  return openEpoch(
    nodePrimitives,
    {
      space: epochSpace,
      n,
      check: keys.check,
      boxes: [],
      handover: sealBox(keys.handoverKey, boxDomains.handover, context, handover, nonce),
      hash: asEpochHash(new Uint8Array(32)),
      bytes: nothing,
      signer: testRoot.publicKey,
    },
    epochKey,
  );
}

function openBoxed(link: Uint8Array): ReturnType<typeof openHead> {
  const seq = 3;
  const { headKey } = epochKeys(nodePrimitives, epochKey);
  const context = concatBytes(space, writer, uint64Bytes(seq));
  const box = sealBox(headKey, boxDomains.headLink, context, link, nonce);
  return openHead({ space, seq, box, certificate: { writer } } as Head, [headKey]);
}

/** What is said in public, and signed. */
export const statementParsers: readonly Parser[] = [
  bytesParser("a head", {
    samples: () => vectorBytes("heads"),
    parse: (bytes) => decodeHead(nodePrimitives, bytes),
    encode: sameBytes,
    share: 0.5,
  }),
  bytesParser("a head that is signed", {
    samples: () => unsigned(vectorBytes("heads")),
    parse: (bytes) => decodeHead(nodePrimitives, signedHead(bytes)),
    share: 0.05,
  }),
  bytesParser("the link in a head", {
    samples: () => vectorBytes("links"),
    parse: openBoxed,
    encode: encodeLink,
    share: 0.2,
  }),
  bytesParser("an epoch statement", {
    samples: () => vectorBytes("epochs"),
    parse: (bytes) => decodeEpoch(nodePrimitives, bytes),
    encode: sameBytes,
    share: 0.5,
  }),
  bytesParser("an epoch statement that is signed", {
    samples: () => unsigned(vectorBytes("epochs")),
    parse: (bytes) => {
      const own = { signer: testRoot.publicKey };
      return decodeEpoch(nodePrimitives, signed(bytes, testRoot, signatureDomains.epoch, own));
    },
    share: 0.05,
  }),
  bytesParser("the epochs of a space", {
    samples: () => {
      const { statements } = epochs.current;
      return statements.map((_, i) =>
        encodeCanonical(statements.slice(0, i + 1).map(({ bytes }) => hex(bytes))),
      );
    },
    parse: (bytes) => {
      const statements = decodeEach(bytes);
      if (statements.length === 0) return undefined;
      const [first] = statements;
      checkEpochs(first?.space ?? epochSpace, statements);
      const readers = new IdSet(
        epochs.current.statements.map(({ signer }) => asPublicKey(hex(signer))),
      );
      currentEpoch(readers, testOverride.publicKey, statements);
      return statements;
    },
    share: 0.02,
  }),
  bytesParser("what an epoch hands on", {
    samples: () =>
      [0, 2].map((count) => {
        const claim = [new Uint8Array(32), new Uint8Array(32), new Uint8Array(64)];
        const claims = Array.from({ length: count }, () => claim);
        return encodeCanonical({
          version: 1,
          before: new Uint8Array(32),
          boundary: new Uint8Array(32),
          claims,
        });
      }),
    parse: openHandover,
    share: 0.1,
  }),
  bytesParser("a device list", {
    samples: () => listsOf(devices),
    parse: (bytes) => openDeviceList(nodePrimitives, account, listOf(bytes)),
    check: (list) => {
      const again = openDeviceList(nodePrimitives, account, bytesOf(list).reverse());
      if (again.standing.present.size !== list.standing.present.size)
        throw new Flaw("another list");
    },
    share: 0.02,
  }),
  bytesParser("a device's addition that is signed", {
    samples: () => unsigned(vectorBytes("devices")).filter((bytes) => isOf(bytes, "add")),
    parse: (bytes) => {
      const own = { account, signer: testRoot.publicKey, prev: [], n: 1 };
      return openDeviceList(nodePrimitives, account, [
        signed(bytes, testRoot, signatureDomains.deviceStatement, own),
      ]);
    },
    share: 0.05,
  }),
  bytesParser("a roster", {
    samples: () => listsOf(rosters),
    parse: (bytes) => openRoster(nodePrimitives, space, listOf(bytes)),
    check: (roster) => {
      const again = openRoster(nodePrimitives, space, bytesOf(roster).reverse());
      const [one, other] = [roster, again].map((each) => toHex(tipsHash(nodePrimitives, each)));
      if (one !== other) throw new Flaw("another roster");
    },
    share: 0.02,
  }),
  bytesParser("a founding statement that is signed", {
    samples: () => unsigned(vectorBytes("rosters")).filter((bytes) => isOf(bytes, "found")),
    parse: (bytes) => {
      const own = { signer: testOverride.publicKey, override: testOverride.publicKey };
      const founding = signed(bytes, testOverride, signatureDomains.roster, own);
      return openRoster(nodePrimitives, asSpaceId(nodePrimitives.sha256(founding)), [founding]);
    },
    share: 0.05,
  }),
  bytesParser("the cuts of a device", {
    samples: () =>
      [0, 1, 4].map((count) =>
        encodeCanonical(
          encodeCuts(
            Array.from({ length: count }, (_, i) => ({
              writer: asWriterId(new Uint8Array(16).fill(i)),
              seq: i + 1,
              head: new Uint8Array(32),
            })),
          ),
        ),
      ),
    parse: (bytes) => decodeCuts(decodeCanonical(bytes, what), what),
    encode: (cuts) => encodeCanonical(encodeCuts(cuts)),
  }),
  bytesParser("the proof of a put", {
    samples: () =>
      leaves.map((_, index) => {
        const proof = proveCommitment(nodePrimitives, previous, leaves, index);
        return encodeCanonical([
          leaves[index]?.put ?? null,
          leaves[index]?.salt ?? null,
          index,
          leaves.length,
          [...(proof?.path ?? [])],
        ]);
      }),
    parse: (bytes) => {
      const [put, salt, index, count, path] = asTuple(decodeCanonical(bytes, what), 5, what);
      const proof = {
        leaf: { put: asBytes(put, what), salt: asBytes(salt, what) },
        index: asInteger(index, what),
        count: asInteger(count, what),
        path: asList(path, what).map((hash) => asBytes(hash, what)),
        previous,
      };
      return checkCommitment(nodePrimitives, proof, commit) ? proof : undefined;
    },
    check: ({ leaf }) => {
      const isCommitted = leaves.some(({ put }) => toHex(put) === toHex(leaf.put));
      if (!isCommitted) throw new Flaw("a put is shown that was not committed to");
    },
  }),
];

function isOf(bytes: Uint8Array, action: string): boolean {
  const value = decodeCanonical(bytes, what) as Record<string, CborValue>;
  return value["action"] === action;
}
