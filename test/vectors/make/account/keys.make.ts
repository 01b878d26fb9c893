import { accountKeys, accountName, overrideKey } from "../../../../src/node/account/account.ts";
import {
  claimPseudonym,
  deviceIdentity,
  devicePseudonym,
  deviceReceiveSeed,
} from "../../../../src/node/account/device-keys.ts";
import { introduceDevice } from "../../../../src/node/account/lists/device-list.ts";
import { writerHeadKey, writerNameSeed } from "../../../../src/node/account/writers.ts";
import { concatBytes, toHex, toUtf8 } from "../../../../src/node/core/bytes.ts";
import { asSpaceId } from "../../../../src/node/core/ids.ts";
import { sealBox } from "../../../../src/node/crypto/box.ts";
import { asEpochKey, deriveKey, epochKeys } from "../../../../src/node/crypto/derive.ts";
import { boxDomains, derivationDomains, signatureDomains } from "../../../../src/node/crypto/domains.ts";
import {
  asReceiveSeed,
  identityText,
  recipientOf,
  recipientText,
  sealAge,
} from "../../../../src/node/crypto/recipients.ts";
import { asSigningSeed, signingKey, type SigningSeed } from "../../../../src/node/crypto/sign.ts";
import { nodePrimitives as primitives } from "../../../../src/node/platform/primitives.ts";
import {
  about,
  accountSecret,
  deviceSeeds,
  labelled,
  labelledRandom,
  spaceNonce,
  withFixedAge,
  writerSeed,
} from "./account-inputs.make.ts";
import type { VectorValue } from "../../vector-file.ts";

const hexEach = (record: Readonly<Record<string, Uint8Array>>): VectorValue =>
  Object.fromEntries(Object.entries(record).map(([name, bytes]) => [name, toHex(bytes)]));

/** Derivation, signatures, boxes and recipients. FORMAT §4.1. */
export async function makeKeys(): Promise<VectorValue> {
  const secret = labelled("secret");
  const context = toUtf8("context");
  const epochKey = asEpochKey(labelled("epoch key"));
  return {
    about: about("§4.1, keys", [
      "`derivations`: HKDF-SHA256 of `secret` with the domain as info, and with domain, 0 and `context` as info.",
      "`signatures`: over domain, 0 and message; a `weak` one is refused for its points alone, whatever",
      "the equation says. A file of `age` in three parts has zeros, so many, in the middle. `boxes`: associated data is domain, 0 and context.",
    ]),
    derivations: Object.values(derivationDomains).map((domain) => ({
      domain,
      secret: toHex(secret),
      key: toHex(deriveKey(primitives, secret, domain)),
      context: toHex(context),
      keyWithContext: toHex(deriveKey(primitives, secret, domain, context)),
    })),
    epoch: hexEach({ epochKey, ...epochKeys(primitives, epochKey) }),
    account: await accountVector(),
    devices: await Promise.all(deviceSeeds.map(deviceVector)),
    writer: writerVector(),
    signatures: signatureVectors(),
    boxes: boxVectors(),
    age: await ageVectors(),
  };
}

async function accountVector(): Promise<VectorValue> {
  const keys = await accountKeys(primitives, accountSecret);
  return {
    secret: toHex(accountSecret),
    root: toHex(keys.root.publicKey),
    name: accountName(primitives, keys.root.publicKey),
    recoverSeed: toHex(keys.recoverSeed),
    recover: toHex(keys.recover),
    locate: toHex(signingKey(primitives, keys.locateSeed).publicKey),
    nonce: toHex(spaceNonce),
    override: toHex(overrideKey(primitives, accountSecret, spaceNonce).publicKey),
  };
}

async function deviceVector(seed: (typeof deviceSeeds)[number]): Promise<VectorValue> {
  const identity = deviceIdentity(primitives, seed);
  const pseudonym = devicePseudonym(primitives, seed, spaceNonce);
  const receiveSeed = deviceReceiveSeed(primitives, seed);
  const receive = await recipientOf(receiveSeed);
  const { root } = await accountKeys(primitives, accountSecret);
  const { proof } = introduceDevice(root.publicKey, identity, receive, false);
  return {
    seed: toHex(seed),
    identity: toHex(identity.publicKey),
    receiveSeed: toHex(receiveSeed),
    receive: toHex(receive),
    account: toHex(root.publicKey),
    proof: toHex(proof),
    nonce: toHex(spaceNonce),
    pseudonym: toHex(pseudonym.publicKey),
    claim: toHex(claimPseudonym(identity, pseudonym.publicKey, spaceNonce).signature),
  };
}

function writerVector(): VectorValue {
  const space = asSpaceId(labelled("a space"));
  return {
    seed: toHex(writerSeed),
    space: toHex(space),
    headKey: toHex(writerHeadKey(primitives, writerSeed, space).publicKey),
    nameKey: toHex(signingKey(primitives, writerNameSeed(primitives, writerSeed, space)).publicKey),
  };
}

function signatureVectors(): VectorValue {
  const seed = asSigningSeed(labelled("signer"));
  const key = signingKey(primitives, seed);
  const message = toUtf8("what is signed");
  const full = signingKey(primitives, fullTopSeed());
  const holding = Object.values(signatureDomains).map((domain) => ({
    domain,
    seed: toHex(seed),
    publicKey: toHex(key.publicKey),
    message: toHex(message),
    signature: toHex(key.sign(domain, message)),
    holds: true,
  }));
  const [first] = holding;
  const identity = `01${"00".repeat(31)}`;
  const noPoint = `ed${"ff".repeat(30)}7f`;
  const signed = first?.signature ?? "";
  const [r, s] = [signed.slice(0, 64), signed.slice(64)];
  const raised = littleEndian(numberOf(s) + groupOrder);
  return [
    ...holding,
    { ...first, domain: signatureDomains.head, holds: false, why: "for another purpose" },
    { ...first, message: toHex(toUtf8("what was signed")), holds: false, why: "another message" },
    {
      ...first,
      seed: toHex(fullTopSeed()),
      publicKey: toHex(full.publicKey),
      signature: toHex(full.sign(first?.domain ?? signatureDomains.head, message)),
      holds: true,
      why: "the key begins and ends like one that is not reduced",
    },
    ...[`eb${"ff".repeat(30)}7f`, `ed${"ff".repeat(30)}3f`].map((publicKey) => ({
      ...first,
      publicKey,
      holds: false,
      why: "another key, close to one that is not reduced",
    })),
    { ...first, signature: `${r}${raised}`, holds: false, why: "S is not below the order" },
    // By the curve's equation alone this holds for every message.
    {
      ...first,
      publicKey: identity,
      signature: `${identity}${"00".repeat(32)}`,
      holds: false,
      weak: true,
      why: "the key is of small order",
    },
    { ...first, publicKey: noPoint, holds: false, weak: true, why: "the key's y is not reduced" },
    // Made with r = 0: the equation holds.
    {
      ...first,
      signature: `${identity}${proofWithoutNonce(seed, key, first?.domain ?? "", message)}`,
      holds: false,
      weak: true,
      why: "R is of small order",
    },
    {
      ...first,
      signature: `${noPoint}${s}`,
      holds: false,
      weak: true,
      why: "R's y is not reduced",
    },
  ] as VectorValue;
}

/** The seed of a key of which the first byte is 0xed or more and the last 0x7f or 0xff. */
function fullTopSeed(): SigningSeed {
  for (let i = 0; ; i++) {
    const seed = asSigningSeed(labelled(`signer ${i.toString()}`));
    const { publicKey } = signingKey(primitives, seed);
    if ((publicKey[0] ?? 0) >= 0xed && ((publicKey[31] ?? 0) & 0x7f) === 0x7f) return seed;
  }
}

const groupOrder = 2n ** 252n + 27_742_317_777_372_353_535_851_937_790_883_648_493n;

function numberOf(littleEndianHex: string): bigint {
  return BigInt(`0x${littleEndianHex.match(/../gu)?.reverse().join("") ?? ""}`);
}

function littleEndian(value: bigint): string {
  const digits = value.toString(16).padStart(64, "0");
  return digits.match(/../gu)?.reverse().join("") ?? "";
}

/** S = k a mod L: what RFC 8032 §5.1.6 comes to with a nonce of 0, of which R is the identity. */
function proofWithoutNonce(
  seed: Uint8Array,
  { publicKey }: { readonly publicKey: Uint8Array },
  domain: string,
  message: Uint8Array,
): string {
  const half = primitives.sha512(seed).subarray(0, 32);
  half[0] = (half[0] ?? 0) & 248;
  half[31] = ((half[31] ?? 0) & 127) | 64;
  const identity = new Uint8Array(32).fill(1, 0, 1);
  const bound = concatBytes(toUtf8(domain), Uint8Array.of(0), message);
  const k = numberOf(toHex(primitives.sha512(concatBytes(identity, publicKey, bound))));
  return littleEndian((k * numberOf(toHex(half))) % groupOrder);
}

function boxVectors(): VectorValue {
  const random = labelledRandom("boxes");
  const key = labelled("key of a box");
  const context = toUtf8("context");
  const sealed = [
    "",
    "x",
    "what is sealed, of more than one block of the cipher ".repeat(2),
  ].flatMap((text) =>
    Object.values(boxDomains).map((domain) => ({
      domain,
      key: toHex(key),
      context: toHex(context),
      plaintext: toHex(toUtf8(text)),
      box: toHex(sealBox(key, domain, context, toUtf8(text), random)),
    })),
  );
  const box = sealBox(key, boxDomains.headLink, context, toUtf8("x"), random);
  const common = { domain: boxDomains.headLink, key: toHex(key), context: toHex(context) };
  const refused = [
    { ...common, box: toHex(box.with(30, (box[30] ?? 0) ^ 1)) },
    { ...common, box: toHex(box.subarray(0, -1)) },
    { ...common, domain: boxDomains.handover, box: toHex(box) },
    { ...common, context: "", box: toHex(box) },
    { ...common, key: toHex(labelled("another key")), box: toHex(box) },
    { ...common, box: toHex(box.subarray(0, 39)) },
    { ...common, box: toHex(box.subarray(0, 23)) },
    { ...common, box: "" },
  ];
  return { sealed, refused };
}

async function ageVectors(): Promise<VectorValue> {
  const readers = await Promise.all(
    deviceSeeds.map(async (deviceSeed) => {
      const seed = deviceReceiveSeed(primitives, deviceSeed);
      return {
        seed: toHex(seed),
        identity: identityText(seed),
        recipient: await recipientOf(seed),
      };
    }),
  );
  const plaintext = labelled("epoch key");
  const recipients = readers.map(({ recipient }) => recipient);
  const file = await withFixedAge("age", () => sealAge(recipients, plaintext));
  const seed = readers.map((reader) => reader.seed)[0] ?? "";
  return {
    identities: readers.map(({ recipient, ...rest }) => ({
      ...rest,
      recipient: recipientText(recipient),
    })),
    opened: readers.map((reader) => ({
      seed: reader.seed,
      file: toHex(file),
      plaintext: toHex(plaintext),
    })),
    largest: [await largestAge(65_536)],
    forOthers: [{ seed: toHex(labelled("a stranger")), file: toHex(file) }],
    damaged: [
      { seed, file: toHex(file.subarray(0, -1)) },
      { seed, file: toHex(file.with(-1, (file.at(-1) ?? 0) ^ 1)) },
      { seed, file: toHex(file.with(40, 0)) },
      { seed, file: "" },
    ],
    tooLarge: [await largestAge(65_537)],
  };
}

/**
 * A file of some length whose payload is zeros once sealed, so that a rule can stand for it: what is
 * sealed is the key stream.
 */
async function largestAge(fileBytes: number): Promise<VectorValue> {
  const seed = asReceiveSeed(labelled("reader of the largest file"));
  const recipient = await recipientOf(seed);
  const seal = (plaintext: Uint8Array): Promise<Uint8Array> =>
    withFixedAge("largest", () => sealAge([recipient], plaintext));
  const overhead = (await seal(new Uint8Array(0))).length;
  const head = overhead - 16;
  const stream = (await seal(new Uint8Array(fileBytes - overhead))).subarray(head, -16);
  const file = await seal(stream);
  return {
    seed: toHex(seed),
    file: [toHex(file.subarray(0, head)), { zeros: stream.length }, toHex(file.subarray(-16))],
    plaintext: { sha256: toHex(primitives.sha256(stream)) },
  };
}
